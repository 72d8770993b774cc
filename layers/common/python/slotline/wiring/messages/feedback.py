"""What providers say of messages later."""

from functools import cache

from slotline.usecases.messages.record_feedback import RecordFeedback
from slotline.wiring.booking.bookings import change_call
from slotline.wiring.messages.reminders import reminders


@cache
def record_feedback() -> RecordFeedback:
    """Reports of providers, on the calls' timelines."""
    return RecordFeedback(reminders=reminders(), change_call=change_call())
