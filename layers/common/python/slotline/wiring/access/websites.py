"""Websites, which speak for an app with a widget key."""

from functools import cache

from slotline.store.access.websites import DynamoWebsites
from slotline.usecases.access.admit_website import AdmitWebsite
from slotline.wiring import common


@cache
def admit_website() -> AdmitWebsite:
    """Names websites by their widget keys."""
    settings = common.settings()
    websites = DynamoWebsites(common.dynamodb(), settings.scheduling_table, settings.access_table)
    return AdmitWebsite(websites=websites)
