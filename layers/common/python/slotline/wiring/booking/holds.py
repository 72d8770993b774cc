"""Time held while a form is filled."""

from functools import cache

from slotline.usecases.booking.hold_slot import HoldSlot
from slotline.wiring import common
from slotline.wiring.booking.bookings import bookings


@cache
def hold_slot() -> HoldSlot:
    """New holds."""
    return HoldSlot(bookings=bookings(), clock=common.clock(), ids=common.ids(), backoff=common.backoff())
