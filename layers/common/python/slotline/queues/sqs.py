"""The queues: what is due soon, held back to the second."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from json import dumps, loads
from math import ceil
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.ports.shared import QueueBusyError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

LONGEST_DELAY_SECONDS = 900
AT_ONCE = 10
"""Messages in one SendMessageBatch."""

_TRIES = 3


def to_body(due: Due) -> str:
    """A wake-up as a message."""
    return dumps({"kind": due.kind, "pk": due.pk, "sk": due.sk, "due_at": format_instant(due.at)})


def from_body(body: str) -> Due:
    """The wake-up in a message. Raises KeyError, TypeError or ValueError for what is none."""
    fields = loads(body)
    return Due(kind=DueKind(fields["kind"]), pk=fields["pk"], sk=fields["sk"], at=parse_instant(fields["due_at"]))


@dataclass(frozen=True, slots=True)
class SqsQueues:
    """`Queues` on SQS: a queue's URL for each kind. The client is made when there is something to send."""

    sqs: "Callable[[], SQSClient]"
    urls: Mapping[DueKind, str]

    def send(self, due: Sequence[Due], now: datetime) -> None:
        """A SendMessageBatch for every ten of a kind; what a batch refused is sent again."""
        for kind in dict.fromkeys(one.kind for one in due):
            of_kind = [one for one in due if one.kind == kind]
            for first in range(0, len(of_kind), AT_ONCE):
                self._send(self.urls[kind], of_kind[first : first + AT_ONCE], now)

    def _send(self, url: str, due: Sequence[Due], now: datetime) -> None:
        left: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(number), "MessageBody": to_body(one), "DelaySeconds": _delay(one, now)}
            for number, one in enumerate(due)
        ]
        for _ in range(_TRIES):
            with _busy_is_busy():
                answer = self.sqs().send_message_batch(QueueUrl=url, Entries=left)
            refused = {failure["Id"] for failure in answer.get("Failed", [])}
            left = [entry for entry in left if entry["Id"] in refused]
            if not left:
                return
        raise QueueBusyError("some messages were refused")


@dataclass(frozen=True, slots=True)
class SqsDeadLetters:
    """`DeadLetters` on SQS. The client is made with the first: hardly a process meets one."""

    sqs: "Callable[[], SQSClient]"
    url: str

    def put(self, letter: Mapping[str, object]) -> None:
        """One SendMessage."""
        with _busy_is_busy():
            self.sqs().send_message(QueueUrl=self.url, MessageBody=dumps(letter, default=str))


def _delay(due: Due, now: datetime) -> int:
    """Whole seconds, rounded up: what is due at a second comes in that second and never before it."""
    return min(max(0, ceil((due.at - now).total_seconds())), LONGEST_DELAY_SECONDS)


@contextmanager
def _busy_is_busy() -> Iterator[None]:
    """Whatever keeps a queue from taking a message may be over later: throttling, a lost answer, a wrong policy."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise QueueBusyError(type(error).__name__) from error
