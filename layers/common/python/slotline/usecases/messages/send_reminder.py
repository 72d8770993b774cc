"""A message's moment has come: send it, if it is still true, and say on the call's timeline what became of it.

Whoever claims a message holds it for a while. Whoever dies on the way lets go of it: it is due again when the lease
ends, so it is sent at least once. The call is read after the claim, so nothing goes out for a call that was cancelled
or moved before that.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.reminders import Channel, Reminder, ReminderStatus
from slotline.domain.booking.role_tokens import host_url
from slotline.domain.booking.sendings import Sending
from slotline.domain.booking.timeline import reminder_failed, reminder_was_sent
from slotline.domain.messages.bounds import suppressed_as
from slotline.domain.messages.composing import message_about
from slotline.domain.messages.message import Message
from slotline.domain.messages.sending import (
    HEARD_BACK_FROM,
    LEASE,
    Verdict,
    audience_of,
    depends_on_earlier_mails,
    is_calendar_entry,
    is_news_to_nobody,
    is_the_guests,
    next_attempt,
    reachable_recipient,
    verdict,
)
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import AppNotFound, NotFound
from slotline.domain.shared.phones import Screen
from slotline.ports.apps import Agents
from slotline.ports.booking import Bookings, GuestLinkKeys
from slotline.ports.messages import MessageRefused, Messenger, MessengerBusyError, Reminders, Suppressions
from slotline.ports.shared import Clock, Ids
from slotline.usecases.booking.change_call import SYSTEM, Change, ChangeCall
from slotline.usecases.messages.suppressed import is_suppressed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """What sends a message, and to whom."""

    messenger: Messenger
    recipient: str


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
        reader = self._find(reminder.app_id, reminder.agent_id)
        asked_about: str | None = None
        noted: str | None = None
        was_invited = False
        while True:
            seen = self.bookings.read_for_change(reminder.app_id, reminder.call_id, None)
            if seen.app is None or seen.call is None:
                return self._drop(reminder)
            app, call = seen.app, seen.call
            ready = self._ready(reminder, call, reader, now)
            if isinstance(ready, Verdict):
                return self._drop(reminder)
            if isinstance(ready, str):
                return self._failed(reminder, ready)
            if depends_on_earlier_mails(reminder) and ready.recipient != asked_about:
                was_invited, asked_about = self.reminders.was_invited(reminder, ready.recipient), ready.recipient
                if is_news_to_nobody(reminder, app.preset, was_invited=was_invited):
                    return self._drop(reminder)
            if is_calendar_entry(reminder) and ready.recipient != noted:
                # Noted first, and the call read once more: whoever cancels it after that finds that they were invited.
                self.reminders.note_invitation(reminder, ready.recipient)
                noted = ready.recipient
                continue
            message = message_about(
                call,
                app,
                reader or self._find(call.app_id, call.assigned_agent_id),
                reminder,
                recipient=ready.recipient,
                was_invited=was_invited,
                rooms_at=self.rooms_at,
                guest_url=self._guest_url(reminder, ready.recipient, call),
                host_join_url=self._host_join_url(reminder, call),
                sending_id=claim_id,
                now=now,
            )
            return self._send(reminder, ready.messenger, message)

    def _ready(
        self, reminder: Reminder, call: Call, reader: Agent | None, now: datetime
    ) -> "_Ready | Literal[Verdict.DROP] | str":
        """Who sends it to whom; else that nobody misses it, or why it failed."""
        judged = verdict(reminder, call, now, reader)
        if judged is Verdict.DROP:
            return Verdict.DROP
        if judged is not Verdict.SEND:
            return str(judged.value)
        messenger = self.messenger(reminder.channel)
        if messenger is None:
            return "channel_not_set_up"
        recipient = reachable_recipient(reminder, call, self.screen, reader)
        if recipient is None:
            return "number_barred"
        if is_suppressed(self.suppressions, reminder, recipient, audience_of(reminder, call)):
            # An address that was corrected because nothing arrived there misses nothing.
            return Verdict.DROP if reminder.withdrawal and not reminder.agent_id else "suppressed"
        return _Ready(messenger=messenger, recipient=recipient)

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

        def decide(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
            if not self.reminders.is_claimed(reminder):
                return None  # recorded by an earlier try, or planned anew meanwhile
            audience = audience_of(reminder, call)
            draft = reminder_failed(reminder, audience, reason) if reason else reminder_was_sent(reminder, audience)
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
            recipient=suppressed_as(message.recipient, message.audience),
            audience=message.audience,
            agent_id=reminder.agent_id,
            sent_at=self.clock.now(),
        )

    def _guest_url(self, reminder: Reminder, recipient: str, call: Call) -> str | None:
        """The guest's link, if the message is the guest's: not another's whom somebody asked for, and no agent's."""
        if not is_the_guests(reminder, recipient, call):
            return None
        return self.link_keys().url_of(call, self.rooms_at, self.clock.now())

    def _host_join_url(self, reminder: Reminder, call: Call) -> str | None:
        """The host's link, if the message is for the agent who has the call."""
        if reminder.agent_id is None or reminder.agent_id != call.assigned_agent_id or call.is_final:
            return None
        return host_url(self.link_keys(), call, self.rooms_at, self.clock.now())

    def _find(self, app_id: str, agent_id: str | None) -> Agent | None:
        if agent_id is None:
            return None
        _, agent = self.agents.find(app_id, agent_id)
        return agent
