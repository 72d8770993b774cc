"""Calls booked, changed and held: the slot lock, and the use cases that write to it.

Each is imported when it is first needed: whoever sends a message books nothing.
"""

from functools import cache
from typing import TYPE_CHECKING

from slotline.ports.booking import Bookings
from slotline.store.booking.bookings import DynamoBookings
from slotline.usecases.booking.change_call import ChangeCall
from slotline.wiring import common
from slotline.wiring.shared import phones

if TYPE_CHECKING:
    from slotline.usecases.booking.book_call import BookCall
    from slotline.usecases.booking.hold_slot import HoldSlot
    from slotline.usecases.booking.kept_holds import KeptHolds


@cache
def bookings() -> Bookings:
    """The slot lock."""
    settings = common.settings()
    return DynamoBookings(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def book_call() -> "BookCall":
    """New calls."""
    from slotline.store.booking.ticket_queue import DynamoTicketQueue
    from slotline.usecases.booking.book_call import BookCall
    from slotline.wiring.booking.sent_codes import prove_contact

    return BookCall(
        bookings=bookings(),
        clock=common.clock(),
        ids=common.ids(),
        backoff=common.backoff(),
        ticket_queue=DynamoTicketQueue(common.dynamodb(), common.settings().access_table),
        screen=phones.refusal_of,
        prove=prove_contact,
    )


@cache
def change_call() -> ChangeCall:
    """The loop that every change of a call runs in."""
    return ChangeCall(bookings=bookings(), clock=common.clock(), ids=common.ids(), backoff=common.backoff())


@cache
def hold_slot() -> "HoldSlot":
    """New holds."""
    from slotline.usecases.booking.hold_slot import HoldSlot

    return HoldSlot(bookings=bookings(), clock=common.clock(), ids=common.ids(), backoff=common.backoff())


@cache
def kept_holds() -> "KeptHolds":
    """Holds, for whoever has them."""
    from slotline.usecases.booking.kept_holds import KeptHolds

    return KeptHolds(bookings=bookings(), clock=common.clock(), backoff=common.backoff())
