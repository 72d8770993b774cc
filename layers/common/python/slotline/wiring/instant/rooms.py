"""Calls by their links."""

from functools import cache

from slotline.ports.instant import Rooms
from slotline.store.instant.rooms import DynamoRooms
from slotline.wiring import common


@cache
def rooms() -> Rooms:
    """Calls by their links."""
    settings = common.settings()
    return DynamoRooms(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())
