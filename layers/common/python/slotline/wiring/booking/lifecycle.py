"""What time does to calls and holds."""

from functools import cache

from slotline.store.booking.holds import DynamoHolds
from slotline.usecases.booking.advance_call import AdvanceCall
from slotline.usecases.booking.end_hold import EndHold
from slotline.wiring import common
from slotline.wiring.booking.bookings import change_call
from slotline.wiring.booking.calls import calls


@cache
def advance_call() -> AdvanceCall:
    """The pool's hand-over, no-show, completion."""
    return AdvanceCall(calls=calls(), change_call=change_call())


@cache
def end_hold() -> EndHold:
    """The end of holds."""
    return EndHold(holds=DynamoHolds(common.dynamodb(), common.settings().scheduling_table))
