"""The timeline of a call in words: what happened, when, and who did it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.calls import EventType, TimelineEvent
from slotline.domain.shared.instants import format_instant, instant_or_none
from slotline.pages.calls.names import Names
from slotline.words.catalogue import Catalogue, catalogue_for, fill
from slotline.words.dates import date_of, time_of

_MESSAGES = frozenset(
    {EventType.REMINDER_SENT, EventType.REMINDER_FAILED, EventType.REMINDER_BOUNCED, EventType.REMINDER_COMPLAINED}
)
_BY_ENGINE = ("nobody_claimed_it", "no_agent_available")
"""Reasons that the engine gives, and that have words."""
_ONE_SIDE = frozenset({"guest", "agent"})
"""Who alone may have missed a call; where both did, nobody came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened. `said`: what somebody wrote about it, as a reason or a note."""

    id: str
    instant: str
    when: str
    who: str
    text: str
    said: str | None = None
    decision: Mapping[str, Any] | None = None
    """The figures behind the engine's pick of an agent, as they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells timelines: by these names, in a zone and a language."""

    names: Names
    zone: ZoneInfo
    words: Catalogue

    @property
    def dates(self) -> Catalogue:
        """How the language writes dates."""
        return catalogue_for(self.words.language)

    def moment(self, instant: datetime) -> str:
        """A day and a time in the zone."""
        local = instant.astimezone(self.zone)
        return f"{date_of(self.dates, local)}, {time_of(self.dates, local)}"

    def lines(self, events: Sequence[TimelineEvent]) -> Sequence[Line]:
        """The latest first."""
        return [self.line(event) for event in reversed(events)]

    def line(self, event: TimelineEvent) -> Line:
        """One event."""
        payload = event.payload
        reason = payload.get("note") or payload.get("reason")
        is_by_engine = event.event_type in _MESSAGES or reason in _BY_ENGINE
        return Line(
            id=event.id,
            instant=format_instant(event.created_at),
            when=self.moment(event.created_at),
            who=self.names.actor(event.actor, self.words),
            text=self._text(event.event_type, payload),
            said=str(reason) if reason and not is_by_engine and not isinstance(reason, Mapping) else None,
            decision=decision if isinstance(decision := payload.get("decision"), Mapping) else None,
        )

    def _text(self, kind: EventType, payload: Mapping[str, Any]) -> str:
        name, values = kind.value, dict(self._values(payload))
        if kind is EventType.ASSIGNED:
            name = self._assigned(payload)
        elif kind is EventType.CREATED and payload.get("assigned_agent_id"):
            name = "created_for"
        elif kind is EventType.COMPLETED and payload.get("outcome"):
            name = "completed_with"
        elif kind is EventType.NO_SHOW and payload.get("missing") in _ONE_SIDE:
            name = f"no_show_{payload['missing']}"
        elif kind in {EventType.JOINED, EventType.LEFT}:
            name = f"{name}_{payload.get('side', 'guest')}"
        elif kind is EventType.ENDED:
            values["talked"] = _clock(payload.get("talked_seconds"))
        elif kind is EventType.UPDATED:
            values["fields"] = ", ".join(self._fields(payload.get("fields", ())))
        return fill(self.words.text("timeline", "events", name), values)

    def _assigned(self, payload: Mapping[str, Any]) -> str:
        if payload.get("new_agent_id") is None:
            return "unassigned"
        if payload.get("reason") == "nobody_claimed_it":
            return "not_claimed"
        return "reassigned" if payload.get("old_agent_id") else "assigned"

    def _values(self, payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name in ("scheduled_at", "old_scheduled_at", "new_scheduled_at"):
            if payload.get(name):
                yield name, self._at(payload[name])
        for name in ("assigned_agent_id", "old_agent_id", "new_agent_id"):
            if payload.get(name):
                yield name, self.names.agent(payload[name], self.words)
        for name, of in (
            ("kind", "kinds"),
            ("channel", "channels"),
            ("audience", "audiences"),
            ("outcome", "outcomes"),
        ):
            if payload.get(name):
                yield name, self._word(of, payload[name])

    def _at(self, said: object) -> str:
        instant = said if isinstance(said, datetime) else instant_or_none(str(said))
        return self.moment(instant) if instant else str(said)

    def _fields(self, names: Sequence[object]) -> Iterator[str]:
        for name in names:
            yield self._word("fields", name)

    def _word(self, of: str, name: object) -> str:
        """The word for something; of what a later release wrote, its name."""
        return str(self.words.words["timeline"][of].get(str(name), name))


def _clock(seconds: object) -> str:
    """A length as a clock shows it: `12:05 min`."""
    whole = int(seconds) if isinstance(seconds, int | float) else 0
    return f"{whole // 60}:{whole % 60:02} min"
