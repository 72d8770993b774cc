"""What a queue brings, each message by itself: wake-ups, and what providers report.

A message whose work fails stays in the queue and comes again, later and later, until the queue's redrive policy puts it
among the dead letters; the others of its batch are done. A message for which there is no time left is not begun: it
stays in the queue too, so that nothing is cut off in the middle and nothing of what was done is done again.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.ports.shared import Clock, Deadline, Queues
from slotline.queues.sqs import from_body


def consume(
    event: Mapping[str, Any],
    act: Callable[[Due], None],
    queues: Queues,
    clock: Clock,
    deadline: Deadline,
    needs: timedelta,
) -> dict[str, Any]:
    """Act on every wake-up of the batch, as `each` does. One that came too early goes back for the seconds left."""

    def wake(body: str) -> None:
        due = from_body(body)
        now = clock.now()
        if now < due.at:
            queues.send([due], now)
        else:
            act(due)

    return each(event, wake, deadline, needs, told_as=("wake-up failed", "WakeUps"))


def each(
    event: Mapping[str, Any],
    act: Callable[[str], None],
    deadline: Deadline,
    needs: timedelta,
    *,
    told_as: tuple[str, str],
) -> dict[str, Any]:
    """Act on the body of every message of the batch, each if there is as much time left as one `needs`.

    The answer names those that failed or were not begun (SQS partial batch response). `told_as`: what the log says of
    one that failed, and how the metrics of both begin.
    """
    message, metrics = told_as
    failures: list[dict[str, str]] = []
    left_over = 0
    for record in event["Records"]:
        if deadline.left() < needs:
            left_over += 1
        elif _is_done(record["body"], act, message, metrics):
            continue
        failures.append({"itemIdentifier": record["messageId"]})
    if left_over:
        observability.logger.warning("no time left", messages=left_over)
        observability.count({f"{metrics}LeftOver": left_over})
    observability.flush()
    return {"batchItemFailures": failures}


def _is_done(body: str, act: Callable[[str], None], message: str, metrics: str) -> bool:
    try:
        act(body)
    except Exception as error:  # noqa: BLE001 - one message's failure is not the others'
        observability.log_failure(message, error, body=sha256(body.encode()).hexdigest()[:16])
        observability.count({f"{metrics}Failed": 1})
        return False
    return True
