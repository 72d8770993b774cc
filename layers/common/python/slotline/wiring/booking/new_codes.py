"""Codes that prove addresses: sent for."""

from functools import cache

from slotline.usecases.booking.send_for_code import SendForCode
from slotline.wiring import common
from slotline.wiring.booking.bookings import bookings
from slotline.wiring.booking.guest_links import link_keys
from slotline.wiring.booking.sent_codes import sent_codes
from slotline.wiring.shared import phones, queues


@cache
def send_for_code() -> SendForCode:
    """New codes."""
    return SendForCode(
        bookings=bookings(),
        codes=sent_codes(),
        keys=link_keys(),
        queues=queues.queues(),
        screen=phones.refusal_of,
        clock=common.clock(),
        ids=common.ids(),
        backoff=common.backoff(),
    )
