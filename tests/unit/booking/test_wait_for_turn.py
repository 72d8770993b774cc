"""The line of those who lost a race: one at a time, nobody for ever, and nothing rests on it."""

from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Any

import pytest

from slotline.domain.booking.calls import AssignmentMethod
from slotline.domain.shared.errors import Unavailable
from slotline.domain.shared.working_hours import Window
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import ENGINE_PATIENCE, BookCall
from slotline.usecases.booking.wait_for_turn import TURN, QueueTicket
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import AGENT, APP_ID, a_request, an_agent, an_app
from tests.support.memory.faults import Fault
from tests.support.memory.running import NumberedIds
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue
from tests.unit.booking.test_book_call import Overtaken

ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
LOOK = timedelta(milliseconds=100)


@dataclass
class TimePasses:
    """`Backoff` in which every wait takes a tenth of a second."""

    clock: SetClock
    waits: int = 0
    fits: float = inf

    def pause(self, attempt: int) -> bool:
        del attempt
        if self.waits == self.fits:
            return False
        self.waits += 1
        self.clock.instant += LOOK
        return True


@dataclass
class House:
    """One app's line."""

    clock: SetClock = field(default_factory=SetClock)
    lines: MemoryTicketQueue = field(default_factory=MemoryTicketQueue)

    def __post_init__(self) -> None:
        self.backoff = TimePasses(self.clock)

    def line(self) -> QueueTicket:
        return QueueTicket(
            ticket_queue=self.lines,
            clock=self.clock,
            backoff=self.backoff,
            app_id=APP_ID,
            name="turn",
            patience=timedelta(seconds=5),
        )

    def somebody_slow(self) -> None:
        """At the head for an hour."""
        now = self.clock.now()
        number = self.lines.draw(APP_ID, "turn", now)
        self.lines.ahead(APP_ID, "turn", number, now, now + timedelta(hours=1))


@pytest.fixture
def house() -> House:
    return House()


def test_the_head_goes_at_once_and_may_go_again(house: House) -> None:
    with house.line() as first:
        assert first.wait_for_turn()
        assert first.wait_for_turn()
    assert house.backoff.waits == 0


def test_the_next_one_goes_when_the_head_leaves(house: House) -> None:
    with house.line() as first:
        first.wait_for_turn()
    with house.line() as second:
        assert second.wait_for_turn()
    assert house.backoff.waits == 0


def test_a_head_that_died_keeps_the_others_waiting_for_its_turn_and_no_longer(house: House) -> None:
    assert house.line().wait_for_turn()
    with house.line() as second:
        assert second.wait_for_turn()
    assert house.backoff.waits == TURN / LOOK


def test_patience_ends(house: House) -> None:
    began = house.clock.now()
    house.somebody_slow()
    with house.line() as second:
        assert not second.wait_for_turn()
    assert house.clock.now() - began == timedelta(seconds=5)


def test_whose_time_ends_before_their_patience_leaves_the_line(house: House) -> None:
    began, house.backoff.fits = house.clock.now(), 3
    house.somebody_slow()
    with house.line() as second:
        assert not second.wait_for_turn()
    assert house.clock.now() - began == 3 * LOOK


def test_patience_counts_from_the_first_time_in_line(house: House) -> None:
    with house.line() as first:
        assert first.wait_for_turn()
        house.clock.instant += timedelta(seconds=5)
        assert not first.wait_for_turn()


def test_who_never_stood_in_line_draws_no_number(house: House) -> None:
    with house.line():
        pass
    assert house.lines.queues == {}


def test_where_the_store_is_busy_nobody_stands(house: House) -> None:
    house.lines.faults.counts.append(Fault.BUSY)
    with house.line() as first:
        assert not first.wait_for_turn()


def test_a_turn_that_cannot_be_given_up_is_left_to_run_out(house: House) -> None:
    with house.line() as first:
        first.wait_for_turn()
        house.lines.faults.counts.append(Fault.BUSY)
    assert house.lines.queues[APP_ID, "turn"].served == 0


class TestBooking:
    """Whoever loses the engine's turn waits for it in the queue."""

    @pytest.fixture
    def store(self, house: House) -> MemoryStore:
        store = MemoryStore(house.clock)
        store.apps[APP_ID] = an_app()
        store.agents[APP_ID, AGENT] = an_agent(working_hours=ALWAYS)
        return store

    def book(self, house: House, store: Any) -> BookCall:
        return BookCall(
            screen=refusal_of,
            bookings=store,
            clock=house.clock,
            ids=NumberedIds(),
            backoff=house.backoff,
            ticket_queue=house.lines,
        )

    def test_it_tries_again_from_the_head_and_leaves(self, house: House, store: MemoryStore) -> None:
        request = a_request(assigned_agent_id=None, assignment_method=AssignmentMethod.ROUND_ROBIN)
        booked = self.book(house, Overtaken(store, 3))(request, None, lambda: None)
        line = house.lines.queues[APP_ID, "turn"]
        assert (booked.tries, house.backoff.waits) == (4, 0)
        assert (line.drawn, line.served) == (1, 1), "one number for all its tries, and its turn is over"

    def test_where_patience_ends_nothing_is_written_and_the_caller_may_come_again(
        self, house: House, store: MemoryStore
    ) -> None:
        now = house.clock.now()
        house.somebody_slow()
        request = a_request(assigned_agent_id=None, assignment_method=AssignmentMethod.ROUND_ROBIN)
        with pytest.raises(Unavailable):
            self.book(house, Overtaken(store, 1))(request, None, lambda: None)
        assert house.clock.now() - now == ENGINE_PATIENCE
        assert len(store.calls) == 1, "only the other's"
