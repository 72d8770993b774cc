"""A message's moment has come: send it, if it is still true, and say on the call's timeline what became of it.

Whoever claims a message holds it for a while. Whoever dies on the way lets go of it: it is due again when the lease
ends, so it is sent at least once. The call is read after the claim, so nothing goes out for a call that was cancelled
or moved before that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind, ReminderStatus
from slotline.domain.booking.sendings import Sending
from slotline.domain.booking.timeline import reminder_failed, reminder_was_sent
from slotline.domain.messages.bounds import identity_of
from slotline.domain.messages.message import Message, reply_to
from slotline.domain.messages.sending import (
    HEARD_BACK_FROM,
    LEASE,
    Verdict,
    is_the_guests,
    next_attempt,
    reachable_recipient,
    verdict,
)
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import AppNotFound, NotFound
from slotline.domain.shared.phones import Screen
from slotline.ports.booking import Agents, Bookings, GuestLinkKeys
from slotline.ports.messages import MessageRefused, Messenger, MessengerBusyError, Reminders, Suppressions
from slotline.ports.shared import Clock, Ids
from slotline.usecases.booking.change_call import SYSTEM, Change, ChangeCall
from slotline.usecases.messages.suppressed import is_suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class SendReminder:
    """Sends a message whose moment has come. `messenger`: None for a channel that this deployment has not set up."""

    reminders: Reminders
    suppressions: Suppressions
    bookings: Bookings
    agents: Agents
    change_call: ChangeCall
    messenger: Callable[[Channel], Messenger | None]
    rooms_at: str
    link_keys: GuestLinkKeys
    screen: Screen
    clock: Clock
    ids: Ids

    def __call__(self, due: Due) -> ReminderStatus | None:
        """What became of it; None where it was not due any more. `planned`: it is tried again later."""
        now = self.clock.now()
        claim_id = self.ids.new()
        reminder = self.reminders.claim(due, claim_id, now + LEASE)
        if reminder is None:
            return None
        is_calendar_entry = reminder.channel is Channel.EMAIL and reminder.kind is ReminderKind.INVITATION
        noted: str | None = None
        while True:
            seen = self.bookings.read_for_change(reminder.app_id, reminder.call_id, None)
            if seen.app is None or seen.call is None:
                return self._drop(reminder)
            judged = verdict(reminder, seen.call, now)
            if judged is Verdict.DROP:
                return self._drop(reminder)
            if judged is not Verdict.SEND:
                return self._failed(reminder, judged.value)
            messenger = self.messenger(reminder.channel)
            if messenger is None:
                return self._failed(reminder, "channel_not_set_up")
            recipient = reachable_recipient(reminder, seen.call, self.screen)
            if recipient is None:
                return self._failed(reminder, "number_barred")
            if is_suppressed(self.suppressions, reminder, recipient):
                return self._failed(reminder, "suppressed")
            if not is_calendar_entry or recipient == noted:
                message = self._message(reminder, claim_id, recipient, seen.app, seen.call)
                return self._send(reminder, messenger, message)
            # Noted first, and the call read once more: whoever cancels it after that finds that the guest was invited.
            self.reminders.note_invitation(reminder, recipient)
            noted = recipient

    def _send(self, reminder: Reminder, messenger: Messenger, message: Message) -> ReminderStatus:
        if reminder.channel in HEARD_BACK_FROM:  # noted first: what comes back may be faster than our own record
            self.reminders.note_sending(self._sending(reminder, message))
        try:
            messenger.send(message)
        except MessageRefused:
            return self._failed(reminder, "refused")
        except MessengerBusyError:
            return self._later(reminder, "channel_unavailable")
        except Exception:
            # Most likely its words could not be made. Raised for the log; the row says when it is tried again, or that
            # it was given up, so that the wake-up that comes again finds nothing to do.
            self._later(reminder, "not_composed")
            raise
        self._record(replace(reminder, status=ReminderStatus.SENT, due_at=None))
        return ReminderStatus.SENT

    def _later(self, reminder: Reminder, reason: str) -> ReminderStatus:
        """Try again later; once that was done often enough, it has failed for this reason."""
        at = next_attempt(reminder, self.clock.now())
        if at is None:
            return self._failed(reminder, reason)
        self.reminders.settle(replace(reminder, due_at=at))
        return ReminderStatus.PLANNED

    def _drop(self, reminder: Reminder) -> ReminderStatus:
        self.reminders.settle(replace(reminder, status=ReminderStatus.DROPPED, due_at=None))
        return ReminderStatus.DROPPED

    def _failed(self, reminder: Reminder, reason: str) -> ReminderStatus:
        self._record(replace(reminder, status=ReminderStatus.FAILED, due_at=None), reason)
        return ReminderStatus.FAILED

    def _record(self, reminder: Reminder, reason: str = "") -> None:
        """Outcome and event in one transaction, on the call as it is by now."""
        about = (reminder.id, reminder.kind.value, reminder.channel.value)
        draft = reminder_failed(*about, reason) if reason else reminder_was_sent(*about)

        def decide(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
            if not self.reminders.is_claimed(reminder):
                return None  # recorded by an earlier try, or planned anew meanwhile
            return Change(call=call, event_drafts=[draft], settled_reminder=reminder)

        try:
            self.change_call(reminder.app_id, reminder.call_id, decide, SYSTEM, None, no_rate_limit)
        except (AppNotFound, NotFound):
            self.reminders.settle(reminder)

    def _sending(self, reminder: Reminder, message: Message) -> Sending:
        return Sending(
            id=message.sending_id,
            app_id=reminder.app_id,
            call_id=reminder.call_id,
            reminder_id=reminder.id,
            kind=reminder.kind,
            channel=reminder.channel,
            recipient=identity_of(message.recipient),
            sent_at=self.clock.now(),
        )

    def _message(self, reminder: Reminder, sending_id: str, recipient: str, app: App, call: Call) -> Message:
        preset, agent = app.preset, self._agent(call)
        sender_name = preset.branding_name or app.name
        return Message(
            id=f"{call.id}.{reminder.id}.{int(reminder.fire_at.timestamp())}",
            sending_id=sending_id,
            kind=reminder.kind,
            channel=reminder.channel,
            recipient=recipient,
            language=call.guest.language or preset.language,
            zone=call.guest.timezone or call.app_timezone,
            sender_name=sender_name,
            sender_color=preset.branding_color,
            app_id=call.app_id,
            call_id=call.id,
            call_status=call.status,
            sequence=call.revision,
            guest_name=call.guest.name,
            guest_email=call.guest.email,
            guest_phone_e164=call.guest.phone_e164,
            agent_name=agent.name if agent else None,
            reply_to=reply_to(preset, sender_name, agent),
            may_be_in_calendar=self._may_be_in_calendar(reminder, recipient),
            scheduled_at=call.scheduled_at,
            duration_minutes=call.duration_minutes,
            join_url=f"{self.rooms_at}/c/{call.id}",
            guest_url=self._guest_url(reminder, recipient, call),
            moved=reminder.moved,
            reason=call.cancellation_reason,
            created_at=reminder.fire_at,
        )

    def _guest_url(self, reminder: Reminder, recipient: str, call: Call) -> str | None:
        """The guest's link, if the message is the guest's: not another's whom somebody asked for, and no agent's."""
        if not is_the_guests(reminder, recipient, call):
            return None
        return self.link_keys().url_of(call, self.rooms_at, self.clock.now())

    def _may_be_in_calendar(self, reminder: Reminder, recipient: str) -> bool:
        """Asked only where it matters: a cancellation takes a call out of the calendars that may have it."""
        is_cancellation = reminder.channel is Channel.EMAIL and reminder.kind is ReminderKind.CANCELLATION
        return is_cancellation and self.reminders.was_invited(reminder, recipient)

    def _agent(self, call: Call) -> Agent | None:
        if call.assigned_agent_id is None:
            return None
        _, agent = self.agents.find(call.app_id, call.assigned_agent_id)
        return agent
