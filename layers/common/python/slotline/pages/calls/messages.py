"""The messages about a call: those that went out, and those that will."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.booking.reminders import Reminder, ReminderStatus
from slotline.domain.shared.instants import format_instant
from slotline.pages.calls.timeline import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message, as it is shown."""

    id: str
    kind: str
    channel: str
    whom: str
    instant: str
    when: str
    state: str
    """`planned`, `sent`, `failed` or `dropped`."""


def message_rows(messages: Sequence[Reminder], teller: Teller) -> Sequence[MessageRow]:
    """The messages in the order of their moments."""
    return [_row(message, teller) for message in sorted(messages, key=lambda one: (one.fire_at, one.id))]


def _row(message: Reminder, teller: Teller) -> MessageRow:
    words = teller.words
    # One that a change of the call made needless is planned still, and never due.
    is_off = message.status is ReminderStatus.PLANNED and message.due_at is None
    whom = "agent" if message.agent_id else "other" if message.recipient else "guest"
    return MessageRow(
        id=message.id,
        kind=words.text("timeline", "kinds", message.kind.value),
        channel=words.text("timeline", "channels", message.channel.value),
        whom=words.text("timeline", "to", whom),
        instant=format_instant(message.fire_at),
        when=teller.moment(message.fire_at),
        state="dropped" if is_off else message.status.value,
    )
