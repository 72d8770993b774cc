"""Time has come to a call or to a hold, perhaps twice, perhaps too late, perhaps through a process that dies."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus
from slotline.domain.booking.holds import client_holder
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.errors import Unavailable
from slotline.ports.booking import HeldSlot
from slotline.ports.shared import StoreBusyError
from slotline.store.dynamodb import keys
from slotline.usecases.booking.call_changes import CancelCall, StartCall
from slotline.usecases.booking.hold_slot import HoldRequest, HoldSlot
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, APP_ID, TOMORROW, minutes
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.timing import MemoryMessenger, MemoryQueues, MemorySchedules, MemoryTimers, all_due
from tests.support.worlds.calendar_world import Between
from tests.support.worlds.engine import Engine
from tests.support.worlds.house import AGENTS, House

POOL: dict[str, Any] = {"assigned_agent_id": None, "assignment_method": AssignmentMethod.POOL}
OVER = TOMORROW + minutes(15)


class Desk(House):
    """An app in memory, and what time does to its calls and holds."""

    def __init__(self, **preset: Any) -> None:
        super().__init__(**preset)
        self.engine_faults = Faults()
        self.engine = Engine(
            store=self.store.with_faults(self.engine_faults),
            timers=MemoryTimers(self.store),
            queues=MemoryQueues(),
            schedules=MemorySchedules(),
            messenger=lambda _: MemoryMessenger(),
            clock=self.clock,
            ids=self.ids,
        )

    def due(self, call: Call) -> Due:
        at = next_step_at(self.store.calls[APP_ID, call.id])
        assert at is not None
        key = keys.call(APP_ID, call.id)
        return Due(kind=DueKind.CALL, pk=key["pk"], sk=key["sk"], at=at)

    def advance(self, due: Due, late: timedelta = timedelta()) -> CallStatus | None:
        self.clock.instant = max(self.clock.instant, due.at + late)
        status: CallStatus | None = self.engine.act(due)
        return status

    def hold(self, **changes: Any) -> HeldSlot:
        hold_slot = HoldSlot(bookings=self.store, clock=self.clock, ids=self.ids, backoff=self.backoff)
        wanted = {
            "app_id": APP_ID,
            "holders": (client_holder("client-1"),),
            "agent_id": AGENT,
            "start": TOMORROW,
            "seconds": 300,
            **changes,
        }
        held = hold_slot(HoldRequest(**wanted), None, lambda: None)
        return self.store.holds[APP_ID, wanted["agent_id"], str(held.hold["id"])]

    def until_done(self, due: Due) -> None:
        """The wake-up comes again and again."""
        for _ in range(5):
            try:
                self.advance(due)
            except (Crashed, StoreBusyError, Unavailable):
                continue
            return
        pytest.fail("it never got through")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def end_of(hold: HeldSlot) -> Due:
    """The wake-up of a hold."""
    key = keys.hold(hold.app_id, hold.hold.agent_id, hold.hold.id)
    return Due(kind=DueKind.HOLD, pk=key["pk"], sk=key["sk"], at=hold.hold.ends_at)


class TestCalls:
    """The no-show, the end, the pool's hand-over."""

    def test_a_call_that_nobody_joined_gives_its_time_back(self, desk: Desk) -> None:
        call = desk.book()
        assert desk.advance(desk.due(call)) is CallStatus.NO_SHOW
        assert desk.time_of(AGENT) == {}
        assert desk.events(call) == [(1, "created"), (2, "no_show")]
        event = desk.store.events[APP_ID, call.id][-1]
        assert (event.actor.type, event.actor.id) == ("system", None)
        assert all_due(desk.store) == []

    def test_a_call_with_nobodys_time_can_be_missed_too(self, desk: Desk) -> None:
        call = desk.book(assigned_agent_id=None)
        assert desk.advance(desk.due(call)) is CallStatus.NO_SHOW

    def test_a_joined_call_ends_with_its_buffer(self, desk: Desk) -> None:
        call = desk.book(buffer_after_minutes=10)
        missed = desk.due(call)
        desk.clock.instant = TOMORROW
        desk.change(call, StartCall())
        assert desk.advance(missed) is None
        assert desk.advance(desk.due(call)) is CallStatus.COMPLETED
        assert desk.clock.instant == TOMORROW + minutes(40)
        assert desk.events(call) == [(1, "created"), (2, "started"), (3, "completed")]
        desk.check_time()

    def test_nobodys_call_of_the_pool_goes_to_the_agent_held_for_it_and_then_its_way(self, desk: Desk) -> None:
        call = desk.book(**POOL)
        held = call.held_agent_id
        assert held is not None
        before = desk.time_of(held)
        assert desk.advance(desk.due(call)) is CallStatus.SCHEDULED
        assert desk.clock.instant == TOMORROW - minutes(15)
        handed = desk.store.calls[APP_ID, call.id]
        assert (handed.assigned_agent_id, handed.held_agent_id) == (held, None)
        assert desk.time_of(held) == before, "the time that was held is the time that is taken"
        assert desk.payload(call)["reason"] == "nobody_claimed_it"
        assert desk.advance(desk.due(call)) is CallStatus.NO_SHOW
        desk.check_time()

    def test_a_wake_up_that_comes_twice_does_it_once(self, desk: Desk) -> None:
        call = desk.book()
        due = desk.due(call)
        assert [desk.advance(due), desk.advance(due)] == [CallStatus.NO_SHOW, None]
        assert len(desk.events(call)) == 2

    def test_a_wake_up_for_a_call_that_moved_does_nothing(self, desk: Desk) -> None:
        call = desk.book()
        due = desk.due(call)
        desk.update(call, scheduled_at=TOMORROW + minutes(120))
        assert desk.advance(due) is None
        assert desk.store.calls[APP_ID, call.id].status is CallStatus.SCHEDULED

    def test_a_wake_up_for_a_call_that_is_not_there_does_nothing(self, desk: Desk) -> None:
        call = desk.book()
        due = desk.due(call)
        del desk.store.calls[APP_ID, call.id]
        assert desk.advance(due) is None

    @pytest.mark.parametrize("others", [CancelCall, StartCall])
    def test_what_others_do_between_the_look_and_the_change_counts(self, desk: Desk, others: Any) -> None:
        """The wake-up sees a call that is due; whoever comes first decides what becomes of it."""
        call = desk.book()
        due = desk.due(call)
        desk.clock.instant = due.at
        weather = deque([None, None, lambda: desk.change(call, others())])
        status = replace(desk.engine, store=desk.store.with_faults(Between(weather=weather))).act(due)
        expected = CallStatus.CANCELLED if others is CancelCall else CallStatus.STARTED
        assert status is expected
        assert desk.store.calls[APP_ID, call.id].status is expected
        desk.check_time()

    @pytest.mark.parametrize("fault", Fault)
    @pytest.mark.parametrize("kind", ["reads", "commits"])
    @pytest.mark.parametrize("number", range(2))
    def test_a_fault_at_any_effect_ends_in_one_change(self, desk: Desk, kind: str, number: int, fault: Fault) -> None:
        call = desk.book(**POOL)
        for status, events in ((CallStatus.SCHEDULED, 2), (CallStatus.NO_SHOW, 3)):
            getattr(desk.engine_faults, kind).extend([*[None] * number, fault])
            desk.until_done(desk.due(call))
            assert desk.store.calls[APP_ID, call.id].status is status
            assert len(desk.events(call)) == events
            desk.engine_faults.reads.clear()
            desk.engine_faults.commits.clear()
        desk.check_time()


class TestHolds:
    """A hold's time is up."""

    def test_a_hold_that_nobody_spent_goes_with_its_claim(self, desk: Desk) -> None:
        hold = desk.hold()
        assert desk.advance(end_of(hold)) is True
        assert desk.clock.instant == NOW + minutes(5)
        assert (desk.store.holds, desk.time_of(AGENT)) == ({}, {})
        assert desk.advance(end_of(hold)) is False

    def test_a_hold_over_midnight_goes_from_both_days(self, desk: Desk) -> None:
        hold = desk.hold(start=TOMORROW.replace(hour=23, minute=45))
        assert len(desk.time_of(AGENT)) == 2
        desk.advance(end_of(hold))
        assert desk.time_of(AGENT) == {}

    def test_the_end_of_a_spent_hold_takes_nothing_from_its_booking(self, desk: Desk) -> None:
        hold = desk.hold()
        call = desk.book(hold_id=hold.hold.claim.id)
        desk.advance(end_of(hold))
        assert desk.time_of(AGENT) == {TOMORROW.date(): {call.claim}}
        assert desk.store.holds == {}

    def test_the_end_of_one_hold_leaves_the_others(self, desk: Desk) -> None:
        first, second = desk.hold(), desk.hold(agent_id=AGENTS[1])
        third = desk.hold(start=TOMORROW + minutes(30))
        desk.advance(end_of(first))
        assert {kept.hold.id for kept in desk.store.holds.values()} == {second.hold.id, third.hold.id}
        assert desk.time_of(AGENT) == {TOMORROW.date(): {third.hold.claim}}

    def test_a_wake_up_for_another_moment_ends_nothing(self, desk: Desk) -> None:
        hold = desk.hold()
        assert desk.advance(replace(end_of(hold), at=NOW + minutes(4))) is False
        assert len(desk.store.holds) == 1

    @pytest.mark.parametrize("fault", Fault)
    @pytest.mark.parametrize("kind", ["reads", "commits"])
    def test_a_fault_at_any_effect_still_ends_it(self, desk: Desk, kind: str, fault: Fault) -> None:
        hold = desk.hold()
        getattr(desk.engine_faults, kind).append(fault)
        desk.until_done(end_of(hold))
        assert (desk.store.holds, desk.time_of(AGENT)) == ({}, {})
