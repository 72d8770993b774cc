"""The queue of calls that are due: each is dialled, if it may be, or its carrier is asked what became of it."""

from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.dialing import attempts
from slotline.wiring.shared import timers


def _place(due: Due) -> None:
    call = attempts.place_call()(due)
    if call is None:
        return
    late = (common.clock().now() - due.at).total_seconds()
    status = call.status.value.title().replace(" ", "")
    observability.count({f"Dials{status}": 1, "DialLatenessSeconds": late})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    del context
    return consume(event, _place, timers.queues(), common.clock())
