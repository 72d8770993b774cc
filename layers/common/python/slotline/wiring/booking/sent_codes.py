"""Codes that prove addresses: kept, and looked at."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.store.booking.sent_codes import DynamoSentCodes
from slotline.wiring import common
from slotline.wiring.booking.guest_links import link_keys

if TYPE_CHECKING:  # partners' bookings prove nothing, and start without what does
    from slotline.ports.booking import SentCodes
    from slotline.usecases.booking.prove_contact import ProveContact


@cache
def sent_codes() -> "SentCodes":
    """What was sent, and how often it was tried."""
    settings = common.settings()
    return DynamoSentCodes(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def prove_contact() -> "ProveContact":
    """What looks at the code that a booking brings."""
    from slotline.usecases.booking.prove_contact import ProveContact

    return ProveContact(codes=sent_codes(), keys=link_keys())
