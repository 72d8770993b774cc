"""A schedule: a minute begins soon, and its rows go to their queues."""

from typing import Any

from slotline import observability
from slotline.domain.shared.instants import parse_instant
from slotline.wiring import common
from slotline.wiring.shared import timers


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    common.begin(context)
    sent = timers.fire_due()(parse_instant(event["minute"]))
    observability.count({"WakeUpsFired": sent})
    observability.flush()
