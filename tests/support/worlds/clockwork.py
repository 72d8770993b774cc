"""The world that sets things going later, in memory: a stream, schedules, queues and functions, none of them reliable.

Time passes from event to event. What AWS promises is kept and nothing more: a change of a row comes at least once and
in the row's order, unless it is lost for good; a schedule fires within its minute, perhaps twice, perhaps not at all; a
message comes at least once, in any order, and is put aside after five failures; a function dies wherever it likes.
"""

import heapq
import math
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from slotline.domain.booking.reminders import Channel
from slotline.domain.messages.message import Message
from slotline.domain.shared.due import LEAD, Due
from slotline.domain.shared.errors import Unavailable
from slotline.domain.shared.instants import format_instant
from slotline.ports.messages import MessageRefused, Messenger, MessengerBusyError
from slotline.ports.shared import QueueBusyError, StoreBusyError
from slotline.queues.sqs import from_body, to_body
from slotline.store.dynamodb.streams import Change
from slotline.store.shared.timers import newly_due
from tests.support.builders.apps import NOW, SetClock
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.running import NumberedIds
from tests.support.memory.store import MemoryStore
from tests.support.memory.timing import MemoryTimers, all_due
from tests.support.worlds.engine import Engine

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LONGEST_DELAY = 900
HIDDEN_FOR = timedelta(seconds=180)
MOST_RECEIVES = 5
STREAM_RETRIES = 20
_TROUBLE = (Crashed, StoreBusyError, QueueBusyError, Unavailable)
"""What a function may die of. Whatever else it raises is a fault of the code."""


@dataclass(frozen=True, kw_only=True)
class Nature:
    """How unreliable the world is: shares of 1, and the longest delays in seconds."""

    faults: float = 0.0
    """Of all effects: refused, lost on the way back, or the end of the process."""
    planners_faults: float = 0.0
    """The same, of the effects of those who plan wake-ups alone."""
    rivals: float = 0.0
    """Of all effects: somebody else does something to the same call in between."""
    lost_changes: float = 0.0
    lost_schedules: float = 0.0
    doubles: float = 0.0
    """Of changes, schedules and messages: they come twice."""
    lag: int = 0
    """Of the stream, of the index, and of a queue beyond the delay that was asked for."""
    schedules_late: int = 0
    busy: float = 0.0
    """Of all messages: their channel does not take them now."""
    refusals: float = 0.0
    """Of all messages: their channel will never take them."""
    store_is_out: bool = False
    """For an hour nothing can be read, written, queued or scheduled; functions are called and fail."""
    functions_are_out: bool = False
    """For an hour whatever a queue calls dies at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """One call of a function: what it is for, and after which write it claimed which message."""

    pk: str = ""
    is_planner: bool = False
    claimed: dict[tuple[str, str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class Sent:
    """A message that went out. `claimed`, `sequence`: after which writes it was claimed, and sent.

    `answered`: the sender knows; `ended`: and lived to tell.
    """

    message: Message
    at: datetime
    claimed: int
    sequence: int
    answered: bool = False
    ended: bool = False


@dataclass(slots=True)
class _Envelope:
    body: str
    receives: int = 0


@dataclass(frozen=True)
class Weather(Faults):
    """Faults by chance at every effect, and the world's eye on what it changed."""

    strikes: Callable[[], Fault | None] = lambda: None
    watch: Callable[[], None] = lambda: None

    @contextmanager
    def around(self, planned: deque[Fault | None]) -> Iterator[None]:  # noqa: ARG002 - by chance, not by plan
        """Run an effect."""
        with Faults.around(self, deque([self.strikes()])):
            yield
            self.watch()


@dataclass
class IndexedTimers(MemoryTimers):
    """`Timers` on an index that lags behind its rows."""

    index: Callable[[], Sequence[Due]] = list

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        with self.store.reading():
            found = [due for due in self.index() if start <= due.at < end]
        yield from (found[first : first + 3] for first in range(0, len(found), 3))


class Clockwork:
    """One store, and all that acts on its rows when they are due."""

    def __init__(self, seed: int, nature: Nature) -> None:
        self.random, self.nature = Random(seed), nature
        self.clock, self.ids = SetClock(), NumberedIds()
        self.store = MemoryStore(self.clock)
        self.calm = False
        self.outage: tuple[datetime, datetime] | None = None
        self.rival: Callable[[str], None] = lambda _: None
        self.on_change: Callable[[int], None] = lambda _: None
        self.sequence = 0
        """Counts the writes: which came before which, where the clock says nothing."""
        self.sent: list[Sent] = []
        self.schedules: Counter[datetime] = Counter()
        self.put_aside: list[Due] = []
        self._events: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = 0
        self._run: Run | None = None
        self._kept: list[dict[Any, Any]] = []
        self._rows: dict[tuple[str, str], Due] = {}
        self._indexed_at: dict[tuple[str, str], datetime] = {}
        self._delivered: dict[tuple[str, str], datetime] = {}
        self._claims: dict[tuple[str, str, str], str | None] = {}
        self._weather = Weather(strikes=self._strikes, watch=self.watch)
        self._timers = IndexedTimers(self.failing_store, index=self._index)
        self._processes = [set[datetime]() for _ in range(2)]

    @property
    def failing_store(self) -> MemoryStore:
        """The store, through a connection in this weather."""
        return self.store.with_faults(self._weather)

    def at(self, instant: datetime, act: Callable[[], None]) -> None:
        """Have this happen then; not in the past. Stores keep milliseconds, so there is nothing in between."""
        self._numbers += 1
        whole = instant - timedelta(microseconds=instant.microsecond % 1000)
        heapq.heappush(self._events, (max(whole, self.clock.now()), self._numbers, act))

    def pass_until(self, instant: datetime) -> None:
        """Let everything happen that is to happen by then."""
        while self._events and self._events[0][0] <= instant:
            self.clock.instant, _, act = heapq.heappop(self._events)
            act()
        self.clock.instant = instant

    def sweep_every_minute(self, second: int) -> None:
        """From now on, at this second of each minute."""

        def sweep() -> None:
            self.at(self.clock.now() + MINUTE, sweep)
            left = iter([True] * 50)
            self._call(lambda: self.engine().sweep(lambda: next(left, False)))

        self.at(self.clock.now() + second * SECOND, sweep)

    def watch(self) -> None:
        """Tell the stream what has changed."""
        kept = [dict(rows) for rows in (self.store.calls, self.store.reminders, self.store.holds, self.store.days)]
        if kept == self._kept:
            return
        self._kept = kept
        rows = {(due.pk, due.sk): due for due in all_due(self.store)}
        claims = {place: reminder.claim_id for place, reminder in self.store.reminders.items()}
        self.sequence += 1
        if self._run is not None:
            for place, claim_id in claims.items():
                if claim_id is not None and claim_id != self._claims.get(place):
                    self._run.claimed[place] = self.sequence
        self._claims = claims
        self.on_change(self.sequence)
        for key in sorted(rows.keys() | self._rows.keys()):
            if rows.get(key) != self._rows.get(key):
                self._indexed_at[key] = self.clock.now() + self._some(self.nature.lag)
                self._stream(key, Change(old=_image(key, self._rows.get(key)), new=_image(key, rows.get(key))))
        self._rows = rows

    def _index(self) -> Sequence[Due]:
        now = self.clock.now()
        return [
            due for key, due in sorted(self._rows.items(), key=lambda row: row[1].at) if self._indexed_at[key] <= now
        ]

    def _stream(self, key: tuple[str, str], change: Change) -> None:
        if self._chance(self.nature.lost_changes):
            return
        # In the row's order: not before what came of it last.
        at = max(self.clock.now() + self._some(self.nature.lag), self._delivered.get(key, NOW))
        self._delivered[key] = at
        for _ in range(2 if self._chance(self.nature.doubles) else 1):
            self.at(at, lambda: self._plan(newly_due(change), STREAM_RETRIES))

    def _plan(self, due: Sequence[Due], tries: int) -> None:
        run = Run(is_planner=True)
        if due and not self._call(lambda: self.engine().plan_wake_ups(due), run) and tries:
            self.at(self.clock.now() + self.random.uniform(1, 16) * SECOND, lambda: self._plan(due, tries - 1))

    def wake(self, minute: datetime) -> None:
        """`Schedules`: one of each name, so a second one is none."""
        with self._effect(QueueBusyError):
            self.schedules[minute] += 1
            if self.schedules[minute] > 1 or self._chance(self.nature.lost_schedules):
                return
            for _ in range(2 if self._chance(self.nature.doubles) else 1):
                at = minute - LEAD + self._some(self.nature.schedules_late)
                self.at(at, lambda: self._fire(minute, 2))

    def _fire(self, minute: datetime, tries: int) -> None:
        if not self._call(lambda: self.engine().fire_due(minute)) and tries:
            self.at(self.clock.now() + MINUTE, lambda: self._fire(minute, tries - 1))

    def send(self, due: Sequence[Due], now: datetime) -> None:
        """`Queues`: by whole seconds, 15 minutes at most."""
        with self._effect(QueueBusyError):
            for one in due:
                seconds = min(max(0, math.ceil((one.at - now).total_seconds())), LONGEST_DELAY)
                for _ in range(2 if self._chance(self.nature.doubles) else 1):
                    envelope = _Envelope(to_body(one))
                    at = self.clock.now() + seconds * SECOND + self._some(self.nature.lag)
                    self.at(at, lambda envelope=envelope: self._receive(envelope))  # type: ignore[misc]

    def _receive(self, envelope: _Envelope) -> None:
        due, engine = from_body(envelope.body), self.engine()
        envelope.receives += 1

        def consume() -> None:
            if self.nature.functions_are_out and self._is_out():
                raise Crashed
            now = self.clock.now()
            if now < due.at:
                engine.queues.send([due], now)
            else:
                engine.act(due)

        is_done = self._call(consume, Run(pk=due.pk)) and not self._chance(self.nature.doubles)
        if is_done:
            return
        if envelope.receives >= MOST_RECEIVES:
            self.put_aside.append(due)
            return
        self.at(self.clock.now() + HIDDEN_FOR, lambda: self._receive(envelope))

    def messenger(self, channel: Channel) -> Messenger | None:
        """Of every channel."""
        return _Messenger(self, channel)

    def take(self, message: Message) -> None:
        """A channel takes a message, or does not."""
        if self._chance(self.nature.refusals):
            raise MessageRefused("by chance")
        if self._chance(self.nature.busy):
            self._strikes()
            raise MessengerBusyError("by chance")
        with self._effect(MessengerBusyError):
            assert self._run is not None, "nobody sends but a function"
            claimed = [
                sequence
                for (_, call_id, reminder_id), sequence in self._run.claimed.items()
                if message.id.startswith(f"{call_id}.{reminder_id}.")
            ]
            assert len(claimed) == 1, f"I8: {message.id} went out, and nobody had claimed it"
            self.sent.append(Sent(message, self.clock.now(), claimed[0], self.sequence))
        self.sent[-1].answered = True

    def _call(self, function: Callable[[], object], run: Run | None = None) -> bool:
        """Call a function, whatever it dies of. True where it came to its end."""
        self._run, first = run or Run(), len(self.sent)
        try:
            function()
        except _TROUBLE:
            return False
        else:
            for sent in self.sent[first:]:
                sent.ended = sent.answered
            return True
        finally:
            self._run = None

    def engine(self) -> Engine:
        """The use cases of time in this weather, in one of two processes that have lived for a while."""
        return Engine(
            store=self.failing_store,
            timers=self._timers,
            queues=self,
            schedules=self,
            messenger=self.messenger,
            clock=self.clock,
            ids=self.ids,
            known=self.random.choice(self._processes),
        )

    @contextmanager
    def _effect(self, busy: type[Exception]) -> Iterator[None]:
        fault = self._strikes()
        if fault is Fault.BUSY:
            raise busy("by chance")
        if fault is Fault.CRASH_BEFORE:
            raise Crashed
        yield
        if fault is Fault.LOST_ANSWER:
            raise busy("the answer was lost")
        if fault is Fault.CRASH_AFTER:
            raise Crashed

    def _strikes(self) -> Fault | None:
        if self.calm:
            return None
        if self.nature.store_is_out and self._is_out():
            return Fault.BUSY
        run = self._run
        if run is not None and run.pk and self._chance(self.nature.rivals):
            self._run = None
            try:
                self.rival(run.pk)
            finally:
                self._run = run
        share = self.nature.planners_faults if run and run.is_planner else self.nature.faults
        return self.random.choice(list(Fault)) if self._chance(share) else None

    def _is_out(self) -> bool:
        return self.outage is not None and self.outage[0] <= self.clock.now() < self.outage[1]

    def _chance(self, share: float) -> bool:
        return not self.calm and self.random.random() < share

    def _some(self, most: int) -> timedelta:
        return timedelta(milliseconds=self.random.randint(0, 1000 * most)) if most else timedelta()


@dataclass(frozen=True)
class _Messenger:
    world: Clockwork
    channel: Channel

    def send(self, message: Message) -> str:
        assert message.channel is self.channel
        self.world.take(message)
        return message.id


def _image(key: tuple[str, str], due: Due | None) -> Mapping[str, Any] | None:
    return {"pk": key[0], "sk": key[1], "due_at": format_instant(due.at)} if due else {"pk": key[0], "sk": key[1]}
