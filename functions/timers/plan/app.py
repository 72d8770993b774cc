"""The tables' streams: a row has become due at some moment; see to it that it is woken then."""

from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.store.dynamodb.streams import each_change
from slotline.store.shared.timers import newly_due
from slotline.wiring import common
from slotline.wiring.shared import queues, timers


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    common.begin(context)
    due: list[Due] = []
    each_change(event, lambda change: due.extend(newly_due(change)), queues.dead_letters())
    observability.count({"SchedulesMade": timers.plan_wake_ups()(due)})
    observability.flush()
