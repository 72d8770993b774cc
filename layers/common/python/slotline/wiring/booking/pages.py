"""The booking page's door."""

from functools import cache

from slotline.http.access.page_door import PageDoor
from slotline.store.access.websites import DynamoWebsites
from slotline.tokens.page_passes import AesSeals
from slotline.usecases.access.admit_page import AdmitPage
from slotline.wiring import common
from slotline.wiring.booking.guest_links import link_keys
from slotline.wiring.shared import phones


@cache
def admit_page() -> AdmitPage:
    """Names guests by widget keys and page passes."""
    settings = common.settings()
    return AdmitPage(
        websites=DynamoWebsites(common.dynamodb(), settings.scheduling_table, settings.access_table),
        keys=link_keys(),
        seals=AesSeals(),
        clock=common.clock(),
        ids=common.ids(),
        screen=phones.refusal_of,
    )


@cache
def page_door() -> PageDoor:
    """Lets guests in, and counts them."""
    return PageDoor(common, admit_page)
