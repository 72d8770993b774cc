"""The queue of calls and holds that time changes: the pool's hand-over, no-show, completion; the end of a hold."""

from datetime import timedelta
from typing import Any

from slotline.domain.shared.due import Due, DueKind
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.booking import lifecycle
from slotline.wiring.shared import timers

A_CALL = timedelta(seconds=6)
"""The longest try of a request to the store, and a second for those that are answered as usual."""


def _advance(due: Due) -> None:
    if due.kind is DueKind.HOLD:
        lifecycle.end_hold()(due)
    else:
        lifecycle.advance_call()(due)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    return consume(event, _advance, timers.queues(), common.clock(), common.deadline(), A_CALL)
