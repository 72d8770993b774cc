"""How many messages may be asked for: about one call, to one recipient, and of one app, each in a sliding window.

Whoever may ask could otherwise send anything to anybody through us. Messages that a preset plans are not counted: a
call has one of each kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import islice

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Guest
from slotline.domain.booking.reminders import Audience
from slotline.domain.shared.errors import MessageLimitReached
from slotline.domain.shared.phones import as_compared
from slotline.domain.shared.windows import next_allowed

MOST_DROPPED = 100
"""Old messages that one write takes out of a window: an expression has room for these (4 KB)."""


class Bound(StrEnum):
    """What messages are counted by."""

    CALL = "call"
    RECIPIENT = "recipient"
    APP = "app"

    @property
    def length(self) -> timedelta:
        """How far back its window reaches."""
        return timedelta(days=1) if self is Bound.CALL else timedelta(hours=1)

    def most(self, preset: Preset) -> int:
        """How many messages the preset lets its window hold."""
        return {
            Bound.CALL: preset.reminders_per_call_per_day,
            Bound.RECIPIENT: preset.reminders_per_recipient_per_hour,
            Bound.APP: preset.reminders_per_app_per_hour,
        }[self]


_WHAT_IS_FULL = {
    Bound.CALL: "As many messages were asked for about this call as the preset allows in a day.",
    Bound.RECIPIENT: "As many messages to this recipient were asked for as the preset allows in an hour.",
    Bound.APP: "As many messages were asked for as the preset allows the app in an hour.",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One window: what is counted, and whose. `of` is a call's id, a hash of a recipient, or empty for the app."""

    app_id: str
    bound: Bound
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedMessages:
    """The messages that one window counts, by id, as it was read. `version` moves with every change."""

    counted: Counted
    version: int = 0
    asked: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountMessage:
    """One more message in a window, on condition that its version still is as read; old ones leave it."""

    counted: Counted
    version: int
    message_id: str
    at: datetime
    drop: tuple[str, ...] = ()


def counted_in(app_id: str, call_id: str, recipient: str) -> tuple[Counted, ...]:
    """The windows of a message."""
    return (
        Counted(app_id, Bound.CALL, call_id),
        Counted(app_id, Bound.RECIPIENT, identity_of(recipient)),
        Counted(app_id, Bound.APP),
    )


def identity_of(recipient: str) -> str:
    """A recipient, however capitalized. Hashed: a key, and a row that outlives a correction, are no places for one."""
    return sha256(recipient.casefold().encode()).hexdigest()


def suppressed_as(recipient: str, audience: Audience) -> str:
    """Under which identity a recipient's bounces and complaints are kept.

    An agent's are their own: what an organization mails its people says nothing of a guest who shares a mailbox with
    one. No address has a space, so the two never meet.
    """
    return identity_of(f"agent {recipient}" if audience is Audience.AGENT else recipient)


def count_message(
    seen: Sequence[AskedMessages], preset: Preset, message_id: str, now: datetime
) -> tuple[CountMessage, ...]:
    """The writes that count this message, which an earlier try of its request may have counted already.

    Raises MessageLimitReached with the exact instant from which the same message is let through.
    """
    waits: dict[datetime, Bound] = {}
    for window in seen:
        bound = window.counted.bound
        others = [at for other, at in window.asked.items() if other != message_id]
        wait = next_allowed(others, bound.most(preset), bound.length, now)
        if wait is not None:
            waits[wait] = bound
    if waits:
        last = max(waits)
        raise MessageLimitReached(_WHAT_IS_FULL[waits[last]], next_allowed_at=last)
    return tuple(
        CountMessage(
            counted=window.counted,
            version=window.version,
            message_id=message_id,
            at=now,
            drop=_stale(window, now - window.counted.bound.length),
        )
        for window in seen
    )


def is_foreign(recipient: str, guest: Guest) -> bool:
    """Whether a recipient, a number in E.164 or an address, is somebody else than the call's guest."""
    own = {as_compared(guest.phone_e164) if guest.phone_e164 else None, guest.email.casefold() if guest.email else None}
    return recipient.casefold() not in own


def _stale(window: AskedMessages, until: datetime) -> tuple[str, ...]:
    return tuple(islice((message_id for message_id, at in window.asked.items() if at <= until), MOST_DROPPED))
