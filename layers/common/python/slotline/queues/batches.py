"""What a queue brings: wake-ups, each acted on by itself.

A wake-up whose work fails stays in the queue and comes again, later and later, until the queue's redrive policy puts it
among the dead letters; the others of its batch are done.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from slotline import observability
from slotline.domain.shared.due import Due
from slotline.ports.shared import Clock, Queues
from slotline.queues.sqs import from_body


def consume(event: Mapping[str, Any], act: Callable[[Due], None], queues: Queues, clock: Clock) -> dict[str, Any]:
    """Act on every wake-up of the batch; the answer names those that failed (SQS partial batch response).

    One that came too early goes back for the seconds that are left.
    """
    failures = []
    for record in event["Records"]:
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
            failures.append({"itemIdentifier": record["messageId"]})
    observability.flush()
    return {"batchItemFailures": failures}
