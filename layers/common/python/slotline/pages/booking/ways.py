"""Addresses of the booking page. What a guest chose stands in them; who the guest is does not."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast
from urllib.parse import quote, urlencode

from slotline.domain.booking.apps import Preset
from slotline.pages.kit import Asked

BOOK = "/book"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One visit's way through the page of a service. `page_pass` stands for the widget key."""

    app_id: str
    service: str
    page_pass: str
    lang: str | None = None
    tz: str | None = None
    agent: str | None = None
    month: str | None = None
    day: str | None = None

    def to(self, step: str = "", **chosen: str | date | None) -> str:
        """The address of a step: what was chosen so far, and what is chosen by this."""
        names = ("agent", "month", "day", "tz", "lang")
        query = {**{name: getattr(self, name) for name in names}, **chosen}
        said = {name: str(value) for name, value in query.items() if value is not None}
        path = "/".join(quote(part, safe="") for part in (self.app_id, self.service, self.page_pass))
        return f"{BOOK}/{path}{f'/{step}' if step else ''}{f'?{urlencode(said)}' if said else ''}"

    def change(self, **chosen: str | None) -> "Way":
        """The same way with an agent, a day, a zone or a language chosen."""
        return replace(self, **cast("dict[str, Any]", chosen))

    @property
    def start(self) -> str:
        """The address of the step at which a time is chosen, with nothing chosen yet."""
        return replace(self, agent=None, month=None, day=None, tz=None, lang=None).to()

    def said(self, *names: str) -> dict[str, str]:
        """What was chosen, for the hidden fields of a form that is sent by GET."""
        return {name: value for name in names if (value := getattr(self, name)) is not None}


def link_to(asked: Asked, preset: Preset) -> str:
    """The first step of a service, by the same link that led to the list of all: with its key and all that it says."""
    service = quote(preset.slug or preset.preset_id, safe="")
    return f"{BOOK}/{quote(asked.token('app_id'), safe='')}/{service}?{asked.event['rawQueryString']}"


def agent_of(asked: Asked) -> str | None:
    """The agent that a step says, or the first link."""
    return asked.id("agent") or asked.id("agentId")
