"""Where what is due waits. Whoever is woken by it needs none of what wakes (`timers`)."""

from functools import cache
from typing import TYPE_CHECKING, cast

from slotline.domain.shared.due import DueKind
from slotline.ports.shared import DeadLetters, Queues
from slotline.queues.sqs import SqsDeadLetters, SqsQueues
from slotline.wiring import common

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


@cache
def _sqs() -> "SQSClient":
    return cast("SQSClient", common.client("sqs"))


@cache
def queues() -> Queues:
    """Where what is due waits."""
    urls = common.settings().queue_urls
    return SqsQueues(_sqs, {kind: urls[kind] for kind in DueKind})


@cache
def dead_letters() -> DeadLetters:
    """Records of streams that nobody can read."""
    return SqsDeadLetters(_sqs, common.settings().dead_letters_url)
