"""Changes of many calls: drafted with their calls, started, stopped, and read. `work_bulk` does them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from slotline.domain.access.visits import VisitedApp
from slotline.domain.booking.bulk_jobs import (
    MOST_CALLS,
    BulkAction,
    BulkChange,
    BulkJob,
    BulkRow,
    BulkState,
    RowState,
    rows_of,
)
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import Actor, Call
from slotline.domain.booking.requests import check_active, unknown_agent
from slotline.domain.shared.audit import Audited, Author
from slotline.domain.shared.errors import Conflict, InvalidRequest, NotFound
from slotline.ports.apps import Agents
from slotline.ports.booking import BulkJobs, Calls
from slotline.ports.shared import Backoff, Clock, Ids, RaceLost, StoreBusyError
from slotline.usecases.shared.retrying import retry

AT_ONCE = 200
"""Calls that one page of a list brings."""
MOST_PAGES = 100
"""That are looked through for what matches: a list of a hundred thousand calls may hold few of them."""
SHOWN = 50
"""Rows on one page of a job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row with its call as it is now; None for one that is not there, or that nobody can read."""

    row: BulkRow
    call: Call | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownJob:
    """A job with a page of its rows. `after`: behind which row the next page begins; None on the last one."""

    job: BulkJob
    rows: Sequence[ShownRow]
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBulk:
    """Keeps which calls a change is for."""

    jobs: BulkJobs
    calls: Calls
    clock: Clock
    ids: Ids

    def of_calls(self, app_id: str, call_ids: Sequence[str], actor: Actor, change: BulkChange | None = None) -> BulkJob:
        """A draft of these calls. Raises InvalidRequest for none or too many, or StoreBusyError."""
        rows = rows_of(call_ids)
        job = BulkJob(
            id=self.ids.new(),
            app_id=app_id,
            rows_id=self.ids.new(),
            total=len(rows),
            actor=actor,
            created_at=self.clock.now(),
            change=change,
        )
        self.jobs.draft(job, rows)
        return job

    def of_query(self, query: CallQuery, actor: Actor, change: BulkChange | None = None) -> BulkJob:
        """A draft of all calls that match now. Raises InvalidRequest for none or too many, or StoreBusyError."""
        found: list[str] = []
        asked = replace(query, limit=AT_ONCE, offset=0, after=None, with_total=False)
        for _ in range(MOST_PAGES):
            page = self.calls.find(asked)
            found += [call.id for call in page.calls]
            if page.next is None or len(found) > MOST_CALLS:
                return self.of_calls(query.app_id, found, actor, change)
            asked = replace(asked, after=page.next)
        message = "so many calls had to be looked through that not all were: choose dates, or an agent"
        raise InvalidRequest.of_field("calls", message, "too_many")

    def of_refused(self, job: BulkJob, actor: Actor) -> BulkJob:
        """A draft of the calls that a job was refused, to try them once more. Raises InvalidRequest for none."""
        refused = self.jobs.rows(job, after=0, limit=MOST_CALLS, states=frozenset({RowState.REFUSED}))
        return self.of_calls(job.app_id, [row.call_id for row in refused], actor, job.change)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartBulk:
    """Starts a job: from then on it goes on by itself. Again: nothing happens."""

    jobs: BulkJobs
    agents: Agents
    clock: Clock
    ids: Ids
    backoff: Backoff

    def __call__(self, app: VisitedApp, job_id: str, change: BulkChange, actor: Actor, author: Author) -> BulkJob:
        """The job as it runs. Raises NotFound, InvalidRequest for an agent who takes no calls, or StoreBusyError."""
        if change.action is BulkAction.REASSIGN and change.agent_id is not None:
            _, agent = self.agents.find(app.app_id, change.agent_id)
            if agent is None:
                raise unknown_agent("agent")
            check_active(agent, "agent")

        audited = Audited(id=self.ids.new(), at=self.clock.now(), author=author)

        def act() -> BulkJob:
            job = _there(self.jobs, app.app_id, job_id)
            if job.state is not BulkState.DRAFT:
                return job
            said = {"action": change.action.value, "agent": change.agent_id, "calls": job.total}
            entry = audited.entry("bulk.started", job_id, None, said, of=app)
            return self.jobs.start(job, job.started(change, actor, self.clock.now()), entry)

        return retry(act, self.backoff, on=(RaceLost, StoreBusyError))


@dataclass(frozen=True, slots=True, kw_only=True)
class StopBulk:
    """Stops a job after what it is at. What was changed stays so."""

    jobs: BulkJobs
    clock: Clock
    ids: Ids

    def __call__(self, app: VisitedApp, job_id: str, author: Author) -> None:
        """Raises NotFound, Conflict for a job that is over or was not started, or StoreBusyError."""
        job = _there(self.jobs, app.app_id, job_id)
        if job.is_to_stop:
            return
        audited = Audited(id=self.ids.new(), at=self.clock.now(), author=author)
        try:
            self.jobs.stop(job, audited.entry("bulk.stopped", job_id, of=app))
        except RaceLost as lost:
            raise Conflict("The job is over, or was stopped already.") from lost


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBulk:
    """Reads a job with its rows, and the calls that they are of."""

    jobs: BulkJobs
    calls: Calls

    def __call__(
        self, app_id: str, job_id: str, after: int = 0, states: frozenset[RowState] = frozenset(RowState)
    ) -> ShownJob:
        """A page. Raises NotFound or StoreBusyError."""
        job = _there(self.jobs, app_id, job_id)
        rows = self.jobs.rows(job, after=after, limit=SHOWN + 1, states=states)
        page = rows[:SHOWN]
        found = self.calls.several([(app_id, row.call_id) for row in page])
        by_id = {call_id: call for _, call_id, call in found}
        shown = [ShownRow(row=row, call=by_id.get(row.call_id)) for row in page]
        return ShownJob(job=job, rows=shown, after=page[-1].number if len(rows) > SHOWN else None)

    def job(self, app_id: str, job_id: str) -> BulkJob:
        """The job alone. Raises NotFound or StoreBusyError."""
        return _there(self.jobs, app_id, job_id)


def _there(jobs: BulkJobs, app_id: str, job_id: str) -> BulkJob:
    job = jobs.get(app_id, job_id)
    if job is None:
        raise NotFound("There is no such job in this app.")
    return job
