"""Calls and calendars as they are read."""

from functools import cache

from slotline.ports.booking import Calls
from slotline.store.booking.calls import DynamoCalls
from slotline.wiring import common


@cache
def calls() -> Calls:
    """Calls as they are read."""
    return DynamoCalls(common.dynamodb(), common.settings().scheduling_table)
