"""Time taken out of agents' days, whatever stands in it."""

from functools import cache

from slotline.usecases.block_time import BlockTime
from slotline.wiring.bookings import bookings
from slotline.wiring.receipts import once


@cache
def block_time() -> BlockTime:
    """Time taken out of an agent's days."""
    return BlockTime(bookings=bookings(), once=once())
