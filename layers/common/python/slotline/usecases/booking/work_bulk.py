"""Go through the calls of a job, a piece at a time, for as long as there is time.

`slotline.domain.booking.bulk_jobs` says why no result is lost, and why nothing is done twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.booking.apps import App
from slotline.domain.booking.bulk_jobs import BulkChange, BulkJob, BulkRow, BulkState, RowState
from slotline.domain.booking.calls import Call
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import DomainError, Unavailable
from slotline.ports.booking import BulkJobs
from slotline.ports.shared import Clock, Ids, RaceLost, StoreBusyError
from slotline.usecases.booking.change_call import Change, ChangeCall, Decide

PIECE = 50
"""Calls whose results are kept together: they fit into one transaction with the job."""
PIECE_TAKES = timedelta(seconds=10)
"""After which a piece ends early: nobody waits long to see how far it is."""
LEASE = timedelta(minutes=2)
"""How long one piece may take. Whoever takes longer is taken for dead, and another goes on."""
BUSY_IN_A_ROW = 3
"""Calls that could not be decided about, after which the store is left alone for a while."""

Told = Callable[[Exception], None]


class _LeaseOverError(Exception):
    """Another may be at it by now."""


class _NotDone(Exception):
    """Nobody has changed the call for this job, and nobody will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBulk:
    """Works on jobs. `decision`: what a change makes of a call; `told`: what is told of a fault of ours."""

    jobs: BulkJobs
    change_call: ChangeCall
    decision: Callable[[BulkChange], Decide]
    clock: Clock
    ids: Ids
    told: Told

    def __call__(self, due: Due, until: datetime) -> BulkJob | None:
        """The job afterwards, due again if it is not over; None if it was not due, or is another's.

        Raises StoreBusyError: it goes on when its lease is over, or by the next wake-up.
        """
        job = self.jobs.claim(due, self.ids.new(), self.clock.now() + LEASE)
        try:
            while job is not None and job.is_under_way and job.claim_id is not None:
                job = self._step(job, until)
        except (RaceLost, _LeaseOverError):
            return None
        return job

    def _step(self, job: BulkJob, until: datetime) -> BulkJob:
        if job.is_to_stop and job.state is BulkState.RUNNING:
            return self._keep(job.stopping(PIECE), (), until)
        rows = self.jobs.rows(job, after=job.place, limit=PIECE)
        if job.reach is not None:
            rows = [row for row in rows if row.number <= job.reach]
        return self._piece(job, rows, until) if rows else self._at_the_end(job)

    def _at_the_end(self, job: BulkJob) -> BulkJob:
        """Of the rows: it is over, or what could not be decided about comes again."""
        now = self.clock.now()
        if job.state is BulkState.STOPPING or not job.pending:
            return self._write(job.ended(now), (), None)
        return self._write(job.from_the_beginning().let_go(), (), now + job.pause)

    def _piece(self, job: BulkJob, rows: Sequence[BulkRow], until: datetime) -> BulkJob:
        """Change the calls of some rows, and keep what became of them."""
        results: list[BulkRow] = []
        place, busy, ends_at = job.place, 0, min(until, self.clock.now() + PIECE_TAKES)
        for row in rows:
            if row.state is RowState.PENDING:
                if self.clock.now() >= ends_at:
                    break
                result = self._result(job, row)
                busy = 0 if result is not None else busy + 1
                if result is None and (job.state is BulkState.STOPPING or busy >= BUSY_IN_A_ROW):
                    waits = job.after(place, results).let_go()
                    return self._write(waits, results, self.clock.now() + job.pause)
                results += [result] if result is not None and result is not row else []
            place = row.number
        return self._keep(job.after(place, results), results, until)

    def _result(self, job: BulkJob, row: BulkRow) -> BulkRow | None:
        """The row with its result; as it is if nobody does it any more; None if nobody could decide now."""
        try:
            changed = self.change_call(
                job.app_id, row.call_id, self._decision(job), job.actor, job.key_of(row), lambda: self._check_lease(job)
            )
        except _NotDone:
            return row
        except (Unavailable, StoreBusyError) as error:
            return self._given_up(job, row, error)
        except DomainError as error:
            return row.refused(error.details[0].code if error.details else error.code, error.message)
        except _LeaseOverError:
            raise
        except Exception as error:  # noqa: BLE001 - one call's fault is not the others'; it comes again with the busy ones
            self.told(error)
            return self._given_up(job, row, error)
        return replace(row, state=RowState.UNCHANGED if changed.unchanged else RowState.DONE)

    def _given_up(self, job: BulkJob, row: BulkRow, error: Exception) -> BulkRow | None:
        if not job.gives_up(self.clock.now()):
            return None
        code = "unavailable" if isinstance(error, Unavailable | StoreBusyError) else "internal_error"
        return row.refused(code, "This could not be confirmed in hours. Look at the call, and try it again.")

    def _decision(self, job: BulkJob) -> Decide:
        if job.state is BulkState.STOPPING or job.change is None:
            return _nothing_more
        return self.decision(job.change)

    def _check_lease(self, job: BulkJob) -> None:
        """Asked right before a call is written."""
        if job.due_at is None or self.clock.now() >= job.due_at:
            raise _LeaseOverError

    def _keep(self, job: BulkJob, results: Sequence[BulkRow], until: datetime) -> BulkJob:
        """With a new lease, or due at once if the time is over. The job comes back as others have left it meanwhile."""
        now = self.clock.now()
        return self._write(job, results, now + LEASE) if now < until else self._write(job.let_go(), results, now)

    def _write(self, job: BulkJob, results: Sequence[BulkRow], due_at: datetime | None) -> BulkJob:
        return self.jobs.keep(replace(job, due_at=due_at, revision=job.revision + 1), results)


def _nothing_more(call: Call, app: App, now: datetime) -> Change | None:  # noqa: ARG001 - every decision takes these
    """The decision about a call that has no first answer under its key."""
    raise _NotDone
