"""A scheduled call in words: its start, its state, who has it and whom it is with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import Agent, Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.shared.instants import format_instant
from slotline.pages.signed import SignedIn
from slotline.words.catalogue import Catalogue
from slotline.words.dates import short_time_of

BADGES: Mapping[CallStatus, str] = {
    CallStatus.SCHEDULED: "",
    CallStatus.PENDING_CONFIRMATION: "warn",
    CallStatus.CONFIRMED: "good",
    CallStatus.STARTED: "good",
    CallStatus.COMPLETED: "quiet",
    CallStatus.CANCELLED: "bad",
    CallStatus.NO_SHOW: "bad",
    CallStatus.RESCHEDULED: "quiet",
}
"""The kind of badge that shows a status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWords:
    """How calls are written for one reader: `texts` of the page, `dates` of the messages' catalogue, in one zone."""

    texts: Catalogue
    dates: Catalogue
    zone: ZoneInfo
    now: datetime
    agents: Mapping[str, str]
    """The names of the app's agents, by id."""
    services: Mapping[str, str]
    """The names of its services, by the preset's id."""

    @classmethod
    def of(cls, signed: SignedIn, now: datetime, agents: Sequence[Agent], presets: Sequence[Preset]) -> "CallWords":
        """For somebody who signed in, with the app's agents and presets."""
        return cls(
            texts=signed.texts,
            dates=signed.dates,
            zone=signed.zone,
            now=now,
            agents={one.agent_id: one.name for one in agents},
            services={one.preset_id: one.name for one in presets},
        )

    def at(self, instant: datetime) -> str:
        """An instant in the reader's zone; its year, if that is another one than now."""
        local = instant.astimezone(self.zone)
        year = "" if local.year == self.now.astimezone(self.zone).year else f", {local.year}"
        return f"{short_time_of(self.dates, local)}{year}"

    def moment(self, instant: datetime) -> dict[str, str]:
        """An instant for a `time` element."""
        return {"text": self.at(instant), "iso": format_instant(instant)}

    def agent(self, agent_id: str | None) -> str | None:
        """An agent's name; the id of one who is gone. None if there is none."""
        return self.agents.get(agent_id, agent_id) if agent_id else None

    def service(self, preset_id: str | None) -> str | None:
        """A service's name; None of a call whose service nobody knows any more."""
        return self.services.get(preset_id) if preset_id else None

    def status(self, status: CallStatus) -> dict[str, str]:
        """A status with the kind of its badge."""
        return {"name": self.texts.text("calls", "status", status.value), "kind": BADGES[status]}

    def row(self, call: Call, way: str) -> dict[str, Any]:
        """A call as a row of a list. `way`: to its page."""
        guest = call.guest
        return {
            "id": call.id,
            "revision": call.revision,
            "way": way,
            "start": self.moment(call.scheduled_at),
            "guest": guest.name,
            "contact": [one for one in (guest.email, guest.phone) if one],
            "service": self.service(call.preset_id),
            "agent": self.agent(call.assigned_agent_id),
            "status": self.status(call.status),
            "source": self.texts.text("calls", "source", call.booking_source.value),
            "minutes": call.duration_minutes,
            "booked": self.moment(call.created_at),
            "external_id": call.external_id,
        }
