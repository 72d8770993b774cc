"""The queue of imports: an uploaded file's calls are created, as far as the invocation's time allows."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.dialing import imports
from slotline.wiring.shared import queues

LEFT_OVER = timedelta(seconds=20)
"""The time that a piece under way may still take, and the rest."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    clock, deadline = common.clock(), common.deadline()
    until = clock.now() + deadline.left() - LEFT_OVER

    def go_on(due: Due) -> None:
        imported = imports.import_calls()(due, until)
        if imported is not None:
            observability.count({f"Imports{imported.state.title()}": 1})

    return consume(event, go_on, queues.queues(), clock, deadline, LEFT_OVER)
