"""What a test does behind the pages: it sets up an app, books through the API, reads the mail and moves the clock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from local.process import RunningSystem
from slotline.domain.booking.apps import Agent, Preset
from slotline.domain.shared.working_hours import Window
from slotline.ids import new_id
from tests.support import patient
from tests.support.worlds.api import UNLIMITED, OwnApp, target_of
from tests.support.worlds.later import Later, until
from tools.provision import Provision

WEEKDAYS = tuple(Window(weekday=day, start="09:00", end="17:00", zone="UTC") for day in range(5))
MAILS = {"invitation": ["email"], "cancellation": ["email"]}
_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it lies in the inbox."""

    to: str
    kind: str
    subject: str
    text: str
    html: str
    ics: str

    @property
    def links(self) -> Sequence[str]:
        """Its links, in the order of its text."""
        return tuple(link.rstrip(".,)") for link in _LINK.findall(self.text))

    def link(self, part: str) -> str:
        """The one link that has this in it, such as `/b/`."""
        (found,) = {link for link in self.links if part in link}
        return found


@dataclass(frozen=True, slots=True)
class Booked:
    """A call that a test has booked."""

    call_id: str
    guest_url: str
    guest_email: str
    start: datetime


@dataclass(frozen=True, slots=True)
class Practice:
    """An app that no other test knows, with a widget key, a service that its guests book, and agents."""

    own: OwnApp
    widget_key: str
    preset: Preset

    @property
    def app_id(self) -> str:
        """The app's id, as it is written in paths."""
        return self.own.app_id

    @property
    def agent_ids(self) -> Sequence[str]:
        """The agents' ids, in the order of their names as they were given."""
        return self.own.agent_ids

    @property
    def booking_path(self) -> str:
        """The link to its booking page, as a website has it."""
        return f"/book/{self.app_id}/{self.preset.slug}?widgetKey={self.widget_key}"

    def book(self, start: datetime, **changes: Any) -> Booked:
        """Book through the API, for the first agent and a guest whom nobody else knows, if the changes name no other.

        Changes are fields of the API's request, such as `guestTimezone` or `requireConfirmation`.
        """
        email = changes.pop("guestEmail", None) or f"guest-{uuid4().hex[:12]}@example.com"
        with self.own.client() as api:
            answer = api.create(self.agent_ids[0], start, guestEmail=email, **changes)
            assert answer.status_code == 201, answer.text
        call = answer.json()["data"]["call"]
        return Booked(call["id"], call["guest_url"], email, start)

    def ask(self, method: str, booked: Booked, body: Any = None, verb: str = "") -> dict[str, Any]:
        """Ask something of a call through the API, such as `DELETE`; its answer's data."""
        with self.own.client() as api:
            answer = api.ask(method, f"{booked.call_id}/{verb}", body)
            assert answer.is_success, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def calls(self) -> Sequence[dict[str, Any]]:
        """Every call of the app as the API shows it, with its timeline as `events`."""
        with self.own.client() as api:
            listed = api.ask("GET").json()["data"]["calls"]
            found = [api.ask("GET", call["id"]).json()["data"] for call in listed]
        return [{**one["call"], "events": one["events"]} for one in found]


@dataclass(frozen=True, slots=True)
class Backstage:
    """The running system, from behind."""

    system: RunningSystem

    @property
    def demo(self) -> dict[str, Any]:
        """The demo's data: `app_id`, `widget_key`, `agent_ids`, `services` and the rest of `.local/demo.json`."""
        return self.system.demo

    def practice(
        self,
        *,
        name: str = "Northwind Clinic",
        agents: Sequence[str] = ("Ada Park", "Ben Okoye"),
        hours: Sequence[Window] = WEEKDAYS,
        zone: str = "UTC",
        **rules: Any,
    ) -> Practice:
        """A fresh app, so that tests do not meet. `rules` are fields of the preset, such as `guest_can_cancel=True`."""
        provision = Provision.of(target_of(self.system))
        made = {"preset_id": new_id(), "name": "Consultation", "slug": "consultation", "reminders": MAILS, **rules}
        preset = Preset(**{"branding_name": name, **made})
        app = provision.create_app(name, zone, preset=preset)
        agent_ids = []
        for agent_name in agents:
            agent = Agent(agent_id=new_id(), name=agent_name, working_hours=tuple(hours))
            provision.create_agent(app.app_id, agent)
            agent_ids.append(agent.agent_id)
        key = provision.create_widget_key(app.app_id, UNLIMITED).key
        return Practice(OwnApp(self.system, app.app_id, agent_ids), key, preset)

    def newest_mail(self, to: str, kind: str | None = None) -> Mail:
        """The newest mail to somebody, of this kind if one is named; waits until there is one."""
        found: list[dict[str, Any]] = []

        def has_come() -> bool:
            answer = patient.get(f"{self.system.base_url}/__local/inbox", params={"to": to})
            found[:] = [one for one in answer.json()["messages"] if kind in (None, one["kind"])]
            return bool(found)

        until(has_come, f"a mail to {to}")
        one = found[-1]
        return Mail(one["to"], one["kind"], one["subject"] or "", one["text"], one["html"] or "", one["ics"] or "")

    def weekday(self, days: int = 2, at: str = "10:00") -> datetime:
        """This time of day in UTC, this many days on, or on the next Monday if that is a weekend.

        A day or more: how late it is today depends on what other tests have done with the clock.
        """
        assert days > 0
        now = self.clock.now()
        day = (now + timedelta(days=days)).date()
        day += timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
        return datetime.combine(day, time.fromisoformat(at), now.tzinfo)

    @property
    def clock(self) -> Later:
        """The system's clock: `now()`, `advance(…)`, `advance_to(…)`. It goes forward only, for later tests too."""
        return Later(self.system)

    def ahead(self) -> timedelta:
        """How far the system's clock has been moved on."""
        said = patient.get(f"{self.system.base_url}/__local/clock").json()
        return timedelta(seconds=said["ahead_seconds"])
