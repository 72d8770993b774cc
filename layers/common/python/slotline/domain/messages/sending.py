"""Whether a message whose moment has come is sent: it is judged once more, against the call as it is then."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.reminders import LEADS, Channel, Reminder, ReminderKind, reach_of
from slotline.domain.shared.phones import Screen, as_compared

WORTH_SENDING_FOR = timedelta(hours=24)
"""A message that was to go at once is still sent within this time of an outage. A reminder is, until the start."""
MOST_ATTEMPTS = 8
LEASE = timedelta(minutes=2)
"""How long a sender may take. After that the message is due again: whoever was sending it is taken for dead."""
HEARD_BACK_FROM = frozenset({Channel.EMAIL, Channel.SMS, Channel.WHATSAPP})
"""Channels whose providers say later what became of a message."""
_RETRIES = (10, 30, 60, 120, 300, 600, 1200)
"""Seconds to wait after each attempt that the channel could not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRequest:
    """What is asked for. No channel: the first that reaches the guest, as the preset lists them for this kind."""

    kind: ReminderKind = ReminderKind.REMINDER_CUSTOM
    channel: Channel | None = None
    recipient: str | None = None


class Verdict(StrEnum):
    """What is right to do with a message whose moment has come. Any but sending and dropping is why it failed."""

    SEND = "send"
    DROP = "drop"
    OVERTAKEN = "overtaken"
    TOO_LATE = "too_late"
    GIVEN_UP = "given_up"


def recipient_of(reminder: Reminder, call: Call) -> str | None:
    """Who gets it: the one it names, or the guest as they can be reached now; None where they cannot."""
    return reminder.recipient or reach_of(call.guest, reminder.channel)


def is_the_guests(reminder: Reminder, recipient: str, call: Call) -> bool:
    """Whether a message goes to the guest: dispatches are read by agents, and some are asked for to somebody else."""
    if reminder.channel is Channel.GENESYS:
        return False
    reached = reach_of(call.guest, reminder.channel)
    if reached is None:
        return False
    if reminder.channel is Channel.EMAIL:
        return recipient.casefold() == reached.casefold()
    return as_compared(recipient) == as_compared(reached)


def reachable_recipient(reminder: Reminder, call: Call, screen: Screen) -> str | None:
    """Who gets it, with a number as numbers are compared now; None if nobody dials or texts the only one there is."""
    guest = call.guest
    if guest.phone_e164 and screen(as_compared(guest.phone_e164)):
        guest = replace(guest, phone_e164=None)
    recipient = recipient_of(reminder, replace(call, guest=guest))
    if recipient is None or "@" in recipient:
        return recipient
    number = as_compared(recipient)
    return None if screen(number) else number


def verdict(reminder: Reminder, call: Call, now: datetime) -> Verdict:
    """Whether the message is still true of the call, and still of use.

    Nobody misses what was planned and is true no more; who asked for a message is told what became of it. One that was
    tried so often without an outcome may have gone out each time: whoever sent it did not live to say so.
    """
    if reminder.kind is ReminderKind.CANCELLATION:
        is_true = call.status is CallStatus.CANCELLED
    else:
        is_true = not call.is_final and call.scheduled_at == reminder.scheduled_at
    if is_true and reminder.kind in LEADS:
        is_true = call.status is not CallStatus.STARTED
    if not is_true or recipient_of(reminder, call) is None:
        return Verdict.OVERTAKEN if reminder.is_requested else Verdict.DROP
    if reminder.attempts > MOST_ATTEMPTS:
        return Verdict.GIVEN_UP
    ends = call.scheduled_at if reminder.kind in LEADS else reminder.fire_at + WORTH_SENDING_FOR
    return Verdict.SEND if now < ends else Verdict.TOO_LATE


def next_attempt(reminder: Reminder, now: datetime) -> datetime | None:
    """When to try again after a channel could not take it; None where it is given up."""
    if reminder.attempts >= MOST_ATTEMPTS:
        return None
    return now + timedelta(seconds=_RETRIES[min(reminder.attempts, len(_RETRIES)) - 1])
