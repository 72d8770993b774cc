"""Changes of many calls that events speak of: one that gives calls to others, one that cancels, and a draft."""

from typing import Any

from slotline.domain.booking.bulk_jobs import BulkAction, BulkChange, BulkJob, rows_of
from slotline.domain.booking.calls import Actor, ActorType
from slotline.store.booking.bulk_jobs import DynamoBulkJobs
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry

REASSIGNING, CANCELING = "01968c2e-7a00-7000-8000-000000000b01", "01968c2e-7a00-7000-8000-000000000b02"
DRAFTED = "01968c2e-7a00-7000-8000-000000000b03"
CHANGES = {
    REASSIGNING: BulkChange(action=BulkAction.REASSIGN, reason="The agent is ill"),
    CANCELING: BulkChange(action=BulkAction.CANCEL),
    DRAFTED: None,
}


def change_many(aws: Any, app_id: str, call_ids: list[str]) -> None:
    """Draft them all, and start those that have something to do."""
    jobs = DynamoBulkJobs(aws, "SchedulingTable", "AccessTable")
    actor = Actor(type=ActorType.ADMIN, id="user-1", role="supervisor")
    for job_id, change in CHANGES.items():
        rows = rows_of(call_ids)
        draft = BulkJob(
            id=job_id, app_id=app_id, rows_id=job_id, total=len(rows), actor=actor, created_at=NOW, change=change
        )
        jobs.draft(draft, rows)
        if change is not None:
            jobs.start(draft, draft.started(change, actor, NOW), an_entry())
