"""The one path to a slot."""

from functools import cache

from slotline.store.booking.ticket_queue import DynamoTicketQueue
from slotline.usecases.booking.book_call import BookCall
from slotline.wiring import common
from slotline.wiring.booking.bookings import bookings


@cache
def book_call() -> BookCall:
    """New calls."""
    return BookCall(
        bookings=bookings(),
        clock=common.clock(),
        ids=common.ids(),
        backoff=common.backoff(),
        ticket_queue=DynamoTicketQueue(common.dynamodb(), common.settings().access_table),
    )
