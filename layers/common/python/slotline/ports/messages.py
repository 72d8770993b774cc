"""Messages to people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.booking.agents_bookings import AgentsBookings
    from slotline.domain.booking.guest_rights import GuestsLook
    from slotline.domain.booking.reminders import Channel, Reminder
    from slotline.domain.booking.sendings import Sending, Suppression
    from slotline.domain.messages.bounds import AskedMessages, Counted, CountMessage
    from slotline.domain.messages.code_message import CodeMessage
    from slotline.domain.messages.message import Message
    from slotline.domain.messages.way_in_message import WayInMessage
    from slotline.domain.shared.audit import AuditEntry
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.idempotency import Receipt
    from slotline.domain.shared.paging import Listed


class Reminders(Protocol):
    """Messages about calls, from their planning to their outcome. Every method may raise StoreBusyError."""

    def asked_for(self, windows: Sequence[Counted]) -> Sequence[AskedMessages]:
        """What these windows count, in their order. A write that was answered before is seen."""
        ...

    def add(self, reminders: Sequence[Reminder], receipt: Receipt | None, counts: Sequence[CountMessage] = ()) -> None:
        """Keep messages that somebody asked for, and count them: all or nothing.

        Raises AlreadyWritten, AlreadyAnswered, or RaceLost where one of the windows has changed since it was read.
        """
        ...

    def note_invitation(self, reminder: Reminder, recipient: str) -> None:
        """Note that this address is sent an invitation to the message's call: before it is, so that none is missed."""
        ...

    def was_invited(self, reminder: Reminder, recipient: str) -> bool:
        """Whether this address may have had an invitation to the message's call; of an agent, whatever address.

        An agent whose address is another by now is still who was told of the call, and has the same calendar.
        Of guests of calls from before invitations were noted: whether the planned one went out.
        """
        ...

    def note_sending(self, sending: Sending) -> None:
        """Note that a message is handed to its provider: before it is, so that whatever comes back finds it."""
        ...

    def sending(self, app_id: str, call_id: str, sending_id: str) -> Sending | None:
        """A message as it was handed over, with what was heard of it; None if none was, or long ago."""
        ...

    def claim(self, due: Due, claim_id: str, until: datetime) -> Reminder | None:
        """Take a message to send it; None where it is no longer due then. Unless it is settled, it is due again."""
        ...

    def is_claimed(self, reminder: Reminder) -> bool:
        """Whether the claim that the message was taken with still stands."""
        ...

    def settle(self, reminder: Reminder) -> None:
        """Write what became of it, if its claim still stands; otherwise nothing.

        One that a change of its call dropped meanwhile is not made due again.
        """
        ...


class Suppressions(Protocol):
    """Whom an app sends nothing to any more. Identities are hashed. Every method may raise StoreBusyError.

    One is put with the news that it comes of (`BookingWrite.heard`).
    """

    def find(self, app_id: str, channel: Channel, identity: str) -> Suppression | None:
        """Why nothing goes there; None if something may."""
        ...

    def list(self, app_id: str, limit: int, after: str | None) -> Listed[Suppression]:
        """A page of them, by channel and identity."""
        ...

    def lift(self, app_id: str, channel: Channel, identity: str, entry: AuditEntry | None = None) -> bool:
        """Send there again, with the audit log's entry of that; False if nothing was in the way."""
        ...


class MessageRefused(Exception):
    """The channel will never take this message: the text says why, without the recipient or what was written."""


class MessengerBusyError(Exception):
    """The channel did not take the message now, or its answer was lost; it may be sent again."""


class GuestWords(Protocol):
    """What guests take home of their calls when they come by their link."""

    def calendar(self, look: GuestsLook, rooms_at: str, guest_url: str, now: datetime) -> str:
        """The call as a calendar file."""
        ...


class FeedWords(Protocol):
    """What an agent's calendar reads of their bookings."""

    def calendar(self, read: AgentsBookings, language: str | None, bookings_at: str) -> str:
        """The bookings as a calendar file, in this language or the app's. `bookings_at`: what links to them begin
        with, before their ids."""
        ...


class CodeMessenger(Protocol):
    """Sends codes over one channel."""

    def send_code(self, message: CodeMessage) -> str:
        """Send it; the provider's id of it. Raises MessageRefused or MessengerBusyError."""
        ...


class WayInMessenger(Protocol):
    """Sends links by which somebody chooses a password, by e-mail."""

    def send_way_in(self, message: WayInMessage) -> str:
        """Send it; the provider's id of it. Raises MessageRefused or MessengerBusyError."""
        ...


class Messenger(Protocol):
    """Sends messages over one channel."""

    def send(self, message: Message) -> str:
        """Send it; the provider's id of it. Raises MessageRefused or MessengerBusyError."""
        ...
