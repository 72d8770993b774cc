"""Rows read consistently: some by their keys, or all of a range."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from slotline.ports import StoreBusyError
from slotline.store.dynamo import AttributeValues, DynamoDBClient, Item, busy_is_busy, from_values, to_values

BATCH = 100
"""Rows that one BatchGetItem reads."""

Key = Mapping[str, str]
Rows = dict[tuple[str, str], Item]


def get_rows(client: DynamoDBClient, wanted: Mapping[str, Sequence[Key]]) -> Rows:
    """The rows of these keys, by table, as they are found: by (pk, sk), a hundred a request.

    A row left unprocessed is a throttled read: StoreBusyError.
    """
    places = [(table, key) for table, table_keys in wanted.items() for key in table_keys]
    found: Rows = {}
    for start in range(0, len(places), BATCH):
        request: dict[str, Any] = {}
        for table, key in places[start : start + BATCH]:
            request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(to_values(key))
        with busy_is_busy():
            answer = client.batch_get_item(RequestItems=request)
        if answer.get("UnprocessedKeys"):
            raise StoreBusyError("unprocessed keys")
        rows: list[AttributeValues] = list(chain.from_iterable(answer["Responses"].values()))
        found |= {(row["pk"]["S"], row["sk"]["S"]): from_values(row) for row in rows}
    return found


def row_of(found: Rows, key: Key) -> Item | None:
    """The row of this key, where it was found."""
    return found.get((key["pk"], key["sk"]))


def query_rows(client: DynamoDBClient, table: str, first: Key, last: str, **more: Any) -> list[Item]:
    """The rows of a partition from `first` to the sort key `last`, in order. `more`: a filter, with its values."""
    request: dict[str, Any] = {
        "TableName": table,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        **more,
        "ExpressionAttributeValues": {
            **to_values({":pk": first["pk"], ":first": first["sk"], ":last": last}),
            **more.get("ExpressionAttributeValues", {}),
        },
    }
    rows: list[Item] = []
    while True:
        with busy_is_busy():
            answer = client.query(**request)
        rows += [from_values(row) for row in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return rows
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
