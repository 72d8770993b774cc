"""The queue of messages: each is sent, if it is still true of its call; and codes for who has no call yet, and links
for who is to choose a password."""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.booking.reminders import ReminderStatus
from slotline.domain.shared.due import Due, DueKind
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.messages import sending
from slotline.wiring.shared import queues

A_MESSAGE = timedelta(seconds=18)
"""The longest that a provider is waited for, and the time to write down what it said."""


def _send(due: Due) -> None:
    if due.kind in (DueKind.CODE, DueKind.WAY_IN):
        name, send = ("Codes", sending.send_code()) if due.kind is DueKind.CODE else ("WaysIn", sending.send_way_in())
        if (outcome := send(due)) is not None:
            observability.count({f"{name}{outcome.title().replace('_', '')}": 1})
        return
    status = sending.send_reminder()(due)
    if status is None:
        return
    late = (common.clock().now() - due.at).total_seconds()
    # All of them, because an alarm takes the share of one in the others.
    outcomes = {f"Reminders{one.title()}": float(one is status) for one in ReminderStatus}
    observability.count({**outcomes, "ReminderLatenessSeconds": late})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    return consume(event, _send, queues.queues(), common.clock(), common.deadline(), A_MESSAGE)
