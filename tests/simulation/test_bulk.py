"""A change of 520 calls while everything fails: every row has its result, none is lost, and nothing is done twice.

Workers die before and after any of their writes, answers are lost, the store is busy, wake-ups come twice and late, and
a worker that was taken for dead comes back while another is at its calls.
"""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.bulk_jobs import BulkAction, BulkChange, BulkJob, BulkState, RowState
from slotline.domain.booking.calls import Call, CallStatus, EventType
from slotline.usecases.booking.work_bulk import LEASE
from tests.support.builders.bookings import APP_ID
from tests.support.memory.bulk_jobs import due_of_job
from tests.support.memory.faults import Fault, Faults
from tests.support.memory.rows import StoreRows
from tests.support.oracles.invariants import State, days_equal_their_calls, no_two_calls_collide
from tests.support.worlds.bulk_office import BulkOffice

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CALLS = 520
CANCEL = BulkChange(action=BulkAction.CANCEL, reason="The branch is closed")
TO_ONE = BulkChange(action=BulkAction.REASSIGN, agent_id="agent-2", reason="The agent is ill")
TO_ANYBODY = BulkChange(action=BulkAction.REASSIGN, reason="The agent is ill")
CHANGES = {"cancel": CANCEL, "to one agent": TO_ONE, "to whoever is free": TO_ANYBODY}
EVENTS = {BulkAction.CANCEL: EventType.CANCELLED, BulkAction.REASSIGN: EventType.ASSIGNED}
RATES = {Fault.BUSY: 0.05, Fault.LOST_ANSWER: 0.03, Fault.CRASH_BEFORE: 0.01, Fault.CRASH_AFTER: 0.01}


class Storm:
    """Faults by the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.happened: Counter[Fault] = Counter()

    def faults(self) -> Faults:
        """What goes wrong in one turn of a worker."""
        made = Faults()
        for plan in (made.reads, made.commits):
            plan.extend(self._one() for _ in range(2_000))
        return made

    def _one(self) -> Fault | None:
        (fault,) = self.dice.choices([None, *RATES], [1 - sum(RATES.values()), *RATES.values()])
        return fault


def an_office(seed: int) -> tuple[BulkOffice, list[Call]]:
    """All calls are of one agent. The others have calls in between, and some of the calls are over."""
    office, dice = BulkOffice(), random.Random(seed)
    calls = [office.book(hour) for hour in range(CALLS)]
    for agent_id in office.agents[1:]:
        for hour in dice.sample(range(CALLS), CALLS // 2):
            office.book(hour, agent_id)
    for call in dice.sample(calls, 30):
        status = dice.choice([CallStatus.COMPLETED, CallStatus.CANCELLED])
        office.store.calls[APP_ID, call.id] = replace(call, status=status)
    return office, calls


def check(office: BulkOffice, job: BulkJob, before: dict[tuple[str, str], Call], change: BulkChange) -> None:
    """What rows say is what happened, once."""
    job, states = office.now(job), office.states(job)
    counted = Counter(states.values())
    assert (job.done, job.unchanged, job.refused, job.pending) == tuple(
        counted[state] for state in (RowState.DONE, RowState.UNCHANGED, RowState.REFUSED, RowState.PENDING)
    )
    events = office.events(EVENTS[change.action])
    assert events == Counter({call_id: 1 for call_id, state in states.items() if state is RowState.DONE})
    for call_id, state in states.items():
        was, now = before[APP_ID, call_id], office.store.calls[APP_ID, call_id]
        if state is not RowState.DONE:
            assert now == was, state
        elif change.action is BulkAction.CANCEL:
            assert (now.status, now.cancellation_reason) == (CallStatus.CANCELLED, change.reason)
        else:
            assert now.assigned_agent_id not in (None, was.assigned_agent_id)
            assert now.assigned_agent_id == (change.agent_id or now.assigned_agent_id)
    state = State.of((row for row in StoreRows(office.store).rows()), APP_ID)
    no_two_calls_collide(state)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("seed", range(4))
def test_every_call_has_its_result_whatever_fails_and_a_second_run_changes_nothing(
    seed: int, change: BulkChange
) -> None:
    office, calls = an_office(seed)
    before, storm = dict(office.store.calls), Storm(seed)
    job = office.start(office.draft([call.id for call in calls]), change)
    sent = office.go_on(job, storm.faults)
    assert office.now(job).state is BulkState.DONE
    assert office.now(job).pending == 0
    check(office, job, before, change)
    print(f"\n{len(sent)} turns: {Counter(office.states(job).values())}")  # noqa: T201 - the figures of the docs
    assert len(sent) > 5, "workers died"

    after = dict(office.store.calls), dict(office.jobs.jobs)
    for due in sent:
        office.turn(due)
    assert office.start(job, change) == office.now(job), "to start it again does nothing"
    assert (dict(office.store.calls), dict(office.jobs.jobs)) == after
    if change is not TO_ANYBODY:
        again = office.start(office.draft([call.id for call in calls]), change)
        office.go_on(again)
        assert RowState.DONE not in office.states(again).values()
        assert dict(office.store.calls) == after[0]


@pytest.mark.parametrize("seed", range(4))
def test_a_worker_that_was_taken_for_dead_comes_back_and_does_nothing_twice(seed: int) -> None:
    office, calls = an_office(seed)
    before, dice = dict(office.store.calls), random.Random(seed)
    job = office.start(office.draft([call.id for call in calls]), TO_ANYBODY)
    returned = 0

    def tick() -> None:
        office.clock.advance(seconds=0.2)

    def haunt() -> None:
        """Now and then a write takes so long that another has worked for a while before it comes."""
        nonlocal returned
        tick()
        kept = office.now(job)
        if dice.random() > 0.06 or not kept.is_under_way or kept.due_at is None:
            return
        returned += 1
        office.store.before_write = tick
        office.clock.instant = max(office.clock.now() + LEASE, kept.due_at) + timedelta(seconds=1)
        office.worker()(due_of_job(kept), office.clock.now() + timedelta(seconds=dice.choice([1, 10, 20])))
        office.store.before_write = haunt

    office.store.before_write = haunt
    office.go_on(job)
    print(f"\n{returned} came back")  # noqa: T201 - the figures of the docs
    assert returned >= 3
    assert office.now(job).pending == 0
    check(office, job, before, TO_ANYBODY)


@pytest.mark.parametrize("seed", range(6))
def test_a_job_that_is_stopped_says_of_every_call_whether_it_was_changed(seed: int) -> None:
    office, calls = an_office(seed)
    before, storm, dice = dict(office.store.calls), Storm(seed), random.Random(seed)
    job = office.start(office.draft([call.id for call in calls]), CANCEL)
    writes, stops_at = 0, dice.randrange(40, 400)

    def stop_at_some_write() -> None:
        nonlocal writes
        writes += 1
        if writes == stops_at:
            office.stop(job)

    office.store.before_write = stop_at_some_write
    office.go_on(job, storm.faults)
    assert office.now(job).state is BulkState.STOPPED
    assert 0 < office.now(job).pending < CALLS
    check(office, job, before, CANCEL)


def test_a_sick_agents_calls_are_shared_out_by_the_rule_of_turns() -> None:
    office = BulkOffice()
    calls = [office.book(hour) for hour in range(CALLS)]
    job = office.start(office.draft([call.id for call in calls]), TO_ANYBODY)
    office.go_on(job, Storm(1).faults)
    shares = Counter(call.assigned_agent_id for call in office.store.calls.values())
    assert set(shares) == set(office.agents[1:])
    assert max(shares.values()) - min(shares.values()) <= 1
    assert {day for place, day in office.store.days.items() if place[1] == "agent-1" and day.claims} == set()
    assert all(isinstance(day, AgentDay) for day in office.store.days.values())
    rows = StoreRows(office.store).rows()
    days_equal_their_calls(State.of(rows, APP_ID))
