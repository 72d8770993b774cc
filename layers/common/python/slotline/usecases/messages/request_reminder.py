"""Tell somebody about a call now, because somebody asks for it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind
from slotline.domain.messages.bounds import count_message, counted_in, is_foreign
from slotline.domain.messages.sending import ReminderRequest, is_the_guests, reachable_recipient
from slotline.domain.shared.errors import AppNotFound, CallIsFinal, Detail, Forbidden, InvalidRequest, NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.phones import Screen, check_may_be_reached
from slotline.ports.booking import Bookings
from slotline.ports.messages import Reminders, Suppressions
from slotline.ports.shared import AlreadyWritten, Ids, RateLimitCheck
from slotline.usecases.messages.suppressed import is_suppressed
from slotline.usecases.shared.once import Answered, Once

_FIRST_CHOICE = (Channel.EMAIL, Channel.WHATSAPP, Channel.SMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReminder:
    """Sends one message that somebody asked for."""

    bookings: Bookings
    reminders: Reminders
    suppressions: Suppressions
    screen: Screen
    ids: Ids
    once: Once

    def __call__(
        self,
        app_id: str,
        call_id: str,
        request: ReminderRequest,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Answered:
        """The message, which is on its way.

        Raises AppNotFound, NotFound, CallIsFinal, InvalidRequest, MessageLimitReached, or Forbidden for a recipient
        other than the guest whom the preset does not allow.
        """
        reminder_id = self.ids.new()

        def act(now: datetime) -> Mapping[str, object]:
            seen = self.bookings.read_for_change(app_id, call_id, None)
            if seen.app is None:
                raise AppNotFound("There is no such app.")
            if seen.call is None:
                raise NotFound("There is no such call in this app.")
            if request.recipient is not None and "@" not in request.recipient:
                check_may_be_reached(request.recipient, self.screen, "recipient")
            reminder, recipient = self._first_wanted(
                _reminders(seen.app, seen.call, request, reminder_id, now, self.screen),
                "recipient" if request.recipient else "channel",
            )
            windows = self.reminders.asked_for(counted_in(app_id, call_id, recipient))
            counts = count_message(windows, seen.app.preset, reminder_id, now)
            shown = _shown(reminder)
            receipt = Receipt(key=key, result=shown, answered_at=now) if key else None
            with suppress(AlreadyWritten):  # the id is new: an earlier try of this request got through
                self.reminders.add([reminder], receipt, counts)
            return shown

        return self.once(key, check_rate, act)

    def _first_wanted(self, choices: Iterable[tuple[Reminder, str]], field_name: str) -> tuple[Reminder, str]:
        """The first that goes to somebody who is not suppressed. Raises InvalidRequest if there is none."""
        suppressed: Reminder | None = None
        for reminder, recipient in choices:
            if not is_suppressed(self.suppressions, reminder, recipient):
                return reminder, recipient
            suppressed = reminder
        if suppressed is None:
            message = "does not reach the guest, and no recipient was given"
            raise InvalidRequest.of_field("channel", message, "unreachable")
        message = f"{suppressed.channel}: an earlier message bounced for good or was complained about, so none is sent"
        raise InvalidRequest.of_field(field_name, message, "suppressed")


def _reminders(
    app: App, call: Call, request: ReminderRequest, reminder_id: str, now: datetime, screen: Screen
) -> Iterator[tuple[Reminder, str]]:
    """The message over each channel that it may take, the first choice first, and whom it reaches there."""
    about_the_end = request.kind is ReminderKind.CANCELLATION and call.status is CallStatus.CANCELLED
    if call.is_final and not about_the_end:
        raise CallIsFinal(f"The call is {call.status}; there is nothing to remind anybody of.")
    if request.kind is ReminderKind.CANCELLATION and not call.is_final:
        raise InvalidRequest.of_field("kind", "cancellation is for a call that is cancelled")
    if request.channel is None and request.recipient is not None:
        raise InvalidRequest.of_field("channel", "is required with recipient: how it is reached", "required")
    if request.recipient and is_foreign(request.recipient, call.guest) and not app.preset.allow_foreign_recipients:
        raise _foreign()
    choices = (request.channel,) if request.channel else (*_listed(app, request.kind), *_FIRST_CHOICE)
    for channel in choices:
        reminder = Reminder(
            id=reminder_id,
            app_id=call.app_id,
            call_id=call.id,
            kind=request.kind,
            channel=channel,
            fire_at=now,
            scheduled_at=call.scheduled_at,
            created_at=now,
            due_at=now,
            recipient=request.recipient,
        )
        if request.recipient and is_the_guests(reminder, request.recipient, call):
            # The guest by another name: an address that is corrected before it goes out gets nothing.
            reminder = replace(reminder, recipient=None)
        if (recipient := reachable_recipient(reminder, call, screen)) is not None:
            yield reminder, recipient


def _foreign() -> Forbidden:
    message = "is not the guest of this call; the preset's allowForeignRecipients is false"
    return Forbidden(f"recipient: {message}", [Detail(message, "foreign_recipient", "recipient")])


def _listed(app: App, kind: ReminderKind) -> tuple[Channel, ...]:
    return tuple(Channel(name) for name in app.preset.reminders.get(kind, ()))


def _shown(reminder: Reminder) -> Mapping[str, object]:
    return {
        "id": reminder.id,
        "fire_at": format_instant(reminder.fire_at),
        "reminder_kind": reminder.kind.value,
        "channel": reminder.channel.value,
        "status": reminder.status.value,
    }
