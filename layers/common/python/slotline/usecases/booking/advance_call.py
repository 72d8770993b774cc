"""Time has come to a call: hand it over from the pool, find it missed, or find it over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.lifecycle import is_missed, is_over, is_to_be_handed_over
from slotline.domain.shared.due import Due
from slotline.ports.booking import Bookings, Calls
from slotline.usecases.booking.call_changes import StartCall, complete, hand_over, miss
from slotline.usecases.booking.change_call import SYSTEM, Change, ChangeCall

WhoMissed = Callable[[Call, datetime], str | None]
"""Who is not in the room of a call then: what a no-show says. None: both are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceCall:
    """Does what time does to a call."""

    calls: Calls
    change_call: ChangeCall
    who_missed: WhoMissed

    def __call__(self, due: Due) -> CallStatus | None:
        """The call's status afterwards; None where the call was not due any more."""
        call = self.calls.due(due)
        if call is None:
            return None
        bookings = self.change_call.bookings

        def decide(call: Call, app: App, now: datetime) -> Change | None:
            return advance(bookings, call, app, now, self.who_missed)

        return self.change_call(call.app_id, call.id, decide, SYSTEM, None, no_rate_limit).call.status


def advance(bookings: Bookings, call: Call, app: App, now: datetime, who_missed: WhoMissed) -> Change | None:
    """What time makes of the call as it is, or None if it was changed meanwhile."""
    if is_missed(call, now):
        missing = who_missed(call, now)
        return miss(call, missing=missing) if missing else StartCall()(call, app, now)
    if is_over(call, now):
        return complete(call)
    if is_to_be_handed_over(call, now):
        return hand_over(bookings, call, app, now)
    return None
