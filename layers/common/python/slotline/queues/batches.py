"""What a queue brings: wake-ups, each acted on by itself.

A wake-up whose work fails stays in the queue and comes again, later and later, until the queue's redrive policy puts it
among the dead letters; the others of its batch are done. A wake-up for which there is no time left is not begun: it
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
    """Act on every wake-up of the batch, each if there is as much time left as one `needs`.

    The answer names those that failed or were not begun (SQS partial batch response). One that came too early goes back
    for the seconds that are left.
    """
    failures: list[dict[str, str]] = []
    left_over = 0
    for record in event["Records"]:
        if deadline.left() < needs:
            left_over += 1
        elif _is_done(record, act, queues, clock):
            continue
        failures.append({"itemIdentifier": record["messageId"]})
    if left_over:
        observability.logger.warning("no time left", wake_ups=left_over)
        observability.count({"WakeUpsLeftOver": left_over})
    observability.flush()
    return {"batchItemFailures": failures}


def _is_done(record: Mapping[str, Any], act: Callable[[Due], None], queues: Queues, clock: Clock) -> bool:
    try:
        due = from_body(record["body"])
        now = clock.now()
        if now < due.at:
            queues.send([due], now)
        else:
            act(due)
    except Exception as error:  # noqa: BLE001 - one message's failure is not the others'
        message = sha256(record["body"].encode()).hexdigest()[:16]
        observability.log_failure("wake-up failed", error, body=message)
        observability.count({"WakeUpsFailed": 1})
        return False
    return True
