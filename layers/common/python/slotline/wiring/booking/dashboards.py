"""Dashboards as they are read."""

from functools import cache

from slotline.store.booking.rollups import DynamoRollups
from slotline.usecases.booking.read_dashboard import ReadDashboard
from slotline.wiring import common


@cache
def read_dashboard() -> ReadDashboard:
    """What was counted of an app."""
    settings = common.settings()
    rollups = DynamoRollups(common.dynamodb(), settings.scheduling_table, settings.dialing_table)
    return ReadDashboard(rollups=rollups)
