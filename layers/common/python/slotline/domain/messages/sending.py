"""Whether a message whose moment has come is sent: it is judged once more, against the call as it is then."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.apps import Agent, AgentMessage, Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.reminders import LEADS, Audience, Channel, News, Reminder, ReminderKind, reach_of
from slotline.domain.messages.bounds import is_foreign
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


def audience_of(reminder: Reminder, call: Call) -> Audience:
    """Who it is for, by their part in the call. An address that was the guest's before is the guest's."""
    if reminder.agent_id:
        return Audience.AGENT
    is_others = reminder.recipient and not reminder.withdrawal and is_foreign(reminder.recipient, call.guest)
    return Audience.OTHER if is_others else Audience.GUEST


def recipient_of(reminder: Reminder, call: Call, agent: Agent | None = None) -> str | None:
    """Who gets it: the one it names, or the guest as they can be reached now; None where they cannot.

    `agent`: to whom it goes, if it is for an agent.
    """
    if reminder.agent_id:
        return agent.email if agent else None
    return reminder.recipient or reach_of(call.guest, reminder.channel)


def is_the_guests(reminder: Reminder, recipient: str, call: Call) -> bool:
    """Whether a message goes to the guest: dispatches and some mails are read by agents, others are asked for to
    somebody else, and an address that was left behind is nobody's who may act as the guest."""
    if reminder.channel is Channel.GENESYS or reminder.agent_id or reminder.withdrawal:
        return False
    reached = reach_of(call.guest, reminder.channel)
    if reached is None:
        return False
    if reminder.channel is Channel.EMAIL:
        return recipient.casefold() == reached.casefold()
    return as_compared(recipient) == as_compared(reached)


def reachable_recipient(reminder: Reminder, call: Call, screen: Screen, agent: Agent | None = None) -> str | None:
    """Who gets it, with a number as numbers are compared now; None if nobody dials or texts the only one there is."""
    recipient = recipient_of(reminder, call, agent)
    if recipient is None or "@" in recipient:
        return recipient
    number = as_compared(recipient)
    if not screen(number):
        return number
    without_number = replace(call, guest=replace(call.guest, phone_e164=None))
    other = recipient_of(reminder, without_number, agent)
    return other if other and "@" in other else None


def verdict(reminder: Reminder, call: Call, now: datetime, agent: Agent | None = None) -> Verdict:
    """Whether the message is still true of the call, and still of use.

    Nobody misses what was planned and is true no more; who asked for a message is told what became of it. One that was
    tried so often without an outcome may have gone out each time: whoever sent it did not live to say so.
    """
    if not _is_true(reminder, call) or recipient_of(reminder, call, agent) is None:
        return Verdict.OVERTAKEN if reminder.is_requested else Verdict.DROP
    if reminder.attempts > MOST_ATTEMPTS:
        return Verdict.GIVEN_UP
    ends = call.scheduled_at if reminder.kind in LEADS else reminder.fire_at + WORTH_SENDING_FOR
    return Verdict.SEND if now < ends else Verdict.TOO_LATE


def is_calendar_entry(reminder: Reminder) -> bool:
    """Whether it puts the call into its reader's calendar, or changes what is there."""
    return reminder.channel is Channel.EMAIL and reminder.kind is ReminderKind.INVITATION


def depends_on_earlier_mails(reminder: Reminder) -> bool:
    """Whether its words, or whether it goes out at all, depend on who was invited before."""
    if reminder.channel is not Channel.EMAIL:
        return False
    is_told_again = reminder.kind is ReminderKind.INVITATION and reminder.news is not None
    return is_told_again or reminder.kind is ReminderKind.CANCELLATION


def is_news_to_nobody(reminder: Reminder, preset: Preset, *, was_invited: bool) -> bool:
    """Whether it takes back what its reader was never told: an invitation that a correction or another agent overtook.

    Who is not told of calls that become theirs knows of them otherwise, and hears of those that are taken away.
    """
    if was_invited:
        return False
    if reminder.agent_message is AgentMessage.TAKEN_AWAY:
        return AgentMessage.ASSIGNED in preset.agent_messages
    return reminder.withdrawal is not None


def news_to_reader(reminder: Reminder, preset: Preset, *, was_invited: bool) -> News | None:
    """What an invitation tells first. One that overtook the first is the first: its reader knows of no other."""
    if reminder.channel is not Channel.EMAIL or was_invited:
        return reminder.news
    hears_of_all = reminder.agent_id is None or AgentMessage.ASSIGNED in preset.agent_messages
    return None if hears_of_all else reminder.news


def _is_true(reminder: Reminder, call: Call) -> bool:
    if reminder.agent_message is AgentMessage.TAKEN_AWAY:
        return call.assigned_agent_id != reminder.agent_id
    if reminder.withdrawal:  # whatever became of the call, unless the correction was taken back
        return (reminder.recipient or "").casefold() != (call.guest.email or "").casefold()
    if reminder.agent_id and call.assigned_agent_id != reminder.agent_id:
        return False
    if reminder.kind is ReminderKind.CANCELLATION:
        return call.status is CallStatus.CANCELLED
    if call.is_final:
        return False
    if reminder.agent_id:  # a move that the preset tells agents overwrites it; of another they hear here
        return True
    if call.scheduled_at != reminder.scheduled_at:
        return False
    return reminder.kind not in LEADS or call.status is not CallStatus.STARTED


def next_attempt(reminder: Reminder, now: datetime) -> datetime | None:
    """When to try again after a channel could not take it; None where it is given up."""
    if reminder.attempts >= MOST_ATTEMPTS:
        return None
    return now + timedelta(seconds=_RETRIES[min(reminder.attempts, len(_RETRIES)) - 1])
