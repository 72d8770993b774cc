"""What time does to calls and holds."""

from functools import cache

from slotline.store.booking.holds import DynamoHolds
from slotline.usecases.booking.advance_call import AdvanceCall, WhoMissed
from slotline.usecases.booking.end_hold import EndHold
from slotline.wiring import common
from slotline.wiring.booking.bookings import change_call
from slotline.wiring.booking.calls import calls


@cache
def advance_call(who_missed: WhoMissed) -> AdvanceCall:
    """The pool's hand-over, no-show, completion. `who_missed`: by what the room of a call knows."""
    return AdvanceCall(calls=calls(), change_call=change_call(), who_missed=who_missed)


@cache
def end_hold() -> EndHold:
    """The end of holds."""
    return EndHold(holds=DynamoHolds(common.dynamodb(), common.settings().scheduling_table))
