"""Changes of many calls: what is kept of a job, and that two workers never both go on with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.bulk_jobs import BulkAction, BulkChange, BulkJob, BulkState, RowState, rows_of
from slotline.ports.shared import RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import APP_ID, a_bulk_job
from tests.support.memory.bulk_jobs import due_of_job

CHANGE = BulkChange(action=BulkAction.REASSIGN, agent_id="agent-2", reason="ill")
LATER = NOW + timedelta(minutes=2)
CALLS = [f"call-{number}" for number in range(1, 31)]


def a_draft(backend: Backend) -> BulkJob:
    job = a_bulk_job(total=len(CALLS))
    backend.bulk_jobs.draft(job, rows_of(CALLS))
    return job


def a_running_job(backend: Backend) -> BulkJob:
    draft = a_draft(backend)
    return backend.bulk_jobs.start(draft, draft.started(CHANGE, draft.actor, NOW), an_entry())


def claimed(backend: Backend, job: BulkJob, claim_id: str = "claim-1") -> BulkJob:
    found = backend.bulk_jobs.claim(due_of_job(job), claim_id, LATER)
    assert found is not None
    return found


def test_a_draft_is_kept_with_its_calls_in_their_order_and_is_not_listed(backend: Backend) -> None:
    job = a_draft(backend)
    assert backend.bulk_jobs.get(APP_ID, job.id) == job
    assert backend.bulk_jobs.rows(job, after=0, limit=100) == rows_of(CALLS)
    assert [row.call_id for row in backend.bulk_jobs.rows(job, after=2, limit=3)] == ["call-3", "call-4", "call-5"]
    assert backend.bulk_jobs.recent(APP_ID, 10) == []


def test_a_job_that_was_started_is_due_and_listed_and_is_not_started_twice(backend: Backend) -> None:
    job = a_running_job(backend)
    assert (job.state, job.due_at, job.change) == (BulkState.RUNNING, NOW, CHANGE)
    assert backend.bulk_jobs.get(APP_ID, job.id) == job
    assert backend.bulk_jobs.recent(APP_ID, 10) == [job]
    with pytest.raises(RaceLost):
        backend.bulk_jobs.start(a_bulk_job(), job, an_entry())


def test_a_job_is_claimed_once_for_the_moment_it_is_due_at(backend: Backend) -> None:
    job = a_running_job(backend)
    taken = claimed(backend, job)
    assert taken == replace(job, claim_id="claim-1", due_at=LATER, revision=job.revision + 1)
    assert backend.bulk_jobs.claim(due_of_job(job), "claim-2", LATER) is None
    gone = due_of_job(replace(job, id="gone"))
    assert backend.bulk_jobs.claim(gone, "claim-2", LATER) is None


def test_results_are_kept_together_with_how_far_the_job_is(backend: Backend) -> None:
    job = claimed(backend, a_running_job(backend))
    first, second, *_ = backend.bulk_jobs.rows(job, after=0, limit=2)
    results = [replace(first, state=RowState.DONE), second.refused("slot_taken", "Taken.")]
    kept = backend.bulk_jobs.keep(replace(job.after(2, results), revision=job.revision + 1), results)
    assert (kept.done, kept.refused, kept.pending, kept.place) == (1, 1, len(CALLS) - 2, 2)
    assert backend.bulk_jobs.rows(kept, after=0, limit=2) == results
    refused = backend.bulk_jobs.rows(kept, after=0, limit=100, states={RowState.REFUSED})
    assert refused == results[1:]


def test_whoever_lost_a_job_to_another_worker_keeps_nothing_of_it(backend: Backend) -> None:
    job = claimed(backend, a_running_job(backend))
    late = replace(job, revision=job.revision + 1)
    claimed(backend, job, "claim-2")
    result = replace(rows_of(CALLS)[0], state=RowState.DONE)
    with pytest.raises(RaceLost):
        backend.bulk_jobs.keep(late.after(1, [result]), [result])
    assert backend.bulk_jobs.rows(job, after=0, limit=1) == rows_of(CALLS)[:1]


def test_a_job_is_stopped_once_while_it_runs_and_its_worker_keeps_what_it_has_done(backend: Backend) -> None:
    with pytest.raises(RaceLost):
        backend.bulk_jobs.stop(a_draft(backend), an_entry("bulk.stopped"))
    job = claimed(backend, a_running_job(backend))
    backend.bulk_jobs.stop(job, an_entry("bulk.stopped"))
    with pytest.raises(RaceLost):
        backend.bulk_jobs.stop(job, an_entry("bulk.stopped"))
    kept = backend.bulk_jobs.keep(replace(job, revision=job.revision + 1), ())
    assert kept.is_to_stop
    over = backend.bulk_jobs.keep(replace(kept.ended(NOW), due_at=None, revision=kept.revision + 1), ())
    assert (over.due_at, over.claim_id, over.ended_at) == (None, None, NOW)
    with pytest.raises(RaceLost):
        backend.bulk_jobs.stop(over, an_entry("bulk.stopped"))
