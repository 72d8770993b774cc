"""What time does to a call: the pool's hand-over, the no-show, the end."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus, EventType, TimelineEvent
from slotline.domain.shared.intervals import Interval

POOL_HAND_OVER = timedelta(minutes=15)
"""How long before its start a call that nobody of the pool claimed goes to the agent whose time it holds."""

EARLY_START = timedelta(minutes=60)
"""How long before its start somebody may join a call."""


def may_have_been_held(call: Call) -> bool:
    """Whether its people may have talked, or talk now: also of a call that was cancelled while they did."""
    return call.status is CallStatus.STARTED or call.is_final


def may_start(call: Call) -> Interval:
    """When somebody may join: from a while before the meeting until its end."""
    meeting = call.claim.meeting
    return Interval(meeting.start - EARLY_START, meeting.end)


def may_reopen_until(call: Call) -> datetime:
    """Until when a start may be undone. Afterwards the call would at once be a no-show."""
    return call.scheduled_at + call.grace


def status_before_start(timeline: Iterable[TimelineEvent]) -> CallStatus:
    """What a call was before somebody joined: confirmed, or what it was booked as."""
    status = CallStatus.SCHEDULED
    for event in timeline:
        if event.event_type is EventType.CREATED:
            status = CallStatus(str(event.payload.get("status", status)))
        elif event.event_type is EventType.CONFIRMED:
            status = CallStatus.CONFIRMED
    return status


def was_reopened_last(timeline: Iterable[TimelineEvent]) -> bool:
    """True if a start was undone, and nobody has said since that the call started."""
    told = [event.event_type for event in timeline if event.event_type in (EventType.STARTED, EventType.REOPENED)]
    return bool(told) and told[-1] is EventType.REOPENED


def next_step_at(call: Call) -> datetime | None:
    """When time next changes the call by itself, or None. Never before the call's last change: that saw to the rest."""
    at = _step(call)
    return max(at, call.updated_at) if at is not None else None


def is_missed(call: Call, now: datetime) -> bool:
    """Nobody joined within the grace."""
    return not call.is_final and call.status is not CallStatus.STARTED and now >= call.scheduled_at + call.grace


def is_over(call: Call, now: datetime) -> bool:
    """It was joined, and its time is up, what follows it included."""
    return call.status is CallStatus.STARTED and now >= call.claim.padded.end


def is_to_be_handed_over(call: Call, now: datetime) -> bool:
    """A call of the pool that starts soon, and that nobody has claimed."""
    return _waits_in_the_pool(call) and now >= call.scheduled_at - POOL_HAND_OVER


def _step(call: Call) -> datetime | None:
    if call.is_final:
        return None
    if call.status is CallStatus.STARTED:
        return call.claim.padded.end
    if _waits_in_the_pool(call):
        return call.scheduled_at - POOL_HAND_OVER
    return call.scheduled_at + call.grace


def _waits_in_the_pool(call: Call) -> bool:
    return (
        call.assignment_method is AssignmentMethod.POOL
        and call.assigned_agent_id is None
        and call.held_agent_id is not None
        and not call.is_final
        and call.status is not CallStatus.STARTED
    )
