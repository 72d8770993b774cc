"""Changes of calls."""

from functools import cache

from slotline.usecases.booking.change_call import ChangeCall
from slotline.wiring import common
from slotline.wiring.booking.bookings import bookings


@cache
def change_call() -> ChangeCall:
    """The loop that every change of a call runs in."""
    return ChangeCall(bookings=bookings(), clock=common.clock(), ids=common.ids(), backoff=common.backoff())
