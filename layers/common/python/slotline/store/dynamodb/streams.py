"""The changes that a table's stream brings, one by one.

A change that nobody can read must not hold up the ones behind it: it goes to the dead letters at once, and an alarm
tells. A failure of the world (a store, a queue) fails the batch, which comes again, halved by Lambda where it keeps
failing. Whoever acts on changes therefore sees some of them twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline import observability
from slotline.ports.shared import DeadLetters, QueueBusyError, StoreBusyError
from slotline.store.dynamodb.client import Item, from_values

_OF_THE_WORLD = (StoreBusyError, QueueBusyError, BotoCoreError, ClientError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row before and after one change: None where it was not there."""

    old: Item | None
    new: Item | None


def each_change(event: Mapping[str, Any], act: Callable[[Change], None], dead_letters: DeadLetters) -> None:
    """Act on every change of the batch, in order. Raises the first failure of the world, at once."""
    for record in event["Records"]:
        try:
            act(_change(record))
        except _OF_THE_WORLD:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a row that cannot be read makes of the code
            _bury(record, error, dead_letters)


def oldest_at(event: Mapping[str, Any]) -> datetime | None:
    """When the oldest change of a batch was made; None if no record says so."""
    seconds = [record["dynamodb"].get("ApproximateCreationDateTime") for record in event["Records"]]
    known = [float(at) for at in seconds if at is not None]
    return datetime.fromtimestamp(min(known), UTC) if known else None


def _change(record: Mapping[str, Any]) -> Change:
    images = record["dynamodb"]
    return Change(old=_row(images.get("OldImage")), new=_row(images.get("NewImage")))


def _row(image: Mapping[str, Any] | None) -> Item | None:
    return from_values(image) if image else None


def _bury(record: Mapping[str, Any], error: Exception, dead_letters: DeadLetters) -> None:
    images = record.get("dynamodb", {})
    letter = {
        "eventID": record.get("eventID"),
        "eventSourceARN": record.get("eventSourceARN"),
        "SequenceNumber": images.get("SequenceNumber"),
        "Keys": images.get("Keys"),
    }
    dead_letters.put(letter)
    observability.log_failure("poison record", error, key=sha256(repr(images.get("Keys")).encode()).hexdigest()[:16])
    observability.count({"PoisonRecords": 1})
