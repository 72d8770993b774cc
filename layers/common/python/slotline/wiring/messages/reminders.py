"""Messages about calls. What asks for them is imported when it is first needed: most send them."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.ports.messages import Reminders, Suppressions
from slotline.store.messages.reminders import DynamoReminders
from slotline.store.messages.suppressions import DynamoSuppressions
from slotline.wiring import common
from slotline.wiring.booking.bookings import bookings
from slotline.wiring.shared import phones

if TYPE_CHECKING:
    from slotline.usecases.messages.request_reminder import RequestReminder


@cache
def reminders() -> Reminders:
    """The messages of calls."""
    settings = common.settings()
    return DynamoReminders(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def suppressions() -> Suppressions:
    """Whom nothing is sent to any more."""
    settings = common.settings()
    return DynamoSuppressions(common.dynamodb(), settings.scheduling_table, settings.access_table)


@cache
def request_reminder() -> "RequestReminder":
    """Messages that somebody asks for."""
    from slotline.usecases.messages.request_reminder import RequestReminder
    from slotline.wiring.shared.receipts import once

    return RequestReminder(
        bookings=bookings(),
        reminders=reminders(),
        suppressions=suppressions(),
        screen=phones.refusal_of,
        ids=common.ids(),
        once=once(),
    )
