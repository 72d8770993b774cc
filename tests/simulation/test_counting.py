"""Calls that are booked, moved, handed on and cancelled, and a stream that repeats, halves, is late and loses batches:
counters and rows of statuses are those of a recount.

The use cases book in memory; what is derived goes through the real adapter, whose transactions conflict and whose
answers are lost.
"""

import random
from collections import Counter as Sums
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from slotline.domain.booking.calls import AssignmentMethod
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.working_hours import Window
from slotline.ports.shared import Derived, StoreBusyError
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.derived import derived_of_call
from slotline.store.booking.items import call_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.shared.derived import COUNT, DynamoDerivations
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.call_changes import CancelCall, ClaimCall, ConfirmCall, UpdateCall
from slotline.usecases.booking.derive_calls import DeriveCalls
from slotline.usecases.shared.derive import Derive
from tests.support.aws.small_dynamodb import CONFLICT, LOST_ANSWER, SmallDynamoDB
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import APP_ID, JANE, a_request, an_agent, an_app
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.timing import MemoryDeadLetters
from tests.support.worlds.desk import Desk, no_gate
from tools.counters import Recount, scheduled_calls

SHARDS, BATCH = 4, 100
AGENTS = tuple(f"agent-{n}" for n in range(12))
ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
Change = tuple[str, str] | Derived
"""What a stream says of a call: something happened to it, or it was deleted."""


class World:
    """An app, its calls, and a stream of a few shards, each with one reader."""

    def __init__(self, seed: int) -> None:
        self.drawn, self.clock = random.Random(seed), SetClock()
        self.store = MemoryStore(self.clock)
        self.store.apps[APP_ID] = an_app()
        for agent_id in AGENTS:
            self.store.agents[APP_ID, agent_id] = an_agent(agent_id, working_hours=ALWAYS)
        self.desk = Desk(self.store, self.clock, NumberedIds())
        self.table = SmallDynamoDB(self.fault)
        self.table.put_item(Item=to_values({**keys.app(APP_ID), "app_id": APP_ID}))
        self.derivations = DynamoDerivations(self.table, "table", self.clock)  # type: ignore[arg-type] # all it asks
        self.streams: list[deque[Change]] = [deque() for _ in range(SHARDS)]
        self.revisions: dict[str, int] = {}
        self.happened, self.lost, self.repeated = Sums[str](), 0, 0
        derive = Derive(
            derivations=self.derivations,
            dead_letters=MemoryDeadLetters(),
            backoff=RecordedBackoff(fits=float("inf")),
            clock=self.clock,
        )
        calls = DynamoCalls(self.table, "table")  # type: ignore[arg-type] # as above
        self.derive_calls = DeriveCalls(calls=calls, derive=derive, derived_of=derived_of_call)

    def fault(self) -> str | None:
        return self.drawn.choices([None, CONFLICT, LOST_ANSWER], [90, 6, 4])[0]

    def act(self) -> None:
        """One operation of anybody's."""
        acts: list[Callable[[], None]] = [self.book] * 5 + [self.update] * 4 + [self.cancel, self.confirm, self.claim]
        act = self.drawn.choice(acts if self.drawn.random() < 0.99 else [self.delete])
        try:
            act()
        except DomainError as refused:
            self.happened[type(refused).__name__] += 1
            return
        self.happened[act.__name__] += 1
        self.tell()

    def tell(self) -> None:
        """The stream has what was committed."""
        while self.store.committed:
            call = self.store.committed.pop(0).call
            self.table.put_item(Item=to_values(call_to_item(self.store.calls[APP_ID, call.id])))
            self._stream(call.id).append((APP_ID, call.id))

    def _stream(self, call_id: str) -> deque[Change]:
        return self.streams[int(call_id[-4:], 16) % SHARDS]

    def some_call(self) -> str:
        return self.drawn.choice(list(self.store.calls))[1] if self.store.calls else "none"

    def some_start(self) -> datetime:
        return NOW + timedelta(days=self.drawn.randint(1, 40), minutes=30 * self.drawn.randint(0, 47))

    def book(self) -> None:
        method = self.drawn.choice([None, AssignmentMethod.ROUND_ROBIN, AssignmentMethod.POOL])
        agent = self.drawn.choice(AGENTS) if method is None else None
        guest = replace(JANE, email=f"guest-{self.drawn.randint(1, 10**9)}@example.com")
        wanted = {"scheduled_at": self.some_start(), "assigned_agent_id": agent, "guest": guest}
        self.desk.book_call(a_request(**wanted, **({"assignment_method": method} if method else {})), None, no_gate)

    def update(self) -> None:
        start = self.some_start() if self.drawn.random() < 0.6 else None
        agent = self.drawn.choice(AGENTS) if self.drawn.random() < 0.6 else None
        update = CallUpdate(scheduled_at=start, assigned_agent_id=agent)
        self.desk.change(self.some_call(), UpdateCall(bookings=self.store, update=update, screen=refusal_of), None)

    def cancel(self) -> None:
        self.desk.change(self.some_call(), CancelCall(reason="no"), None)

    def confirm(self) -> None:
        self.desk.change(self.some_call(), ConfirmCall(), None)

    def claim(self) -> None:
        pool = [call.id for call in self.store.calls.values() if call.held_agent_id]
        call_id = self.drawn.choice(pool) if pool else self.some_call()
        self.desk.change(call_id, ClaimCall(bookings=self.store, agent_id=self.drawn.choice(AGENTS)), None)

    def delete(self) -> None:
        call_id = self.some_call()
        call = self.store.calls.pop((APP_ID, call_id), None)
        if call:
            self.table.delete_item(Key=to_values(keys.call(APP_ID, call_id)))
            self._stream(call_id).append(
                Derived(subject=keys.call(APP_ID, call_id)["pk"], version=call.revision, is_gone=True)
            )

    def read_stream(self, shard: int, *, may_lose: bool) -> None:
        """One batch: it may fail half-way and come again in halves, in other company, or be lost."""
        stream = self.streams[shard]
        batch = [stream.popleft() for _ in range(min(len(stream), self.drawn.randint(1, BATCH)))]
        if may_lose and self.drawn.random() < 0.2:
            self.lost += len(batch)
            return
        while not self._derive(batch):
            middle = len(batch) // 2
            self.repeated += len(batch)
            for half in (batch[:middle], batch[middle:]):
                while not self._derive(half):
                    self.repeated += len(half)
        if self.drawn.random() < 0.1:
            again = self.drawn.sample(batch, len(batch))
            self.repeated += len(again)
            while not self._derive(again):
                pass

    def _derive(self, batch: list[Change]) -> bool:
        """Whether it went well; where it did not, a part of it may have been written."""
        places = {change: None for change in batch if isinstance(change, tuple)}
        deleted = [change for change in batch if isinstance(change, Derived)]
        try:
            self.derive_calls(places, deleted)
        except StoreBusyError:
            return False
        return self.drawn.random() < 0.95

    def drain(self, *, may_lose: bool) -> None:
        for shard, stream in enumerate(self.streams):
            while stream:
                self.read_stream(shard, may_lose=may_lose)

    def is_exact(self) -> bool:
        """Whether what is derived is what follows from the calls as they are."""
        derived = [derived_of_call(call) for call in self.store.calls.values()]
        expected = Sums((c.partition, c.row, c.name) for one in derived for c in one.counters)
        found: Sums[tuple[str, str, str]] = Sums()
        listed = set()
        for (pk, sk), row in self.table.rows.items():
            kind, _, rest = sk.partition("#")
            if kind == "COUNTERS":
                counts = {n.removeprefix(COUNT): v for n, v in from_values(row).items() if n.startswith(COUNT)}
                for name, amount in counts.items():
                    found[pk, rest.rpartition("#")[0], name] += amount
            elif kind in {"LISTED", "FOUND"}:
                listed.add((pk, sk))
        assert all(amount >= 0 for amount in found.values())
        return +found == expected and listed == {(row["pk"], row["sk"]) for one in derived for row in one.rows}


def lived(operations: int, seed: int, *, may_lose: bool) -> World:
    world = World(seed)
    for _ in range(operations):
        world.act()
        if world.drawn.random() < 0.05:
            world.read_stream(world.drawn.randrange(SHARDS), may_lose=may_lose)
    world.drain(may_lose=may_lose)
    return world


def recounted(world: World) -> Recount:
    """A whole walk. In this weather a hundred calls may be refused again and again: whoever is stopped so goes on."""
    walk = Recount(world.table, scheduled_calls("table"), "access", world.derivations, page=500)
    for stops in range(20):
        try:
            walk(resumes=stops > 0)
        except StoreBusyError:
            continue
        return walk
    raise AssertionError("a walk that is resumed comes to its end")


def check(operations: int, seed: int) -> None:
    """Exact once the stream is drained, if nothing was lost; and by a recount, if something was."""
    world = lived(operations, seed, may_lose=False)
    assert world.is_exact()
    assert world.repeated
    assert {"book", "update", "cancel", "confirm", "claim", "delete"} <= set(world.happened), world.happened
    world = lived(operations, seed + 1, may_lose=True)
    assert world.lost
    assert not world.is_exact(), "what was lost is missing"
    assert recounted(world).found.mended
    assert world.is_exact()
    assert recounted(world).found.mended == 0


def test_counters_are_those_of_a_recount_after_hundreds_of_operations() -> None:
    check(600, seed=15)


@pytest.mark.slow
def test_counters_are_those_of_a_recount_after_ten_thousand_operations() -> None:
    check(10_000, seed=2026)
