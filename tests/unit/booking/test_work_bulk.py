"""Changes of many calls: what is drafted, who may start it, and what becomes of each call."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.bulk_jobs import (
    GIVES_UP_AFTER,
    MOST_CALLS,
    BulkAction,
    BulkChange,
    BulkState,
    RowState,
    checked_change,
    rows_of,
)
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import CallStatus, EventType
from slotline.domain.shared.errors import Conflict, InvalidRequest, NotFound
from slotline.usecases.booking.keep_bulk_jobs import DraftBulk
from slotline.usecases.booking.work_bulk import BUSY_IN_A_ROW, PIECE
from tests.support.builders.bookings import APP_ID, an_agent
from tests.support.memory.bulk_jobs import due_of_job
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.worlds.bulk_office import SUPERVISOR, TRIES, BulkOffice

CANCEL = BulkChange(action=BulkAction.CANCEL, reason="Closed")
TO_ANYBODY = BulkChange(action=BulkAction.REASSIGN)


def drafts(office: BulkOffice) -> DraftBulk:
    return DraftBulk(jobs=office.jobs, calls=office.store, clock=office.clock, ids=office.ids)


def test_a_job_of_all_that_match_has_the_calls_that_match_when_it_is_drafted() -> None:
    office = BulkOffice()
    calls = [office.book(hour) for hour in range(5)]
    office.book(9, "agent-2")
    job = drafts(office).of_query(CallQuery(app_id=APP_ID, agent_ids=frozenset({"agent-1"}), limit=2), SUPERVISOR)
    office.book(6)
    assert list(office.states(job)) == [call.id for call in calls]
    assert [shown.call for shown in office.read(job).rows] == calls


@pytest.mark.parametrize("ids", [[], [f"call-{number}" for number in range(MOST_CALLS + 1)]])
def test_no_job_is_drafted_of_nothing_or_of_more_than_can_be_changed_at_once(ids: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        rows_of(ids)


def test_a_call_that_is_named_twice_is_changed_once() -> None:
    assert [row.call_id for row in rows_of(["b", "a", "b"])] == ["b", "a"]


def test_an_agent_is_only_for_a_reassignment_and_an_action_is_one_of_two() -> None:
    assert checked_change("cancel", "agent-1", "") == BulkChange(action=BulkAction.CANCEL)
    assert checked_change("reassign", "", None).agent_id is None
    for action, reason in (("delete", None), ("cancel", "x" * 501)):
        with pytest.raises(InvalidRequest):
            checked_change(action, None, reason)


def test_a_draft_does_nothing_until_somebody_starts_it_and_then_it_is_audited() -> None:
    office = BulkOffice()
    call = office.book(1)
    job = office.draft([call.id])
    assert office.now(job).due_at is None
    office.start(job, CANCEL)
    office.start(job, TO_ANYBODY)
    (entry,) = office.jobs.entries
    assert (entry.action, entry.subject_id, entry.after) == (
        "bulk.started",
        job.id,
        {"action": "cancel", "calls": 1},
    )
    office.go_on(job)
    assert office.store.calls[APP_ID, call.id].status is CallStatus.CANCELLED
    assert (office.now(job).state, office.now(job).done) == (BulkState.DONE, 1)


@pytest.mark.parametrize("agent_id", ["nobody", "agent-9"])
def test_no_job_gives_calls_to_an_agent_who_takes_none(agent_id: str) -> None:
    office = BulkOffice()
    office.store.agents[APP_ID, "agent-9"] = an_agent("agent-9", active=False)
    job = office.draft([office.book(1).id])
    with pytest.raises(InvalidRequest):
        office.start(job, replace(TO_ANYBODY, agent_id=agent_id))
    with pytest.raises(NotFound):
        office.start(replace(job, id="gone"), CANCEL)


def test_a_result_says_why_a_call_was_refused() -> None:
    office = BulkOffice(agents=("agent-1", "agent-2"))
    moved, taken, over = office.book(1), office.book(2), office.book(3)
    office.book(2, "agent-2")
    office.store.calls[APP_ID, over.id] = replace(over, status=CallStatus.COMPLETED)
    job = office.start(office.draft([moved.id, taken.id, over.id, "gone"]), TO_ANYBODY)
    office.go_on(job)
    codes = [shown.row.code for shown in office.read(job).rows]
    assert codes == [None, "no_agent_available", "final_state", "not_found"]
    assert office.store.calls[APP_ID, moved.id].assigned_agent_id == "agent-2"
    (event,) = (one for one in office.store.events[APP_ID, moved.id] if one.event_type is EventType.ASSIGNED)
    decision = event.payload["decision"]
    assert isinstance(decision, dict)
    assert (decision["winner"], [one["agent_id"] for one in decision["candidates"]]) == ("agent-2", ["agent-2"])


def test_a_call_that_is_passed_on_counts_as_a_turn_of_whoever_gets_it_and_gives_none_back() -> None:
    office = BulkOffice(agents=("agent-1", "agent-2"))
    call = replace(office.book(1), turn_agent_id="agent-1")
    office.store.calls[APP_ID, call.id] = call
    office.go_on(office.start(office.draft([call.id]), TO_ANYBODY))
    turns = {agent_id: (agent.turns, agent.turns_back) for (_, agent_id), agent in office.store.agents.items()}
    assert turns == {"agent-1": (0, 0), "agent-2": (1, 0)}
    assert office.store.calls[APP_ID, call.id].turn_agent_id == "agent-2"


def test_a_store_that_is_busy_refuses_no_call_and_is_left_alone_for_a_while() -> None:
    office = BulkOffice()
    job = office.start(office.draft([office.book(hour).id for hour in range(8)]), CANCEL)
    busy = Faults()
    busy.reads.extend([None, *[Fault.BUSY] * BUSY_IN_A_ROW * TRIES])
    office.turn(due_of_job(job), busy)
    waiting = office.now(job)
    assert not busy.reads
    assert (waiting.pending, waiting.refused, waiting.claim_id) == (8, 0, None)
    assert waiting.due_at == office.clock.now() + waiting.pause
    office.go_on(job)
    assert (office.now(job).done, office.now(job).refused) == (8, 0)


def test_a_call_that_fails_in_our_own_code_stops_no_other_and_is_told_of_in_hours() -> None:
    office = BulkOffice()
    broken, *others = [office.book(hour) for hour in range(4)]
    office.broken.add(broken.id)
    job = office.start(office.draft([broken.id, *(call.id for call in others)]), CANCEL)
    office.turn(due_of_job(job))
    assert (office.now(job).done, office.now(job).pending, len(office.told)) == (3, 1, 1)
    office.go_on(job)
    first, *_ = office.read(job).rows
    assert (first.row.state, first.row.code, first.call) == (RowState.REFUSED, "internal_error", broken)
    assert office.clock.now() - job.created_at >= GIVES_UP_AFTER
    assert len(office.told) < 100


def test_a_worker_that_dies_after_a_write_leaves_no_call_without_a_result() -> None:
    office = BulkOffice()
    job = office.start(office.draft([office.book(hour).id for hour in range(PIECE + 5)]), CANCEL)
    dies = Faults()
    dies.commits.extend([*[None] * 20, Fault.CRASH_AFTER])
    with pytest.raises(Crashed):
        office.worker(dies)(due_of_job(job), office.clock.now() + timedelta(minutes=4))
    assert office.now(job).done == 0
    assert sum(office.events(EventType.CANCELLED).values()) == 20
    office.go_on(job)
    assert office.now(job).done == PIECE + 5
    assert set(office.events(EventType.CANCELLED).values()) == {1}


def test_a_job_that_was_stopped_ends_with_what_was_done_by_then_and_is_not_stopped_twice() -> None:
    office = BulkOffice()
    job = office.start(office.draft([office.book(hour).id for hour in range(PIECE * 2)]), CANCEL)
    office.store.before_write = lambda: office.clock.advance(seconds=0.1)
    office.worker()(due_of_job(job), office.clock.now() + timedelta(seconds=2))
    done = office.now(job).done
    assert 0 < done < PIECE
    office.stop(job)
    office.go_on(job)
    over = office.now(job)
    assert (over.state, over.done, over.pending) == (BulkState.STOPPED, done, PIECE * 2 - done)
    assert set(office.states(job).values()) == {RowState.DONE, RowState.PENDING}
    office.stop(job)
    assert len(office.jobs.entries) == 2, "the start, and one stop"


def test_a_job_that_is_over_is_not_stopped() -> None:
    office = BulkOffice()
    job = office.start(office.draft([office.book(1).id]), CANCEL)
    office.go_on(job)
    with pytest.raises(Conflict):
        office.stop(job)


def test_the_calls_that_were_refused_are_tried_again_by_a_job_of_their_own() -> None:
    office = BulkOffice(agents=("agent-1", "agent-2"))
    free, taken = office.book(1), office.book(2)
    office.book(2, "agent-2")
    job = office.start(office.draft([free.id, taken.id]), TO_ANYBODY)
    office.go_on(job)
    again = drafts(office).of_refused(office.now(job), SUPERVISOR)
    assert (list(office.states(again)), again.change, again.state) == ([taken.id], TO_ANYBODY, BulkState.DRAFT)
