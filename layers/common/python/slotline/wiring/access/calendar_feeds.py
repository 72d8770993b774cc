"""Calendar feeds: opened by whoever has their address, kept by whose they are."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.store.access.calendar_feeds import DynamoCalendarFeeds
from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.usecases.access.calendar_feeds import KeepCalendarFeed, OpenCalendarFeed


@cache
def calendar_feeds() -> DynamoCalendarFeeds:
    """Feeds."""
    settings = common.settings()
    return DynamoCalendarFeeds(common.dynamodb(), settings.scheduling_table, settings.access_table)


@cache
def open_calendar_feed() -> "OpenCalendarFeed":
    """Opens them."""
    from slotline.usecases.access.calendar_feeds import OpenCalendarFeed

    return OpenCalendarFeed(feeds=calendar_feeds(), rates=common.rates(), clock=common.clock())


@cache
def keep_calendar_feed() -> "KeepCalendarFeed":
    """Makes, renews and ends them."""
    from slotline.ids import new_secret
    from slotline.usecases.access.calendar_feeds import KeepCalendarFeed

    return KeepCalendarFeed(feeds=calendar_feeds(), clock=common.clock(), ids=common.ids(), new_secret=new_secret)
