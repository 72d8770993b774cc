"""An app that sends messages about its calls, and what comes between a message's claim and its outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slotline.domain.booking.calls import Call, EventType
from slotline.domain.booking.reminders import Channel, Reminder, ReminderStatus
from slotline.domain.booking.sendings import Feedback
from slotline.domain.messages.feedback import FeedbackReport, SendingReference
from slotline.domain.messages.message import Message
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import Unavailable
from slotline.ports.shared import StoreBusyError
from slotline.usecases.messages.record_feedback import Heard
from tests.support.builders.bookings import APP_ID
from tests.support.memory.faults import Crashed, Faults
from tests.support.memory.store import MemoryStore
from tests.support.memory.timing import (
    MemoryMessenger,
    MemoryQueues,
    MemoryReminders,
    MemorySchedules,
    MemoryTimers,
    due_of,
)
from tests.support.worlds.engine import Engine
from tests.support.worlds.house import House


@dataclass
class Interrupted(MemoryMessenger):
    """Somebody does something between the claim and the outcome."""

    meanwhile: Callable[[], object] = lambda: None

    def send(self, message: Message) -> str:
        self.meanwhile()
        return super().send(message)


class NotedLate(MemoryReminders):
    """Somebody does something between the reading of the call and the note that its guest is invited."""

    def __init__(self, store: MemoryStore, before: Callable[[], object]) -> None:
        super().__init__(store)
        self._before = [before]

    def note_invitation(self, reminder: Reminder, recipient: str) -> None:
        if self._before:
            self._before.pop()()
        super().note_invitation(reminder, recipient)


class SendingDesk(House):
    """An app whose preset lists a reminder an hour before, by e-mail; and who sends it."""

    def __init__(self, reminders: dict[str, list[str]] | None = None, **preset: Any) -> None:
        super().__init__(reminders={"reminder_1h": ["email"]} if reminders is None else reminders, **preset)
        self.messenger = Interrupted()
        self.without: set[Channel] = set()
        self.sender_faults = Faults()
        self.engine = Engine(
            store=self.store.with_faults(self.sender_faults),
            timers=MemoryTimers(self.store),
            queues=MemoryQueues(),
            schedules=MemorySchedules(),
            messenger=lambda channel: None if channel in self.without else self.messenger,
            clock=self.clock,
            ids=self.ids,
        )

    def row(self, call: Call, reminder_id: str = "reminder_1h.email") -> Reminder:
        return self.store.reminders[APP_ID, call.id, reminder_id]

    def due(self, call: Call, reminder_id: str = "reminder_1h.email") -> Due:
        return due_of(self.row(call, reminder_id))

    def send(self, due: Due) -> ReminderStatus | None:
        """Send it at its moment, if that has not passed."""
        self.clock.instant = max(self.clock.instant, due.at)
        return self.engine.send_reminder(due)

    @property
    def sent(self) -> list[Message]:
        return self.messenger.sent

    def told(self, call: Call) -> list[tuple[str, object]]:
        """What the timeline says of messages: which, and why not."""
        about = [name for name in EventType if name.startswith("reminder_")]
        events = [event for event in self.store.events[APP_ID, call.id] if event.event_type in about]
        return [(str(event.payload["reminder_id"]), event.payload.get("reason")) for event in events]

    def report(self, sending_id: str, feedback: Feedback, reason: str = "no_email", **changes: Any) -> Heard:
        """A provider's report of the message that went out with this id."""
        sending = next(found for found in self.store.sendings.values() if found.id == sending_id)
        named = {"app_id": sending.app_id, "call_id": sending.call_id, "sending_id": sending_id}
        said = {"reference": SendingReference(**named), "channel": sending.channel, **changes}
        return self.engine.record_feedback(FeedbackReport(feedback=feedback, reason=reason, **said))

    def live_through(self, call: Call) -> list[datetime]:
        """Wake its message whenever it is due, until it is over; the moments at which it was due."""
        woken = []
        while self.row(call).due_at is not None:
            due = self.due(call)
            woken.append(due.at)
            try:
                self.send(due)
            except (Crashed, StoreBusyError, Unavailable):
                continue
        return woken
