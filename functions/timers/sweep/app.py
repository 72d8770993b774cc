"""Every minute: look for what should have been woken two minutes ago and earlier, and was not.

Beside that, whether the rules of time zones have changed since calls were last checked by them.
"""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.wiring import common
from slotline.wiring.booking import zone_walks
from slotline.wiring.shared import timers

LOOK_AT_AN_HOUR = timedelta(seconds=15)
"""The time that looking through one more hour may take."""


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    del event
    common.begin(context)
    swept = timers.sweep()(lambda: common.deadline().left() > LOOK_AT_AN_HOUR)
    behind = (common.clock().now() - swept.until).total_seconds()
    observability.count({"WakeUpsOverdue": swept.overdue, "SweepBehindSeconds": behind})
    observability.flush()
    if common.deadline().left() > LOOK_AT_AN_HOUR:
        zone_walks.wake_zone_walk()()
