"""The search for free time."""

from functools import cache

from slotline.ports.booking import Calendars
from slotline.store.booking.calendars import DynamoCalendars
from slotline.wiring import common


@cache
def calendars() -> Calendars:
    """Agents' calendars, as a search reads them."""
    return DynamoCalendars(common.dynamodb(), common.settings().scheduling_table)
