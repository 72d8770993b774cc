"""The rows that act later, by the index that holds only those; and what is known of schedules and of sweeps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.shared.due import Due, buckets_of
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.ports.shared import QueueBusyError
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.streams import Change

CLAIM_LASTS = timedelta(seconds=15)
"""Whoever claimed a minute and died leaves it to the next one after this."""

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DynamoTimers:
    """`Timers` on index `due` of the tables that have one, and on AccessTable."""

    client: DynamoDBClient
    tables: Sequence[str]
    access_table: str

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        """A Query per table and shard of the hour, and one more for every further page."""
        for table in self.tables:
            for bucket in buckets_of(start):
                yield from self._of_bucket(table, bucket, start, end)

    def claim_minute(self, minute: datetime, now: datetime) -> bool:
        """One conditional PutItem."""
        mark = {
            **keys.minute(minute),
            "made": False,
            "claimed_at": now,
            "expires_at": int((minute + KEPT_FOR).timestamp()),
        }
        try:
            with raising_store_busy():
                self.client.put_item(
                    TableName=self.access_table,
                    Item=to_values(mark),
                    ConditionExpression="attribute_not_exists(pk) OR (made = :no AND claimed_at < :stale)",
                    ExpressionAttributeValues=to_values({":no": False, ":stale": now - CLAIM_LASTS}),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            there: Any = error.response
            if not from_values(there["Item"])["made"]:
                raise QueueBusyError("another is making the schedule of this minute") from error
            return False
        return True

    def minute_made(self, minute: datetime) -> None:
        """One UpdateItem."""
        with raising_store_busy():
            self.client.update_item(
                TableName=self.access_table,
                Key=to_values(keys.minute(minute)),
                UpdateExpression="SET made = :yes, expires_at = :expires",
                ExpressionAttributeValues=to_values(
                    {":yes": True, ":expires": int((minute + KEPT_FOR).timestamp())},
                ),
            )

    def swept_until(self) -> datetime | None:
        """One consistent GetItem."""
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.access_table, Key=to_values(keys.watermark()), ConsistentRead=True
            )
        return parse_instant(from_values(answer["Item"])["until"]) if "Item" in answer else None

    def swept(self, until: datetime) -> None:
        """One PutItem."""
        with raising_store_busy():
            self.client.put_item(TableName=self.access_table, Item=to_values({**keys.watermark(), "until": until}))

    def _of_bucket(self, table: str, bucket: str, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        last = format_instant(end - timedelta(milliseconds=1))
        request = {
            "TableName": table,
            "IndexName": "due",
            "KeyConditionExpression": "due_bucket = :bucket AND due_at BETWEEN :start AND :last",
            "ExpressionAttributeValues": to_values({":bucket": bucket, ":start": start, ":last": last}),
        }
        while True:
            with raising_store_busy():
                answer = self.client.query(**request)  # type: ignore[arg-type]  # built step by step
            if answer["Items"]:
                yield [_due(from_values(row)) for row in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def newly_due(change: Change) -> Sequence[Due]:
    """The wake-up that a change of a row asks for: one, where it is due at a moment at which it was not before."""
    old, new = change.old or {}, change.new or {}
    return [_due(new)] if new.get("due_at") not in (None, old.get("due_at")) else []


def _due(row: Item) -> Due:
    return Due(kind=keys.due_kind(row["sk"]), pk=row["pk"], sk=row["sk"], at=parse_instant(row["due_at"]))
