"""The queue of deliveries: each is sent to its webhook's receiver, if it still is due."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.shared import queues
from slotline.wiring.webhooks import receivers

A_DELIVERY = timedelta(seconds=16)
"""The longest that a receiver is waited for, and the time to write down what it said."""


def _deliver(due: Due) -> None:
    late = (common.clock().now() - due.at).total_seconds()
    status = receivers.deliver_event()(due)
    if status is not None:
        observability.count({f"Deliveries{status.title()}": 1, "DeliveryLatenessSeconds": late})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    return consume(event, _deliver, queues.queues(), common.clock(), common.deadline(), A_DELIVERY)
