"""Whether a message has nobody to go to, because an earlier one bounced for good or was complained about."""

from slotline.domain.booking.reminders import Audience, Reminder
from slotline.domain.messages.bounds import suppressed_as
from slotline.domain.messages.sending import HEARD_BACK_FROM
from slotline.ports.messages import Suppressions


def is_suppressed(
    suppressions: Suppressions, reminder: Reminder, recipient: str, audience: Audience = Audience.GUEST
) -> bool:
    """Whether the message's app sends nothing to this recipient over its channel. Raises StoreBusyError."""
    if reminder.channel not in HEARD_BACK_FROM:
        return False
    return suppressions.find(reminder.app_id, reminder.channel, suppressed_as(recipient, audience)) is not None
