"""Every minute: look for what should have been woken two minutes ago and earlier, and was not."""

from typing import Any, Protocol

from slotline import observability
from slotline.wiring import common
from slotline.wiring.shared import timers

ENOUGH_TIME_MS = 15_000


class Context(Protocol):
    """What a sweep needs of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Until this invocation is killed."""
        ...


def handler(event: dict[str, Any], context: Context) -> None:
    """The Lambda's entry point."""
    del event
    swept = timers.sweep()(lambda: context.get_remaining_time_in_millis() > ENOUGH_TIME_MS)
    behind = (common.clock().now() - swept.until).total_seconds()
    observability.count({"WakeUpsOverdue": swept.overdue, "SweepBehindSeconds": behind})
    observability.flush()
