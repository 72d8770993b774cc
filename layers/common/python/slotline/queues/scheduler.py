"""The schedules: one for every minute in which something is due, however much that is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from slotline.domain.shared.due import LEAD
from slotline.domain.shared.instants import format_instant
from slotline.ports.shared import QueueBusyError

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient

LONGEST_LATE_SECONDS = 3600
"""For how long Scheduler goes on trying; by then the sweep has done it."""

RETRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBridgeSchedules:
    """`Schedules` of EventBridge Scheduler: one-time, deleted by itself when it has fired.

    The client is made with the first: what is due soon goes to a queue, and needs none.
    """

    scheduler: "Callable[[], EventBridgeSchedulerClient]"
    group: str
    target_arn: str
    role_arn: str
    dead_letters_arn: str

    def wake(self, minute: datetime) -> None:
        """One CreateSchedule. Its name follows from the minute, so a second one is refused, and all is well."""
        name = f"due-{minute:%Y-%m-%dT%H-%M}"
        try:
            self.scheduler().create_schedule(
                Name=name,
                GroupName=self.group,
                ClientToken=sha256(name.encode()).hexdigest(),
                ScheduleExpression=f"at({minute - LEAD:%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": self.target_arn,
                    "RoleArn": self.role_arn,
                    "Input": dumps({"minute": format_instant(minute)}),
                    "DeadLetterConfig": {"Arn": self.dead_letters_arn},
                    "RetryPolicy": {
                        "MaximumEventAgeInSeconds": LONGEST_LATE_SECONDS,
                        "MaximumRetryAttempts": RETRIES,
                    },
                },
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConflictException":
                raise QueueBusyError("CreateSchedule") from error
        except BotoCoreError as error:
            raise QueueBusyError("CreateSchedule") from error
