"""A table in memory as DynamoDB keeps it, as far as derived rows are written and read: with its conflicts and its lost
answers, and quick with many rows. moto copies the whole table for each transaction.
"""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.support.aws.requests import refusal

Row = dict[str, Any]
CONFLICT, LOST_ANSWER = "TransactionConflict", "lost answer"


class SmallDynamoDB:
    """The part of boto3's client that is asked here, on one table. `fails`: what befalls the next transaction."""

    def __init__(self, fails: Callable[[], str | None] = lambda: None) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self._fails = fails
        self._tokens: set[str] = set()

    def put_item(self, *, Item: Row, **_: Any) -> None:  # noqa: N803 - as boto3 names it
        self.rows[_place(Item)] = Item

    def delete_item(self, *, Key: Row, **_: Any) -> None:  # noqa: N803 - as above
        self.rows.pop(_place(Key), None)

    def get_item(self, *, Key: Row, **_: Any) -> Row:  # noqa: N803 - as above
        row = self.rows.get(_place(Key))
        return {"Item": row} if row else {}

    def batch_get_item(self, *, RequestItems: Row) -> Row:  # noqa: N803 - as above
        found = {
            table: [self.rows[_place(key)] for key in wanted["Keys"] if _place(key) in self.rows]
            for table, wanted in RequestItems.items()
        }
        assert all(len(wanted["Keys"]) <= 100 for wanted in RequestItems.values())
        return {"Responses": found}

    def query(self, *, ExpressionAttributeValues: Row, **_: Any) -> Row:  # noqa: N803 - as above
        pk, first, last = (value["S"] for value in ExpressionAttributeValues.values())
        return {"Items": [row for (of, sk), row in sorted(self.rows.items()) if of == pk and first <= sk <= last]}

    def scan(self, *, ExpressionAttributeValues: Row, Limit: int = 1000, **more: Any) -> Row:  # noqa: N803 - as above
        kinds = {value["S"] for value in ExpressionAttributeValues.values()}
        start = _place(more["ExclusiveStartKey"]) if "ExclusiveStartKey" in more else ("", "")
        left = sorted(place for place in self.rows if place > start)
        page = left[:Limit]
        more_key = {"LastEvaluatedKey": _key(page[-1])} if len(left) > Limit else {}
        found = [self.rows[place] for place in page if place[1].startswith(tuple(kinds))]
        return {"Items": found, **more_key}

    def transact_write_items(self, *, TransactItems: list[Row], ClientRequestToken: str) -> None:  # noqa: N803 - as above
        """All or nothing, and once for its token."""
        fault = self._fails()
        if fault == CONFLICT:
            raise _cancelled([CONFLICT, *["None"] * (len(TransactItems) - 1)])
        if ClientRequestToken not in self._tokens:
            parts = [next(iter(item.items())) for item in TransactItems]
            places = [_place(part.get("Item") or part["Key"]) for _, part in parts]
            assert len(set(places)) == len(places) <= 100, "no row twice in a transaction, and at most a hundred"
            held = [self._holds(part, place) for (_, part), place in zip(parts, places, strict=True)]
            if not all(held):
                raise _cancelled(["None" if one else "ConditionalCheckFailed" for one in held])
            for (kind, part), place in zip(parts, places, strict=True):
                self._write(kind, part, place)
            self._tokens.add(ClientRequestToken)
        if fault == LOST_ANSWER:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.example.com")

    def _holds(self, part: Row, place: tuple[str, str]) -> bool:
        condition, row = part.get("ConditionExpression"), self.rows.get(place)
        if condition is None:
            return True
        if condition == "attribute_not_exists(pk)":
            return row is None
        name, _, value = condition.partition(" = ")
        return row is not None and row[name] == part["ExpressionAttributeValues"][value]

    def _write(self, kind: str, part: Row, place: tuple[str, str]) -> None:
        if kind == "Put":
            self.rows[place] = part["Item"]
        elif kind == "Delete":
            self.rows.pop(place, None)
        elif kind == "Update":
            row = dict(self.rows.get(place, part["Key"]))
            begins, _, added_to = part["UpdateExpression"].partition("ADD ")
            if begins:
                row.setdefault("since", part["ExpressionAttributeValues"][":since"])
            for added in added_to.split(", "):
                name, value = added.split(" ")
                attribute = part["ExpressionAttributeNames"][name]
                before = int(row.get(attribute, {"N": "0"})["N"])
                row[attribute] = {"N": str(before + int(part["ExpressionAttributeValues"][value]["N"]))}
            self.rows[place] = row


def _place(key: Row) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]


def _key(place: tuple[str, str]) -> Row:
    return {"pk": {"S": place[0]}, "sk": {"S": place[1]}}


def _cancelled(reasons: list[str]) -> Exception:
    error: Any = refusal("TransactionCanceledException")
    error.response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return error  # type: ignore[no-any-return] # a ClientError
