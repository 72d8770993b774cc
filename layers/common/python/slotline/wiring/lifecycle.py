"""What time does to calls and holds."""

from functools import cache

from slotline.store.holds import DynamoHolds
from slotline.usecases.advance_call import AdvanceCall
from slotline.usecases.end_hold import EndHold
from slotline.wiring import common
from slotline.wiring.calls import calls
from slotline.wiring.changes import change_call


@cache
def advance_call() -> AdvanceCall:
    """The pool's hand-over, no-show, completion."""
    return AdvanceCall(calls=calls(), change_call=change_call())


@cache
def end_hold() -> EndHold:
    """The end of holds."""
    return EndHold(holds=DynamoHolds(common.dynamodb(), common.settings().scheduling_table))
