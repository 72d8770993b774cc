"""Time taken out of agents' days, whatever stands in it."""

from functools import cache

from slotline.usecases.booking.block_time import BlockTime
from slotline.wiring.booking.bookings import bookings
from slotline.wiring.shared.receipts import once


@cache
def block_time() -> BlockTime:
    """Time taken out of an agent's days."""
    return BlockTime(bookings=bookings(), once=once())
