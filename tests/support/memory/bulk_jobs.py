"""Changes of many calls, in memory, with the outcomes of the real adapter."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from slotline.domain.booking.bulk_jobs import BulkJob, BulkRow, BulkState, RowState
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.due import Due, DueKind
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys
from tests.support.memory.store import MemoryStore, is_due


def due_of_job(job: BulkJob) -> Due:
    """The wake-up of a job that waits."""
    assert job.due_at is not None
    return Due(kind=DueKind.BULK, **keys.bulk_job(job.app_id, job.id), at=job.due_at)


@dataclass
class MemoryBulkJobs:
    """`BulkJobs` on the rows of a store."""

    store: MemoryStore
    jobs: dict[tuple[str, str], BulkJob] = field(default_factory=dict)
    kept_rows: dict[tuple[str, str], dict[int, BulkRow]] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)

    def draft(self, job: BulkJob, rows: Sequence[BulkRow]) -> None:
        """Keep a new one."""
        with self.store.writing():
            self.kept_rows[job.app_id, job.rows_id] = {row.number: row for row in rows}
            self.jobs[job.app_id, job.id] = job

    def get(self, app_id: str, job_id: str) -> BulkJob | None:
        """The job."""
        with self.store.reading():
            return self.jobs.get((app_id, job_id))

    def recent(self, app_id: str, most: int) -> Sequence[BulkJob]:
        """By id, from the last."""
        with self.store.reading():
            found = [self.jobs[place] for place in sorted(self.jobs, reverse=True) if place[0] == app_id][:most]
            return [job for job in found if job.state is not BulkState.DRAFT]

    def rows(
        self, job: BulkJob, *, after: int, limit: int, states: Collection[RowState] | None = None
    ) -> Sequence[BulkRow]:
        """Some of them."""
        with self.store.reading():
            rows = sorted(self.kept_rows.get((job.app_id, job.rows_id), {}).items())
            found = [row for number, row in rows if number > after and (states is None or row.state in states)]
            return found[:limit]

    def start(self, draft: BulkJob, job: BulkJob, entry: AuditEntry) -> BulkJob:
        """On condition that the draft is as it was read."""
        with self.store.writing():
            self._check(draft.app_id, draft.id, draft.revision)
            self.jobs[job.app_id, job.id] = replace(job, revision=draft.revision + 1)
            self.entries.append(entry)
            return self.jobs[job.app_id, job.id]

    def stop(self, job: BulkJob, entry: AuditEntry) -> None:
        """On condition that it waits for something, and nobody has said so."""
        with self.store.writing():
            there = self.jobs.get((job.app_id, job.id))
            if there is None or there.due_at is None or there.is_to_stop:
                raise RaceLost
            self.jobs[job.app_id, job.id] = replace(there, is_to_stop=True)
            self.entries.append(entry)

    def claim(self, due: Due, claim_id: str, until: datetime) -> BulkJob | None:
        """On condition that it is due then."""
        with self.store.writing():
            found = (job for job in self.jobs.values() if keys.bulk_job(job.app_id, job.id)["sk"] == due.sk)
            job = next((job for job in found if is_due(job.due_at, due)), None)
            if job is None:
                return None
            taken = replace(job, claim_id=claim_id, due_at=until, revision=job.revision + 1)
            self.jobs[job.app_id, job.id] = taken
            return taken

    def keep(self, job: BulkJob, results: Sequence[BulkRow]) -> BulkJob:
        """On condition that nobody has gone on with it; then read once more."""
        place = (job.app_id, job.id)
        with self.store.writing():
            self._check(*place, job.revision - 1)
            self.jobs[place] = replace(job, is_to_stop=self.jobs[place].is_to_stop)
            self.kept_rows[job.app_id, job.rows_id] |= {row.number: row for row in results}
        with self.store.reading():
            there = self.jobs[place]
        if there.revision != job.revision:
            raise RaceLost
        return there

    def _check(self, app_id: str, job_id: str, revision: int) -> None:
        there = self.jobs.get((app_id, job_id))
        if there is None or there.revision != revision:
            raise RaceLost
