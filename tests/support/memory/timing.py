"""Time in memory: what is due, how it is woken, and the messages that go out."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from slotline.domain.booking.agent_days import DayChange
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.booking.reminders import Channel, Reminder, ReminderKind, ReminderStatus, planned_id
from slotline.domain.booking.sendings import Sending, Suppression
from slotline.domain.messages.bounds import AskedMessages, Counted, CountMessage
from slotline.domain.messages.message import Message
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.paging import Listed
from slotline.ports.booking import HeldSlot
from slotline.ports.messages import MessengerBusyError
from slotline.ports.shared import AlreadyWritten, QueueBusyError, RaceLost
from slotline.store.dynamodb import keys
from tests.support.memory.faults import Fault, Faults
from tests.support.memory.store import MemoryStore, is_due
from tests.support.memory.tokens import transaction

CLAIM_SECONDS = 15
LONGEST_DELAY = timedelta(minutes=15)


def due_of(reminder: Reminder) -> Due:
    """The wake-up of a message that waits."""
    assert reminder.due_at is not None
    key = keys.reminder(reminder.app_id, reminder.call_id, reminder.id)
    return Due(kind=DueKind.REMINDER, pk=key["pk"], sk=key["sk"], at=reminder.due_at)


def all_due(store: MemoryStore) -> Sequence[Due]:
    """Every row that waits for its time, by that time."""
    found = [due_of(reminder) for reminder in store.reminders.values() if reminder.due_at is not None]
    for call in store.calls.values():
        if (at := next_step_at(call)) is not None:
            key = keys.call(call.app_id, call.id)
            found.append(Due(kind=DueKind.CALL, pk=key["pk"], sk=key["sk"], at=at))
    for hold in store.holds.values():
        key = keys.hold(hold.app_id, hold.hold.agent_id, hold.hold.id)
        found.append(Due(kind=DueKind.HOLD, pk=key["pk"], sk=key["sk"], at=hold.hold.ends_at))
    return sorted(found, key=lambda due: due.at)


@dataclass
class MemoryReminders:
    """`Reminders` on the rows of a store."""

    store: MemoryStore

    def asked_for(self, windows: Sequence[Counted]) -> Sequence[AskedMessages]:
        """One instant of the whole store."""
        with self.store.reading():
            return [self._window(window) for window in windows]

    @transaction
    def add(self, reminders: Sequence[Reminder], receipt: Receipt | None, counts: Sequence[CountMessage] = ()) -> None:
        """Keep messages that somebody asked for, and count them."""
        if any((new.app_id, new.call_id, new.id) in self.store.reminders for new in reminders):
            raise AlreadyWritten
        self.store.check_receipt(receipt)
        if any(self._window(count.counted).version != count.version for count in counts):
            raise RaceLost
        for count in counts:
            before = self._window(count.counted)
            kept = {name: at for name, at in before.asked.items() if name not in count.drop}
            self.store.asked[count.counted] = replace(
                before, version=before.version + 1, asked=kept | {count.message_id: count.at}
            )
        for new in reminders:
            self.store.reminders[new.app_id, new.call_id, new.id] = new
        self.store.keep(receipt)

    def _window(self, window: Counted) -> AskedMessages:
        return self.store.asked.get(window, AskedMessages(counted=window))

    def note_invitation(self, reminder: Reminder, recipient: str) -> None:
        """Note that this address is sent an invitation."""
        with self.store.writing():
            place = (reminder.app_id, reminder.call_id, reminder.agent_id)
            self.store.invited[place] = self.store.invited.get(place, frozenset()) | {recipient.casefold()}

    def was_invited(self, reminder: Reminder, recipient: str) -> bool:
        """Whether this address may have had an invitation, or the agent at any."""
        with self.store.reading():
            place = (reminder.app_id, reminder.call_id, reminder.agent_id)
            if place in self.store.invited:
                return reminder.agent_id is not None or recipient.casefold() in self.store.invited[place]
            if reminder.agent_id is not None:
                return False
            planned = self.store.reminders.get((*place[:2], planned_id(ReminderKind.INVITATION, Channel.EMAIL)))
            return planned is not None and planned.status is ReminderStatus.SENT

    def note_sending(self, sending: Sending) -> None:
        """Note that a message is handed over."""
        with self.store.writing():
            self.store.sendings[sending.app_id, sending.call_id, sending.id] = sending

    def sending(self, app_id: str, call_id: str, sending_id: str) -> Sending | None:
        """A message as it was handed over."""
        with self.store.reading():
            return self.store.sendings.get((app_id, call_id, sending_id))

    def claim(self, due: Due, claim_id: str, until: datetime) -> Reminder | None:
        """Take a message to send it."""
        with self.store.writing():
            for place, reminder in self.store.reminders.items():
                if is_due(reminder.due_at, due) and replace(due_of(reminder), at=due.at) == due:
                    taken = replace(reminder, claim_id=claim_id, due_at=until, attempts=reminder.attempts + 1)
                    self.store.reminders[place] = taken
                    return taken
            return None

    def is_claimed(self, reminder: Reminder) -> bool:
        """Whether its claim still stands."""
        with self.store.reading():
            return self.store.is_claimed(reminder)

    def settle(self, reminder: Reminder) -> None:
        """Write what became of it, if its claim still stands; one that was dropped does not wait again."""
        place = (reminder.app_id, reminder.call_id, reminder.id)
        with self.store.writing():
            if self.store.is_claimed(reminder) and (not reminder.due_at or self.store.reminders[place].due_at):
                self.store.reminders[place] = reminder


@dataclass
class MemorySuppressions:
    """`Suppressions` on the rows of a store."""

    store: MemoryStore

    def find(self, app_id: str, channel: Channel, identity: str) -> Suppression | None:
        """Why nothing goes there."""
        with self.store.reading():
            return self.store.suppressions.get((app_id, channel, identity))

    def list(self, app_id: str, limit: int, after: str | None) -> Listed[Suppression]:
        """A page of them."""
        with self.store.reading():
            found = {
                f"{channel}#{one}": row for (app, channel, one), row in self.store.suppressions.items() if app == app_id
            }
        names = sorted(name for name in found if after is None or name > after)
        page = names[:limit]
        return Listed(rows=[found[name] for name in page], next=page[-1] if len(names) > limit else None)

    def lift(self, app_id: str, channel: Channel, identity: str, entry: AuditEntry | None = None) -> bool:
        """Send there again."""
        with self.store.writing():
            was_there = self.store.suppressions.pop((app_id, channel, identity), None) is not None
            self.store.append(entry if was_there else None)
            return was_there


@dataclass
class MemoryHolds:
    """`Holds` on the rows of a store."""

    store: MemoryStore

    def due(self, due: Due) -> HeldSlot | None:
        """The hold that is due, if it still is."""
        with self.store.reading():
            found = (
                hold
                for hold in self.store.holds.values()
                if keys.hold(hold.app_id, hold.hold.agent_id, hold.hold.id) == {"pk": due.pk, "sk": due.sk}
            )
            return next((hold for hold in found if is_due(hold.hold.ends_at, due)), None)

    @transaction
    def end(self, hold: HeldSlot, days: Sequence[DayChange]) -> None:
        """Take the hold away with its claim."""
        self.store.holds.pop((hold.app_id, hold.hold.agent_id, hold.hold.id), None)
        for change in days:
            self.store.change_day(hold.app_id, change)


@dataclass
class MemoryTimers:
    """`Timers` on the rows of a store."""

    store: MemoryStore
    minutes: dict[datetime, tuple[bool, datetime]] = field(default_factory=dict)
    watermark: datetime | None = None

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        """What is due then."""
        with self.store.reading():
            found = [due for due in all_due(self.store) if start <= due.at < end]
        yield from (found[first : first + 3] for first in range(0, len(found), 3))

    def claim_minute(self, minute: datetime, now: datetime) -> bool:
        """Whether the schedule is the caller's to make."""
        with self.store.writing():
            made, claimed_at = self.minutes.get(minute, (False, None))
            if made:
                return False
            if claimed_at is not None and (now - claimed_at).total_seconds() <= CLAIM_SECONDS:
                raise QueueBusyError("another is making it")
            self.minutes[minute] = (False, now)
            return True

    def minute_made(self, minute: datetime) -> None:
        """The minute has its schedule."""
        with self.store.writing():
            self.minutes[minute] = (True, minute)

    def swept_until(self) -> datetime | None:
        """How far the last sweep came."""
        with self.store.reading():
            return self.watermark

    def swept(self, until: datetime) -> None:
        """How far this one came."""
        with self.store.writing():
            self.watermark = until


@dataclass
class MemoryQueues:
    """`Queues`: what was sent, with the moment from which it may be received."""

    faults: Faults = field(default_factory=Faults)
    sent: list[tuple[datetime, Due]] = field(default_factory=list)

    def send(self, due: Sequence[Due], now: datetime) -> None:
        """Hold each back until it is due, and 15 minutes at most."""
        fault = self.faults.commits.popleft() if self.faults.commits else None
        if fault is Fault.BUSY:
            raise QueueBusyError("ordered by a test")
        for one in due:
            self.sent.append((now + min(max(one.at - now, timedelta()), LONGEST_DELAY), one))
        if fault is Fault.LOST_ANSWER:
            raise QueueBusyError("the answer was lost")


@dataclass
class MemorySchedules:
    """`Schedules`: the minutes that were asked for, and how often."""

    faults: Faults = field(default_factory=Faults)
    asked: list[datetime] = field(default_factory=list)

    def wake(self, minute: datetime) -> None:
        """Remember the minute."""
        fault = self.faults.commits.popleft() if self.faults.commits else None
        if fault is Fault.BUSY:
            raise QueueBusyError("ordered by a test")
        self.asked.append(minute)
        if fault is Fault.LOST_ANSWER:
            raise QueueBusyError("the answer was lost")


@dataclass
class MemoryMessenger:
    """`Messenger` that keeps what it was given; it fails as it was told to."""

    failures: deque[type[Exception] | None] = field(default_factory=deque)
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> str:
        """Keep it."""
        failure = self.failures.popleft() if self.failures else None
        if failure is not None and failure is not LostAnswerError:
            raise failure("ordered by a test")
        self.sent.append(message)
        if failure is LostAnswerError:
            raise MessengerBusyError("the answer was lost")
        return f"provider-{len(self.sent)}"


class LostAnswerError(Exception):
    """It went out, and nobody was told."""


@dataclass
class MemoryDeadLetters:
    """`DeadLetters` that keeps them."""

    letters: list[Mapping[str, object]] = field(default_factory=list)

    def put(self, letter: Mapping[str, object]) -> None:
        """Keep it."""
        self.letters.append(letter)
