"""Time: what is due, and how it is woken."""

from functools import cache
from typing import TYPE_CHECKING, cast

from slotline.ports.shared import Timers
from slotline.store.shared.timers import DynamoTimers
from slotline.usecases.shared.fire_due import FireDue
from slotline.usecases.shared.plan_wake_ups import PlanWakeUps
from slotline.usecases.shared.sweep import Sweep
from slotline.wiring import common
from slotline.wiring.shared.queues import queues

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


@cache
def timers() -> Timers:
    """What is due."""
    settings = common.settings()
    tables = (settings.scheduling_table, settings.dialing_table)
    return DynamoTimers(common.dynamodb(), tables, settings.access_table)


@cache
def _scheduler() -> "EventBridgeSchedulerClient":
    return cast("EventBridgeSchedulerClient", common.client("scheduler"))


@cache
def plan_wake_ups() -> PlanWakeUps:
    """Schedules, and messages for what is due soon."""
    from slotline.queues.scheduler import EventBridgeSchedules

    settings = common.settings()
    schedules = EventBridgeSchedules(
        scheduler=_scheduler,
        group=settings.schedule_group,
        target_arn=settings.fire_due_arn,
        role_arn=settings.fire_due_role_arn,
        dead_letters_arn=settings.schedule_dead_letters_arn,
    )
    return PlanWakeUps(timers=timers(), queues=queues(), schedules=schedules, clock=common.clock())


@cache
def fire_due() -> FireDue:
    """A minute's rows to their queues."""
    return FireDue(timers=timers(), queues=queues(), clock=common.clock())


@cache
def sweep() -> Sweep:
    """What was forgotten."""
    return Sweep(timers=timers(), queues=queues(), clock=common.clock())
