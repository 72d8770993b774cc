"""How a row says when it is due: two attributes, and without them it stands in no bucket."""

from collections.abc import Mapping
from datetime import datetime

from slotline.aws import raising_store_busy
from slotline.domain.shared.due import Due, bucket_of
from slotline.domain.shared.instants import format_instant
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values


def due_fields(key: Mapping[str, str], at: datetime | None) -> dict[str, object]:
    """The attributes of a row with this key that is due then; none for a row that waits for nothing."""
    if at is None:
        return {}
    return {"due_at": at, "due_bucket": bucket_of(at, key["pk"], key["sk"])}


def due_row(client: DynamoDBClient, table: str, due: Due) -> Item | None:
    """The row that a wake-up is for, read consistently, if it still is due at that moment."""
    with raising_store_busy():
        answer = client.get_item(TableName=table, Key=to_values({"pk": due.pk, "sk": due.sk}), ConsistentRead=True)
    row = from_values(answer["Item"]) if "Item" in answer else {}
    return row if row.get("due_at") == format_instant(due.at) else None
