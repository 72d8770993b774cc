"""What time does to a call: the pool's hand-over, the no-show, the end."""

from datetime import datetime, timedelta

from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus

POOL_HAND_OVER = timedelta(minutes=15)
"""How long before its start a call that nobody of the pool claimed goes to the agent whose time it holds."""


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
