"""The queue of campaigns: their calls are walked through, to bring them to their end, as far as the time allows."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.dialing import closing
from slotline.wiring.shared import queues

LEFT_OVER = timedelta(seconds=20)
"""The time that a page under way may still take, and the rest."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    clock, deadline = common.clock(), common.deadline()
    until = clock.now() + deadline.left() - LEFT_OVER

    def go_on(due: Due) -> None:
        campaign = closing.close_campaign()(due, until)
        if campaign is not None and campaign.due_at is None:
            observability.count({f"Campaigns{campaign.state.title()}": 1})

    return consume(event, go_on, queues.queues(), clock, deadline, LEFT_OVER)
