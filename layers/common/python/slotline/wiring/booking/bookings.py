"""Calls and agents' days, changed together."""

from functools import cache

from slotline.ports.booking import Bookings
from slotline.store.booking.bookings import DynamoBookings
from slotline.wiring import common


@cache
def bookings() -> Bookings:
    """The slot lock."""
    settings = common.settings()
    return DynamoBookings(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())
