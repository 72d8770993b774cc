"""How what is due is woken: planned as soon as it is known, fired at its minute, swept up where it was overlooked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from slotline.domain.shared.due import Due, DueKind
from slotline.ports.shared import QueueBusyError, StoreBusyError
from slotline.usecases.shared.fire_due import FireDue
from slotline.usecases.shared.plan_wake_ups import PlanWakeUps
from slotline.usecases.shared.sweep import Sweep, Swept
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import minutes
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.store import MemoryStore
from tests.support.memory.timing import MemoryQueues, MemorySchedules, MemoryTimers

SECOND = timedelta(seconds=1)
TRIES = 6


def due_at(at: datetime, name: str = "row") -> Due:
    """A row that is due then."""
    return Due(kind=DueKind.CALL, pk=f"APP#a#CALL#{name}", sk="CALL", at=at)


@dataclass
class Rows(MemoryTimers):
    """`Timers` over rows of any kind, three a page."""

    rows: list[Due] = field(default_factory=list)

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        assert start.replace(minute=0, second=0) == (end - SECOND).replace(minute=0, second=0), "both are in one hour"
        with self.store.reading():
            found = sorted((row for row in self.rows if start <= row.at < end), key=lambda row: row.at)
        yield from (found[first : first + 3] for first in range(0, len(found), 3))


class House:
    """Rows, queues and schedules, and processes that come and go."""

    def __init__(self, *rows: Due) -> None:
        self.clock, self.faults = SetClock(), Faults()
        self.timers = Rows(MemoryStore(self.clock, faults=self.faults), rows=list(rows))
        self.queues, self.schedules = MemoryQueues(), MemorySchedules()
        self.are_stuck = False

    def planner(self) -> PlanWakeUps:
        """A new process, which knows nothing of what the others did."""
        return PlanWakeUps(timers=self.timers, queues=self.queues, schedules=self.schedules, clock=self.clock)

    def fire(self, minute: datetime) -> int:
        return FireDue(timers=self.timers, queues=self.queues, clock=self.clock)(minute)

    def sweep(self, lasts: int = 1000) -> Swept:
        """A sweep that has time for so many steps. Unless they are stuck, those who are woken do their work."""
        steps = iter([True] * lasts)
        try:
            return Sweep(timers=self.timers, queues=self.queues, clock=self.clock)(lambda: next(steps, False))
        finally:
            if not self.are_stuck:
                self.timers.rows = [row for row in self.timers.rows if row not in self.woken]

    @property
    def woken(self) -> list[Due]:
        return [due for _, due in self.queues.sent]

    def made(self) -> set[datetime]:
        return {minute for minute, (made, _) in self.timers.minutes.items() if made}


@pytest.fixture
def house() -> House:
    return House()


class TestPlanWakeUps:
    """Rows that have just become due at some moment."""

    def test_what_is_due_soon_goes_straight_to_its_queue_for_its_second(self, house: House) -> None:
        soon = [due_at(NOW - minutes(3), "late"), due_at(NOW + 7 * SECOND), due_at(NOW + minutes(14))]
        house.planner()(soon)
        assert house.queues.sent == [(NOW, soon[0]), (NOW + 7 * SECOND, soon[1]), (NOW + minutes(14), soon[2])]
        assert house.schedules.asked == []

    def test_what_is_due_later_gets_its_minute_a_schedule(self, house: House) -> None:
        house.planner()([due_at(NOW + minutes(14) + SECOND), due_at(NOW + timedelta(days=300, seconds=59))])
        assert house.woken == []
        assert house.schedules.asked == [NOW + minutes(14), NOW + timedelta(days=300)]
        assert house.made() == set(house.schedules.asked)

    def test_a_minute_gets_one_schedule_however_many_rows_and_planners_ask(self, house: House) -> None:
        rows = [due_at(NOW + minutes(60) + number * SECOND, str(number)) for number in range(60)]
        for first in range(0, 60, 10):
            house.planner()(rows[first : first + 10])
            house.clock.advance(seconds=1)
        assert house.schedules.asked == [NOW + minutes(60)]

    def test_a_planner_remembers_the_minutes_that_are_seen_to(self, house: House) -> None:
        planner = house.planner()
        planner([due_at(NOW + minutes(60))])
        house.faults.commits.extend([Fault.BUSY] * 9)
        planner([due_at(NOW + minutes(60), "another")])
        assert house.schedules.asked == [NOW + minutes(60)]

    def test_a_minute_that_another_planner_made_is_remembered_too(self, house: House) -> None:
        house.planner()([due_at(NOW + minutes(60))])
        planner = house.planner()
        for _ in range(2):
            planner([due_at(NOW + minutes(60))])
            house.faults.commits.append(Fault.CRASH_BEFORE)
        assert house.schedules.asked == [NOW + minutes(60)]

    def test_while_another_makes_the_schedule_the_batch_comes_again(self, house: House) -> None:
        assert house.timers.claim_minute(NOW + minutes(60), NOW)
        batch = [due_at(NOW + minutes(60))]
        with pytest.raises(QueueBusyError):
            house.planner()(batch)
        house.clock.advance(seconds=16)
        house.planner()(batch)
        assert house.schedules.asked == [NOW + minutes(60)]

    @pytest.mark.parametrize("number", range(4))
    @pytest.mark.parametrize("fault", Fault)
    def test_no_minute_is_left_without_its_schedule_by_a_fault_at_any_write(
        self, house: House, fault: Fault, number: int
    ) -> None:
        """Two minutes: claim, made, claim, made. The batch comes again, perhaps to another process."""
        batch = [due_at(NOW + minutes(60)), due_at(NOW + minutes(61))]
        house.faults.commits.extend([*[None] * number, fault])
        planner = house.planner()
        for _ in range(TRIES):
            try:
                planner(batch)
                break
            except (QueueBusyError, StoreBusyError):
                pass
            except Crashed:
                planner = house.planner()
            house.clock.advance(seconds=10)
        else:
            pytest.fail("it never got through")
        assert set(house.schedules.asked) == house.made() == {NOW + minutes(60), NOW + minutes(61)}

    @pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
    def test_no_minute_is_left_without_its_schedule_where_making_it_fails(self, house: House, fault: Fault) -> None:
        batch = [due_at(NOW + minutes(60))]
        house.schedules.faults.commits.append(fault)
        planner = house.planner()
        with pytest.raises(QueueBusyError):
            planner(batch)
        assert house.made() == set()
        house.clock.advance(seconds=16)
        planner(batch)
        assert set(house.schedules.asked) == house.made() == {NOW + minutes(60)}

    @pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
    def test_where_a_queue_fails_the_batch_comes_again(self, house: House, fault: Fault) -> None:
        batch = [due_at(NOW), due_at(NOW + minutes(60))]
        house.queues.faults.commits.append(fault)
        planner = house.planner()
        with pytest.raises(QueueBusyError):
            planner(batch)
        planner(batch)
        assert set(house.woken) == {batch[0]}
        assert house.schedules.asked == [NOW + minutes(60)]


class TestFireDue:
    """A minute begins soon."""

    def test_every_row_of_the_minute_goes_to_its_queue_for_its_second(self) -> None:
        minute = NOW + minutes(1)
        rows = [due_at(minute + 6 * number * SECOND, str(number)) for number in range(10)]
        house = House(due_at(minute - SECOND, "before"), *rows, due_at(minute + minutes(1), "after"))
        assert house.fire(minute) == 10
        assert house.queues.sent == [(row.at, row) for row in rows]

    def test_a_minute_that_fires_late_wakes_its_rows_at_once(self) -> None:
        house = House(due_at(NOW - minutes(9)))
        assert house.fire(NOW - minutes(9)) == 1
        assert house.queues.sent == [(NOW, due_at(NOW - minutes(9)))]

    def test_a_minute_in_which_nothing_is_due_any_more_wakes_nobody(self, house: House) -> None:
        assert house.fire(NOW) == 0

    def test_a_minute_that_broke_off_half_way_is_fired_again_whole(self) -> None:
        rows = [due_at(NOW + number * SECOND, str(number)) for number in range(8)]
        house = House(*rows)
        house.queues.faults.commits.extend([None, Fault.BUSY])
        with pytest.raises(QueueBusyError):
            house.fire(NOW)
        assert house.woken == rows[:3]
        assert house.fire(NOW) == 8
        assert house.woken == [*rows[:3], *rows]


class TestSweep:
    """What should have been woken and was not."""

    def test_the_first_sweep_ever_looks_a_day_back(self) -> None:
        row = due_at(NOW - minutes(24 * 60))
        house = House(due_at(NOW - minutes(24 * 60 + 3)), row)
        assert house.sweep() == Swept(overdue=1, until=NOW - minutes(2))
        assert house.woken == [row]

    def test_what_has_been_due_for_two_minutes_is_woken_once(self) -> None:
        row = due_at(NOW + 5 * SECOND)
        house = House(row)
        found = []
        for _ in range(6):
            found.append(house.sweep().overdue)
            house.clock.advance(minutes=1)
        assert found == [0, 0, 0, 1, 0, 0]
        assert house.woken == [row]

    def test_whenever_in_its_minute_the_sweep_runs_nothing_waits_for_four_minutes(self) -> None:
        for second in range(0, 60, 7):
            rows = [due_at(NOW + each * SECOND, str(each)) for each in range(0, 120, 11)]
            house = House(*rows)
            house.clock.instant = NOW - minutes(1) + second * SECOND
            for _ in range(8):
                house.sweep()
                house.clock.advance(minutes=1)
            assert sorted(row.at for row in house.woken) == [row.at for row in rows]
            assert max(sent_at - row.at for sent_at, row in house.queues.sent) < minutes(4)

    def test_after_an_outage_everything_is_walked_through_once_in_order(self) -> None:
        rows = [due_at(NOW + 10 * number * minutes(1), str(number)) for number in range(30)]
        house = House(*rows)
        house.sweep()
        house.clock.advance(hours=5)
        assert house.sweep() == Swept(overdue=30, until=NOW + minutes(298))
        assert house.woken == rows
        assert house.timers.watermark == NOW + minutes(298)

    def test_a_sweep_that_runs_out_of_time_leaves_the_rest_to_the_next(self) -> None:
        rows = [due_at(NOW + 10 * number * minutes(1), str(number)) for number in range(30)]
        house = House(*rows)
        house.sweep()
        house.clock.advance(hours=5)
        assert house.sweep(lasts=0).until == NOW - minutes(2)
        assert house.woken == []
        assert house.sweep(lasts=2).until == NOW + minutes(60)
        assert house.woken == rows[:6]
        house.sweep()
        assert house.woken == rows

    @pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
    def test_a_sweep_that_broke_off_is_taken_up_where_it_stopped(self, fault: Fault) -> None:
        rows = [due_at(NOW + minutes(number), str(number)) for number in range(0, 180, 9)]
        house = House(*rows)
        house.sweep()
        house.clock.advance(hours=3, minutes=2)
        house.queues.faults.commits.extend([None, None, None, fault])
        with pytest.raises(QueueBusyError):
            house.sweep()
        assert house.timers.watermark == NOW + minutes(60)
        house.sweep()
        assert {row.pk for row in house.woken} == {row.pk for row in rows}
        assert house.timers.watermark == NOW + minutes(180)

    @pytest.mark.parametrize("fault", Fault)
    def test_a_watermark_that_could_not_be_kept_is_walked_up_to_again(self, fault: Fault) -> None:
        house = House(due_at(NOW + SECOND))
        house.sweep()
        house.clock.advance(minutes=4)
        house.faults.commits.append(fault)
        with pytest.raises((StoreBusyError, Crashed)):
            house.sweep()
        house.sweep()
        assert set(house.woken) == {due_at(NOW + SECOND)}
        assert house.timers.watermark == NOW + minutes(2)

    def test_what_was_woken_in_vain_is_woken_again_later_and_later_for_a_day(self) -> None:
        """While a function fails, SQS puts its wake-ups aside, and nobody but the row knows of the work."""
        row = due_at(NOW + 5 * SECOND)
        house = House(row)
        house.are_stuck = True
        for _ in range(26 * 60):
            house.sweep()
            house.clock.advance(minutes=1)
        waited = [(sent_at - row.at) // timedelta(minutes=1) for sent_at, _ in house.queues.sent]
        assert waited == [2, 22, 122, 24 * 60 + 2]

    def test_after_an_outage_nothing_is_woken_twice_by_one_sweep(self) -> None:
        house = House(*(due_at(NOW + 10 * number * minutes(1), str(number)) for number in range(30)))
        house.are_stuck = True
        house.sweep()
        house.clock.advance(hours=5)
        assert house.sweep().overdue == 30

    def test_what_was_overdue_before_an_outage_is_still_woken_again_after_it(self) -> None:
        house = House(due_at(NOW + 5 * SECOND))
        house.are_stuck = True
        for _ in range(5):
            house.sweep()
            house.clock.advance(minutes=1)
        house.clock.advance(hours=5)
        house.sweep()
        assert len(house.woken) == 3, "those of 20 minutes and of two hours fell into the outage: both at its end"

    def test_two_sweeps_at_once_lose_nothing(self) -> None:
        """The slower one may put the watermark back: what is between is looked at twice."""
        rows = [due_at(NOW + minutes(number), str(number)) for number in range(0, 120, 10)]
        house = House(*rows)
        house.sweep()
        house.clock.advance(hours=2, minutes=2)
        slow = Sweep(timers=house.timers, queues=house.queues, clock=house.clock)
        steps = iter([lambda: True, house.sweep])
        slow(lambda: bool(next(steps, lambda: False)()))
        house.sweep()
        assert {row.pk for row in house.woken} == {row.pk for row in rows}
        assert house.timers.watermark == NOW + minutes(120)
