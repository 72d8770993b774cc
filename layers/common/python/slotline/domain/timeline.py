"""The events of a call's timeline: what each kind says. None carries personal data: the call has it, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slotline.domain.calls import Actor, Call, EventType, TimelineEvent

EVENTS_OF_A_REVISION = 16
"""Room for more than one change can do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What happened, before it has an id, an actor and a time."""

    type: EventType
    payload: Mapping[str, object]


def was_created(call: Call) -> Happening:
    """A call was booked."""
    return Happening(
        type=EventType.CREATED,
        payload={
            "booking_source": call.booking_source.value,
            "assignment_method": call.assignment_method.value,
            "assigned_agent_id": call.assigned_agent_id,
            "scheduled_at": call.scheduled_at,
            "duration_minutes": call.duration_minutes,
            "status": call.status.value,
        },
    )


def was_rescheduled(before: Call, after: Call, reason: str | None) -> Happening:
    """A call was moved."""
    return Happening(
        type=EventType.RESCHEDULED,
        payload={
            "old_scheduled_at": before.scheduled_at,
            "new_scheduled_at": after.scheduled_at,
            "reason": reason,
        },
    )


def was_assigned(
    before: Call | None, after: Call, reason: str | None = None, decision: Mapping[str, object] | None = None
) -> Happening:
    """A call got its agent, or another one. `decision`: the figures behind the engine's pick."""
    return Happening(
        type=EventType.ASSIGNED,
        payload={
            "old_agent_id": before.assigned_agent_id if before else None,
            "new_agent_id": after.assigned_agent_id,
            "reason": reason,
            "decision": decision,
        },
    )


def was_updated(fields: Sequence[str], reason: str | None) -> Happening:
    """Details of the guest changed: which ones, not to what."""
    return Happening(type=EventType.UPDATED, payload={"fields": list(fields), "reason": reason})


def was_confirmed() -> Happening:
    """The guest, or somebody for them, confirmed."""
    return Happening(type=EventType.CONFIRMED, payload={})


def was_cancelled(reason: str | None) -> Happening:
    """A call was cancelled."""
    return Happening(type=EventType.CANCELLED, payload={"reason": reason})


def was_started() -> Happening:
    """Somebody joined."""
    return Happening(type=EventType.STARTED, payload={})


def was_completed() -> Happening:
    """The call took place, and is over."""
    return Happening(type=EventType.COMPLETED, payload={})


def was_missed(reason: str | None = None) -> Happening:
    """Nobody joined."""
    return Happening(type=EventType.NO_SHOW, payload={"reason": reason})


def was_told(reminder_id: str, kind: str, channel: str) -> Happening:
    """A message went out."""
    return Happening(
        type=EventType.REMINDER_SENT, payload={"reminder_id": reminder_id, "kind": kind, "channel": channel}
    )


def was_not_told(reminder_id: str, kind: str, channel: str, reason: str) -> Happening:
    """A message could not be sent, and will not be."""
    return Happening(
        type=EventType.REMINDER_FAILED,
        payload={"reminder_id": reminder_id, "kind": kind, "channel": channel, "reason": reason},
    )


def timeline(
    call: Call, happenings: Sequence[Happening], actor: Actor, event_ids: Sequence[str]
) -> Sequence[TimelineEvent]:
    """The events of one revision of a call, in order; of the ids given, as many as are needed."""
    return [
        TimelineEvent(
            id=event_id,
            call_id=call.id,
            revision=call.revision,
            sequence=call.revision * EVENTS_OF_A_REVISION + place,
            event_type=happening.type,
            actor=actor,
            payload=happening.payload,
            created_at=call.updated_at,
        )
        for place, (event_id, happening) in enumerate(zip(event_ids, happenings, strict=False))
    ]
