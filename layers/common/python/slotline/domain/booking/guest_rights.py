"""What guests may do with their own calls: what the call's preset lets them, until the call begins."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.booking.apps import App, AssignmentMode, Preset
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus
from slotline.domain.shared.errors import CallIsFinal, Conflict, Detail, DomainError, Forbidden

JOINS_BEFORE = timedelta(minutes=15)
"""How long before a call its guest is let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestsLook:
    """What a guest is shown: the call as it is, the name of its agent, and the time that it was moved from."""

    app: App
    call: Call
    agent_name: str | None
    moved_from: datetime | None = None


def why_not_confirm(call: Call, now: datetime) -> DomainError | None:
    """Why the guest cannot confirm; None if they can, or have done it."""
    if (over := _why_over(call)) is not None:
        return over
    has_ended = call.status is CallStatus.PENDING_CONFIRMATION and now >= call.claim.meeting.end
    return _started("there is nothing left to confirm") if _is_started(call) or has_ended else None


def why_not_cancel(call: Call, preset: Preset, now: datetime) -> DomainError | None:
    """Why the guest cannot cancel; None if they can."""
    if not preset.guest_can_cancel:
        return Forbidden("Guests do not cancel this booking themselves. Ask whoever the call is with.")
    return _why_not_change(call, now, "it cannot be cancelled any more")


def why_not_reschedule(call: Call, preset: Preset, now: datetime) -> DomainError | None:
    """Why the guest cannot move the call; None if they can."""
    if not preset.guest_can_reschedule:
        return Forbidden("Guests do not move this booking themselves. Ask whoever the call is with.")
    if not preset.scheduling_enabled:
        return Forbidden("No times are given out at present. Ask whoever the call is with.")
    return _why_not_change(call, now, "it cannot be moved any more")


def can_confirm(call: Call, now: datetime) -> bool:
    """Whether the call waits for its guest to confirm: also a guest who is late for it, until its end."""
    return call.status is CallStatus.PENDING_CONFIRMATION and why_not_confirm(call, now) is None


def joins_from(call: Call) -> datetime:
    """When the guest's way into the call opens."""
    return call.scheduled_at - JOINS_BEFORE


def can_join(call: Call, now: datetime) -> bool:
    """Whether the guest is let in: shortly before the call and until its end, or for as long as it is under way."""
    if call.is_final:
        return False
    return _is_started(call) or joins_from(call) <= now < call.claim.meeting.end


def may_change_agent(call: Call, app: App) -> bool:
    """Whether another agent may take a call over that its guest moves: the guest did not choose the one who has it."""
    if call.assigned_agent_id is None:
        return True
    was_chosen = call.assignment_method is AssignmentMethod.SELF_SELECTED
    return app.preset.assignment_mode is AssignmentMode.ANY_AVAILABLE and not was_chosen


def _why_not_change(call: Call, now: datetime, consequence: str) -> DomainError | None:
    if (over := _why_over(call)) is not None:
        return over
    return _started(consequence) if _is_started(call) or call.scheduled_at <= now else None


def _why_over(call: Call) -> DomainError | None:
    return CallIsFinal(f"The call is {call.status}; it does not change any more.") if call.is_final else None


def _is_started(call: Call) -> bool:
    return call.status is CallStatus.STARTED


def _started(consequence: str) -> Conflict:
    message = f"The call's time has come; {consequence}."
    return Conflict(message, [Detail(message, "already_started")])
