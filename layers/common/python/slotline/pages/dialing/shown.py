"""What the pages about dialing have in common: moments on the app's clock, states as badges, places in lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from slotline.domain.dialing.calls import DialPosition
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.errors import DomainError, InvalidRequest
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain.shared.names import check_name
from slotline.pages.refusals import SAID, fault_text, refusal_text
from slotline.pages.signed import SignedIn
from slotline.words.catalogue import Catalogue, fill
from slotline.words.dates import short_time_of, zone_of

CAMPAIGN_BADGES: Mapping[CampaignState, str] = {
    CampaignState.CREATING: "",
    CampaignState.IMPORTING: "",
    CampaignState.RUNNING: "good",
    CampaignState.PAUSED: "warn",
    CampaignState.COMPLETED: "",
    CampaignState.CANCELED: "bad",
}
_DIGITS = 10
CALL_BADGES: Mapping[DialStatus, str] = {
    DialStatus.COMPLETED: "good",
    DialStatus.TRANSFERRED: "good",
    DialStatus.BUSY: "warn",
    DialStatus.NO_ANSWER: "warn",
    DialStatus.AMD_TERMINATED: "warn",
    DialStatus.UNKNOWN: "warn",
    DialStatus.CANCELED: "bad",
    DialStatus.FAILED: "bad",
}
LONGEST_NAME = 200
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Setting:
    """How a page about dialing shows things to whoever looks at it."""

    signed: SignedIn

    @property
    def words(self) -> Catalogue:
        """What it says."""
        return self.signed.texts

    @property
    def organization_id(self) -> str:
        """Whose calls they are: every app of an organization dials with the same numbers."""
        return self.signed.app.organization_id

    @property
    def zone(self) -> ZoneInfo:
        """On whose clock times are shown: the app's."""
        return self.signed.zone

    def at(self, moment: datetime | None) -> str | None:
        """A moment; its page says on whose clock."""
        return short_time_of(self.signed.dates, moment.astimezone(self.zone)) if moment else None

    def clock(self, now: datetime) -> str:
        """On whose clock, in words."""
        return zone_of(self.signed.dates, now.astimezone(self.zone))

    def campaign_badge(self, state: CampaignState) -> dict[str, str]:
        """A campaign's state: its word, and how its badge looks."""
        return {"text": self.words.text("dialing", "states", state.value), "kind": CAMPAIGN_BADGES[state]}

    def call_badge(self, status: DialStatus) -> dict[str, str]:
        """A call's status, likewise."""
        return {
            "text": self.words.text("dialing", "statuses", status.name.lower()),
            "kind": CALL_BADGES.get(status, ""),
        }

    def why(self, reason: str | None) -> str | None:
        """Why something waits or ended; one that says no more than the status beside it has no words."""
        known: Mapping[str, str] = self.words.words["dialing"]["reasons"]
        return known.get(reason, reason.replace("_", " ")) or None if reason else None

    def to(self, *parts: str, **query: str | None) -> str:
        """The address of a page about dialing in this app."""
        path = "/".join(quote(part, safe="") for part in (self.signed.app.app_id, "dialing", *parts))
        said = {name: value for name, value in query.items() if value}
        return f"/console/{path}" + (f"?{urlencode(said)}" if said else "")

    def done(self) -> str | None:
        """What the address says was done just now, if the page has words for it: anybody can write an address."""
        done = self.signed.asked.query("done") or ""
        return done if done in self.words.words["dialing"]["done"] else None


def is_whole(typed: str) -> bool:
    """Whether what was typed is a whole number that any field takes: Python reads none of thousands of digits."""
    return typed.isascii() and typed.isdecimal() and len(typed) < _DIGITS


def out_of_range(words: Catalogue, name: str, least: int, most: int) -> InvalidRequest:
    """A number in a form that is not between these."""
    values = {"least": str(least), "most": str(most)}
    return InvalidRequest.of_field(name, fill(words.text("dialing", "range"), values), SAID)


def too_long(words: Catalogue, name: str, most: int) -> InvalidRequest:
    """A text in a form that has more characters."""
    return InvalidRequest.of_field(name, fill(words.text("dialing", "too_long"), {"most": str(most)}), SAID)


def name_typed(words: Catalogue, field: str, typed: str) -> str:
    """A name as it was typed, by the rule of the API's; empty if none was. Raises InvalidRequest."""
    if len(typed) > LONGEST_NAME:
        raise too_long(words, field, LONGEST_NAME)
    if typed:
        check_name(typed, field)
    return typed


def written(place: DialPosition) -> str:
    """A place in a list of calls, for an address."""
    return f"{format_instant(place.scheduled_at)}~{place.call_id}"


def place_at(text: str | None) -> DialPosition | None:
    """The place that an address says; none if it says none that there may be."""
    at, _, call_id = (text or "").partition("~")
    try:
        return DialPosition(scheduled_at=parse_instant(at), call_id=call_id[:100])
    except ValueError:
        return None


def said_by(error: DomainError, words: Catalogue, more: Mapping[str, str] = _NOTHING) -> Sequence[dict[str, Any]]:
    """What stands against a request: each with the field that it is about, and its row if it is about one.

    `more`: what the page says of some codes instead, because there they are about something else.
    """
    own = {**words.words["dialing"]["refusals"], **more}
    about = [one for one in error.details if one.field or "row" in one.extra]
    return [
        {"field": one.field, "row": one.extra.get("row"), "message": fault_text(one, words, own)} for one in about
    ] or [{"field": None, "row": None, "message": refusal_text(error, words, own)}]
