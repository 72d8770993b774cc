"""Rows read consistently: some by their keys, all of a range, or a page of one; and many rows written at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.shared.due import Due
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.paging import Listed
from slotline.ports.shared import StoreBusyError
from slotline.store.dynamodb.client import AttributeValues, DynamoDBClient, Item, from_values, to_values

BATCH = 100
"""Rows that one BatchGetItem reads."""
WRITTEN_AT_ONCE = 25
"""Rows that one BatchWriteItem writes."""
TRIES = 5
COUNTED_IN = 2
"""Requests that count rows of which no counter knows."""

Key = Mapping[str, str]
Rows = dict[tuple[str, str], Mapping[str, Any]]
"""By (pk, sk), as they were sent: `row_of` reads the one that is asked for, and often not all of them are."""


def get_rows(client: DynamoDBClient, wanted: Mapping[str, Sequence[Key]]) -> Rows:
    """The rows of these keys, by table, as they are found: a hundred a request.

    Keys that an answer leaves unprocessed are asked for again: it was full, or some of it was throttled. Raises
    StoreBusyError if some are left after the last try.
    """
    places = [(table, key) for table, table_keys in wanted.items() for key in table_keys]
    found: Rows = {}
    for start in range(0, len(places), BATCH):
        request: dict[str, Any] = {}
        for table, key in places[start : start + BATCH]:
            request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(to_values(key))
        for _ in range(TRIES):
            with raising_store_busy():
                answer = client.batch_get_item(RequestItems=request)
            found |= _by_key(chain.from_iterable(answer["Responses"].values()))
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                break
        else:
            raise StoreBusyError("unprocessed keys")
    return found


def get_large_rows(client: DynamoDBClient, table: str, wanted: Sequence[Key]) -> Rows:
    """The same of one table, of rows that may be so large that a request brings only some: 16 MB of them.

    Only a request that brings nothing is a throttled read: StoreBusyError.
    """
    found: Rows = {}
    left = [to_values(key) for key in wanted]
    while left:
        asked, rest = left[:BATCH], left[BATCH:]
        with raising_store_busy():
            answer = client.batch_get_item(RequestItems={table: {"Keys": asked, "ConsistentRead": True}})
        unprocessed: Mapping[str, Any] = answer.get("UnprocessedKeys", {})
        unread: list[Any] = unprocessed[table]["Keys"] if table in unprocessed else []
        if len(unread) == len(asked):
            raise StoreBusyError("unprocessed keys")
        found |= _by_key(answer["Responses"].get(table, []))
        left = [*unread, *rest]
    return found


def _by_key(rows: Iterable[AttributeValues]) -> Rows:
    return {(row["pk"]["S"], row["sk"]["S"]): row for row in rows}


def row_of(found: Rows, key: Key) -> Item | None:
    """The row of this key, where it was found."""
    row = found.get((key["pk"], key["sk"]))
    return None if row is None else from_values(row)


def get_row(client: DynamoDBClient, table: str, key: Key) -> Item | None:
    """The row of this key: one strongly consistent GetItem."""
    with raising_store_busy():
        answer = client.get_item(TableName=table, Key=to_values(key), ConsistentRead=True)
    return from_values(answer["Item"]) if "Item" in answer else None


def page_rows(
    client: DynamoDBClient, table: str, first: Key, limit: int, after: str | None, *, newest_first: bool = False
) -> Listed[Item]:
    """Rows whose sort key begins as `first`'s does: one consistent Query.

    `after` is what follows that beginning in the last row of the page before, and so is `next`. One row more than the
    page is read: only so is it known whether another one follows.
    """
    prefix = first["sk"]
    request: dict[str, Any] = {
        "TableName": table,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": to_values({":pk": first["pk"], ":prefix": prefix}),
        "ScanIndexForward": not newest_first,
        "Limit": limit + 1,
    }
    if after is not None:
        request["ExclusiveStartKey"] = to_values({"pk": first["pk"], "sk": prefix + after})
    with raising_store_busy():
        answer = client.query(**request)
    rows = [from_values(row) for row in answer["Items"]]
    # Rows may be so large that fewer of them came than were asked for.
    is_last = len(rows) <= limit and "LastEvaluatedKey" not in answer
    page = rows[:limit]
    return Listed(rows=page, next=None if is_last else str(page[-1]["sk"]).removeprefix(prefix))


def count_rows(client: DynamoDBClient, table: str, first: Key, most: int, **more: Any) -> int | None:
    """How many rows have a sort key that begins as `first`'s does; None if they are more than so many.

    `more`: a filter, with its values. See `count_up_to`.
    """
    request = {
        "TableName": table,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "Limit": most + 1,
        **more,
        "ExpressionAttributeValues": {
            **to_values({":pk": first["pk"], ":prefix": first["sk"]}),
            **more.get("ExpressionAttributeValues", {}),
        },
    }
    return count_up_to(client, [request], most)


def count_up_to(client: DynamoDBClient, queries: Sequence[Mapping[str, Any]], most: int) -> int | None:
    """How many rows these queries find, none of which asks for more than one beyond so many. None if they are more.

    Or if they cannot be counted in two requests: rows are large, or queries many. No row is brought back.
    """
    left, total = list(queries), 0
    for _ in range(COUNTED_IN):
        if not left:
            break
        with raising_store_busy():
            answer = client.query(**left[0], Select="COUNT")
        total += answer["Count"]
        if "LastEvaluatedKey" in answer:
            left[0] = {**left[0], "ExclusiveStartKey": answer["LastEvaluatedKey"]}
        else:
            del left[0]
    return total if total <= most and not left else None


def write_rows(client: DynamoDBClient, table: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Put rows, whatever stands there: a BatchWriteItem for every 25, and again for what one left over.

    Raises StoreBusyError; some may have been written by then. No row twice.
    """
    puts: list[Any] = [{"PutRequest": {"Item": to_values(row)}} for row in rows]
    for start in range(0, len(puts), WRITTEN_AT_ONCE):
        left = puts[start : start + WRITTEN_AT_ONCE]
        for _ in range(TRIES):
            with raising_store_busy():
                answer = client.batch_write_item(RequestItems={table: left})
            left = answer.get("UnprocessedItems", {}).get(table, [])
            if not left:
                break
        else:
            raise StoreBusyError("unprocessed items")


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
    return [from_values(row) for answer in query_answers(client, **request) for row in answer["Items"]]


def query_answers(client: DynamoDBClient, **request: Any) -> Iterator[Mapping[str, Any]]:
    """A Query to its end, a megabyte an answer. Each is asked for when the one before was not enough."""
    while True:
        with raising_store_busy():
            answer = client.query(**request)
        yield answer
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def due_row(client: DynamoDBClient, table: str, due: Due) -> Item | None:
    """The row that a wake-up is for, read consistently, if it still is due at that moment."""
    with raising_store_busy():
        answer = client.get_item(TableName=table, Key=to_values({"pk": due.pk, "sk": due.sk}), ConsistentRead=True)
    row = from_values(answer["Item"]) if "Item" in answer else {}
    return row if row.get("due_at") == format_instant(due.at) else None
