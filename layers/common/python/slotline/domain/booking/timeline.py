"""The events of a call's timeline: what each kind says.

None carries who the guest is, or how to reach them: the call has that, once. What was answered to a preset's questions,
and what a partner keeps with a call, are there as they were and as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.booking.calls import Actor, Call, CallStatus, EventType, Outcome, TimelineEvent
from slotline.domain.booking.promises import ZoneChange
from slotline.domain.booking.reminders import Audience, Reminder
from slotline.domain.booking.sendings import Feedback, Sending
from slotline.domain.shared.plain_json import is_same

EVENTS_OF_A_REVISION = 16
"""Room for more than one change can do."""
FREE_JSON = frozenset(f"{when}{what}" for when in ("", "old_", "new_") for what in ("answers", "metadata"))
"""What of a payload may be any JSON, as deep and with such numbers as its sender likes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """What happened, before it has an id, an actor and a time."""

    type: EventType
    payload: Mapping[str, object]


def was_created(call: Call, passed_over: Sequence[str] = ()) -> EventDraft:
    """A call was booked. `passed_over`: what its agent lacks, where whoever named them may name such an agent."""
    return EventDraft(
        type=EventType.CREATED,
        payload={
            "booking_source": call.booking_source.value,
            "assignment_method": call.assignment_method.value,
            "assigned_agent_id": call.assigned_agent_id,
            "scheduled_at": call.scheduled_at,
            "duration_minutes": call.duration_minutes,
            "status": call.status.value,
            **({"external_id": call.external_id} if call.external_id is not None else {}),
            **({"metadata": call.metadata} if call.metadata is not None else {}),
            **({"answers": call.answers} if call.answers else {}),
            **_passed_over(passed_over),
        },
    )


def _passed_over(lacks: Sequence[str]) -> Mapping[str, object]:
    """Said only of an agent who lacks something."""
    return {"passed_over": [str(lack) for lack in lacks]} if lacks else {}


def was_rescheduled(before: Call, after: Call, reason: str | None) -> EventDraft:
    """A call was moved."""
    return EventDraft(
        type=EventType.RESCHEDULED,
        payload={
            "old_scheduled_at": before.scheduled_at,
            "new_scheduled_at": after.scheduled_at,
            "reason": reason,
        },
    )


def was_assigned(
    before: Call | None,
    after: Call,
    reason: str | None = None,
    decision: Mapping[str, object] | None = None,
    passed_over: Sequence[str] = (),
) -> EventDraft:
    """A call got its agent, or another one. `decision`: the figures behind the engine's pick.

    `passed_over`: what the agent lacks, as in `was_created`.
    """
    return EventDraft(
        type=EventType.ASSIGNED,
        payload={
            "old_agent_id": before.assigned_agent_id if before else None,
            "new_agent_id": after.assigned_agent_id,
            "reason": reason,
            "decision": decision,
            **_passed_over(passed_over),
        },
    )


def was_updated(fields: Sequence[str], reason: str | None, values: Mapping[str, object] | None = None) -> EventDraft:
    """Details changed. Of the guest it is told which ones, not to what; `values` are old and new ones of the rest."""
    return EventDraft(type=EventType.UPDATED, payload={"fields": list(fields), **(values or {}), "reason": reason})


def old_and_new(before: Call, after: Call, names: Iterable[str]) -> Mapping[str, object]:
    """`old_` and `new_` for each of these fields of a call; of answers, for each that is another one."""
    values: dict[str, object] = {}
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if name == "answers":
            keys = [key for key in {**old, **new} if not is_same(old.get(key), new.get(key))]
            old, new = ({key: answers.get(key) for key in keys} for answers in (old, new))
        values |= {f"old_{name}": old, f"new_{name}": new}
    return values


def was_confirmed() -> EventDraft:
    """The guest, or somebody for them, confirmed."""
    return EventDraft(type=EventType.CONFIRMED, payload={})


def was_cancelled(reason: str | None) -> EventDraft:
    """A call was cancelled."""
    return EventDraft(type=EventType.CANCELLED, payload={"reason": reason})


def was_started() -> EventDraft:
    """Somebody joined."""
    return EventDraft(type=EventType.STARTED, payload={})


def was_reopened(status: CallStatus, reason: str) -> EventDraft:
    """Somebody had said by mistake that a call started. `status`: what it is again."""
    return EventDraft(type=EventType.REOPENED, payload={"status": status.value, "reason": reason})


def was_completed(outcome: Outcome | None = None, note: str | None = None) -> EventDraft:
    """The call took place, and is over. What it came to is said if somebody said so."""
    said = {"outcome": outcome.value if outcome else None, "note": note}
    return EventDraft(type=EventType.COMPLETED, payload={name: value for name, value in said.items() if value})


def was_missed(reason: str | None = None, missing: str | None = None) -> EventDraft:
    """The two sides were never there together. `missing`: who was not, if the call's room knows."""
    said = {"missing": missing} if missing else {}
    return EventDraft(type=EventType.NO_SHOW, payload={"reason": reason, **said})


def room_was_joined(side: str, at: datetime) -> EventDraft:
    """A side came into the call's room."""
    return EventDraft(type=EventType.JOINED, payload={"side": side, "at": at})


def room_was_left(side: str, at: datetime, talked: timedelta) -> EventDraft:
    """A side left it, or was heard of no more. `talked`: how long the two had been together until then."""
    return EventDraft(type=EventType.LEFT, payload={"side": side, "at": at, "talked_seconds": _seconds(talked)})


def room_was_ended(at: datetime, talked: timedelta) -> EventDraft:
    """The two had talked, and both are gone, or the host has ended it."""
    return EventDraft(type=EventType.ENDED, payload={"at": at, "talked_seconds": _seconds(talked)})


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def followed_zone_rules(found: ZoneChange) -> EventDraft:
    """Clocks will show another time at the call's start than was promised, and what was done about it."""
    before, after = found.before, found.after
    return EventDraft(
        type=EventType.ZONE_RULES_CHANGED,
        payload={
            "outcome": found.outcome.value,
            "reason": found.reason,
            "old_app_time": before.app_time if before else None,
            "new_app_time": after.app_time,
            "old_guest_time": before.guest_time if before else None,
            "new_guest_time": after.guest_time,
            "old_zone_data": before.zone_data if before else None,
            "new_zone_data": after.zone_data,
        },
    )


def reminder_was_sent(reminder: Reminder, audience: Audience) -> EventDraft:
    """A message went out."""
    return EventDraft(type=EventType.REMINDER_SENT, payload=_about(reminder, audience))


def reminder_failed(reminder: Reminder, audience: Audience, reason: str) -> EventDraft:
    """A message could not be sent, and will not be."""
    return EventDraft(type=EventType.REMINDER_FAILED, payload={**_about(reminder, audience), "reason": reason})


def came_back(sending: Sending, feedback: Feedback, reason: str) -> EventDraft:
    """A message that went out did not arrive, or its recipient complained about it. `suppressed`: it was the last."""
    told = {
        "reminder_id": sending.reminder_id,
        "kind": sending.kind.value,
        "channel": sending.channel.value,
        **_for_whom(sending.audience, sending.agent_id),
        "reason": reason,
        "suppressed": feedback.suppresses,
    }
    if feedback is Feedback.COMPLAINED:
        return EventDraft(type=EventType.REMINDER_COMPLAINED, payload=told)
    return EventDraft(
        type=EventType.REMINDER_BOUNCED, payload={**told, "permanent": feedback is Feedback.BOUNCED_FOR_GOOD}
    )


def _about(reminder: Reminder, audience: Audience) -> Mapping[str, object]:
    about = {"reminder_id": reminder.id, "kind": reminder.kind.value, "channel": reminder.channel.value}
    word = {"agent_message": reminder.agent_message.value} if reminder.agent_message else {}
    return {**about, **_for_whom(audience, reminder.agent_id), **word}


def _for_whom(audience: Audience, agent_id: str | None) -> Mapping[str, object]:
    """By role: the guest has one address, and an agent has an id."""
    return {"audience": audience.value, **({"agent_id": agent_id} if agent_id else {})}


def timeline(
    call: Call, event_drafts: Sequence[EventDraft], actor: Actor, event_ids: Sequence[str]
) -> Sequence[TimelineEvent]:
    """The events of one revision of a call, in order; of the ids given, as many as are needed."""
    return [
        TimelineEvent(
            id=event_id,
            call_id=call.id,
            revision=call.revision,
            sequence=call.revision * EVENTS_OF_A_REVISION + place,
            event_type=draft.type,
            actor=actor,
            payload=draft.payload,
            created_at=call.updated_at,
        )
        for place, (event_id, draft) in enumerate(zip(event_ids, event_drafts, strict=False))
    ]
