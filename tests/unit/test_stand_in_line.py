"""The line of those who lost a race: one at a time, nobody for ever, and nothing rests on it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.calls import AssignmentMethod
from slotline.domain.errors import Unavailable
from slotline.domain.working_hours import Window
from slotline.ports import StoreBusyError
from slotline.usecases.book_call import ENGINE_PATIENCE, BookCall
from slotline.usecases.stand_in_line import LEASE, Line
from tests.support.bookings import AGENT, APP_ID, a_request, an_agent, an_app
from tests.support.memory import MemoryLeases, MemoryStore, NumberedIds
from tests.support.scheduling import SetClock
from tests.unit.test_book_call import Overtaken

ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
LOOK = timedelta(milliseconds=100)


@dataclass
class TimePasses:
    """`Backoff` in which every wait takes a tenth of a second."""

    clock: SetClock
    waits: int = 0

    def pause(self, attempt: int) -> None:
        del attempt
        self.waits += 1
        self.clock.instant += LOOK


@dataclass
class Busy(MemoryLeases):
    """Leases whose store is throttled, for the first `times` requests."""

    times: int = 0

    def _serve(self) -> None:
        if self.times:
            self.times -= 1
            raise StoreBusyError("throttled")

    def take(self, app_id: str, name: str, holder: str, now: datetime, until: datetime) -> bool:
        self._serve()
        return super().take(app_id, name, holder, now, until)

    def give_back(self, app_id: str, name: str, holder: str) -> None:
        self._serve()
        super().give_back(app_id, name, holder)


@dataclass
class House:
    """One app's line."""

    clock: SetClock = field(default_factory=SetClock)
    leases: Busy = field(default_factory=Busy)

    def __post_init__(self) -> None:
        self.backoff = TimePasses(self.clock)

    def line(self, holder: str) -> Line:
        return Line(
            leases=self.leases,
            clock=self.clock,
            backoff=self.backoff,
            app_id=APP_ID,
            name="turn",
            holder=holder,
            patience=timedelta(seconds=5),
        )


@pytest.fixture
def house() -> House:
    return House()


def test_the_head_goes_at_once_and_may_go_again(house: House) -> None:
    with house.line("first") as first:
        assert first.stand()
        assert first.stand()
    assert house.backoff.waits == 0


def test_the_next_one_goes_when_the_head_leaves(house: House) -> None:
    with house.line("first") as first:
        first.stand()
    with house.line("second") as second:
        assert second.stand()
    assert house.backoff.waits == 0


def test_a_head_that_died_keeps_the_others_waiting_for_its_lease_and_no_longer(house: House) -> None:
    assert house.line("died").stand()
    with house.line("second") as second:
        assert second.stand()
    assert house.backoff.waits == LEASE / LOOK


def test_patience_ends(house: House) -> None:
    began = house.clock.now()
    house.leases.take(APP_ID, "turn", "slow", began, began + timedelta(hours=1))
    with house.line("second") as second:
        assert not second.stand()
    assert house.clock.now() - began == timedelta(seconds=5)


def test_who_never_stood_in_line_gives_nothing_back(house: House) -> None:
    house.line("first").stand()
    with house.line("second"):
        pass
    assert (APP_ID, "turn") in house.leases.held


def test_a_busy_store_is_waited_for(house: House) -> None:
    house.leases.times = 3
    with house.line("first") as first:
        assert first.stand()
    assert house.backoff.waits == 3


def test_a_lease_that_cannot_be_given_back_is_left_to_run_out(house: House) -> None:
    with house.line("first") as first:
        first.stand()
        house.leases.times = 1
    assert (APP_ID, "turn") in house.leases.held


class TestBooking:
    """Who loses the engine's turn stands in line for it."""

    @pytest.fixture
    def store(self, house: House) -> MemoryStore:
        store = MemoryStore(house.clock)
        store.apps[APP_ID] = an_app()
        store.agents[APP_ID, AGENT] = an_agent(working_hours=ALWAYS)
        return store

    def book(self, house: House, store: Any) -> BookCall:
        return BookCall(
            bookings=store,
            clock=house.clock,
            ids=NumberedIds(),
            backoff=house.backoff,
            leases=house.leases,
        )

    def test_it_tries_again_from_the_head_and_leaves(self, house: House, store: MemoryStore) -> None:
        request = a_request(assigned_agent_id=None, assignment_method=AssignmentMethod.ROUND_ROBIN)
        booked = self.book(house, Overtaken(store, 3))(request, None, lambda: None)
        assert (booked.tries, house.backoff.waits, house.leases.held) == (4, 0, {})

    def test_where_patience_ends_nothing_is_written_and_the_caller_may_come_again(
        self, house: House, store: MemoryStore
    ) -> None:
        now = house.clock.now()
        house.leases.take(APP_ID, "turn", "slow", now, now + timedelta(hours=1))
        request = a_request(assigned_agent_id=None, assignment_method=AssignmentMethod.ROUND_ROBIN)
        with pytest.raises(Unavailable):
            self.book(house, Overtaken(store, 1))(request, None, lambda: None)
        assert house.clock.now() - now == ENGINE_PATIENCE
        assert len(store.calls) == 1, "only the other's"
