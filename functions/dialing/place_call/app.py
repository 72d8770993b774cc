"""The queue of calls that are due: each is dialled, if it may be, or its carrier is asked what became of it."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.dialing import attempts
from slotline.wiring.shared import queues

AN_ATTEMPT = timedelta(seconds=29)
"""The longest waits for a start, and for another if that was missed; the carrier; writing down what it said."""


def _place(due: Due) -> None:
    call = attempts.place_call()(due)
    if call is None:
        return
    late = (common.clock().now() - due.at).total_seconds()
    status = call.status.value.title().replace(" ", "")
    observability.count({f"Dials{status}": 1, "DialLatenessSeconds": late})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    return consume(event, _place, queues.queues(), common.clock(), common.deadline(), AN_ATTEMPT)
