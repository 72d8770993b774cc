"""The booking page's door."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.http.access.page_door import PageDoor
from slotline.store.access.websites import DynamoWebsites
from slotline.tokens.page_passes import AesSeals
from slotline.usecases.access.admit_page import AdmitPage
from slotline.wiring import common
from slotline.wiring.booking.guest_links import link_keys
from slotline.wiring.shared import phones

if TYPE_CHECKING:
    from slotline.usecases.booking.book_on_page import BookOnPage
    from slotline.usecases.booking.hold_slot import HoldSlot
    from slotline.usecases.booking.send_for_code import SendForCode


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


@cache
def book_on_page() -> "BookOnPage":
    """Bookings of the page's guests. What books is imported when somebody does: most requests look."""
    from slotline.usecases.booking.book_on_page import BookOnPage
    from slotline.wiring.booking.bookings import book_call

    return BookOnPage(book=book_call)


def hold_slot() -> "HoldSlot":
    """New holds."""
    from slotline.wiring.booking import bookings

    return bookings.hold_slot()


def send_for_code() -> "SendForCode":
    """New codes."""
    from slotline.wiring.booking import new_codes

    return new_codes.send_for_code()
