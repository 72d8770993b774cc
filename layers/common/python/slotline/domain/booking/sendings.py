"""Messages as providers took them, and what came back later: one bounced, or its recipient complained.

A provider's yes means that it will try. What became of it is told minutes or weeks later, perhaps twice, perhaps before
our own note that the message went out. So each handing over is a row of its own, written before it, and remembers what
was heard of it: the same news is no news.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.reminders import Audience, Channel, ReminderKind

KEPT_FOR = timedelta(days=90)
"""How long a sending is known: complaints are sent by people, who take their time."""


class Feedback(StrEnum):
    """What came back. A bounce is for now (a full mailbox) or for good (no such address)."""

    BOUNCED = "bounced"
    BOUNCED_FOR_GOOD = "bounced_for_good"
    COMPLAINED = "complained"

    @property
    def suppresses(self) -> bool:
        """Whether nothing more is sent there: it would never arrive, or is not wanted."""
        return self is not Feedback.BOUNCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message, handed to a provider once. `recipient`: hashed (`slotline.domain.messages.bounds.suppressed_as`)."""

    id: str
    app_id: str
    call_id: str
    reminder_id: str
    kind: ReminderKind
    channel: Channel
    recipient: str
    audience: Audience = Audience.GUEST
    agent_id: str | None = None
    sent_at: datetime
    heard: frozenset[Feedback] = frozenset()

    def is_news(self, feedback: Feedback) -> bool:
        """Whether this was not heard of it yet, nor what says more: a bounce for good says all of one for now."""
        if feedback is Feedback.BOUNCED:
            return self.heard.isdisjoint({Feedback.BOUNCED, Feedback.BOUNCED_FOR_GOOD})
        return feedback not in self.heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address, or a number on one channel, to which its app sends nothing any more. `call_id`: whose message it was.

    The recipient is hashed: the row outlives what a guest had deleted.
    """

    app_id: str
    channel: Channel
    recipient: str
    feedback: Feedback
    reason: str
    call_id: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardFeedback:
    """News of a sending, to be written on condition that it still is news."""

    sending: Sending
    feedback: Feedback
    suppression: Suppression | None = None


def hear(sending: Sending, feedback: Feedback, reason: str, now: datetime) -> HeardFeedback:
    """What is written of news, and whom nothing more is sent to because of it."""
    suppression = Suppression(
        app_id=sending.app_id,
        channel=sending.channel,
        recipient=sending.recipient,
        feedback=feedback,
        reason=reason,
        call_id=sending.call_id,
        since=now,
    )
    return HeardFeedback(sending=sending, feedback=feedback, suppression=suppression if feedback.suppresses else None)
