"""The queue of changes of many calls: a job goes on, as far as the invocation's time allows."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.booking import bulk_jobs
from slotline.wiring.shared import queues

LEFT_OVER = timedelta(seconds=20)
"""The time that a piece under way may still take, and the rest."""


def _tell(error: Exception) -> None:
    observability.log_failure("a call of a bulk job failed", error)
    observability.count({"BulkCallsFailed": 1})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    clock, deadline = common.clock(), common.deadline()
    until = clock.now() + deadline.left() - LEFT_OVER

    def go_on(due: Due) -> None:
        job = bulk_jobs.work_bulk(_tell)(due, until)
        if job is not None and not job.is_under_way:
            observability.count({f"Bulk{job.state.title()}": 1})

    return consume(event, go_on, queues.queues(), clock, deadline, LEFT_OVER)
