"""Time has come to a call: hand it over from the pool, find it missed, or find it over."""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.lifecycle import is_missed, is_over, is_to_be_handed_over
from slotline.domain.booking.timeline import was_assigned
from slotline.domain.shared.due import Due
from slotline.ports.booking import Calls
from slotline.usecases.booking.call_changes import complete, miss
from slotline.usecases.booking.change_call import SYSTEM, Change, ChangeCall


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceCall:
    """Does what time does to a call."""

    calls: Calls
    change_call: ChangeCall

    def __call__(self, due: Due) -> CallStatus | None:
        """The call's status afterwards; None where the call was not due any more."""
        call = self.calls.due(due)
        if call is None:
            return None
        return self.change_call(call.app_id, call.id, advance, SYSTEM, None, no_rate_limit).call.status


def advance(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
    """What time makes of the call as it is, or None where it was changed meanwhile."""
    if is_missed(call, now):
        return miss(call)
    if is_over(call, now):
        return complete(call)
    if is_to_be_handed_over(call, now):
        after = replace(call, assigned_agent_id=call.held_agent_id, held_agent_id=None)
        return Change(call=after, event_drafts=[was_assigned(call, after, "nobody_claimed_it")])
    return None
