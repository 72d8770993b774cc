"""An answer of BatchGetItem may leave keys: they are asked for again, and no row counts as missing for it."""

from collections.abc import Sequence
from typing import Any

import pytest

from slotline.ports.shared import StoreBusyError
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.rows import TRIES, get_rows, row_of
from tests.support.aws.moto_tables import aws_in_memory

PLACES = {
    table: [{"pk": f"{table}-{number}", "sk": "ROW"} for number in range(3)]
    for table in ("DialingTable", "AccessTable")
}


class Sparing:
    """A client that answers for so many keys of a request and leaves the others, whatever table they are of."""

    def __init__(self, client: Any, takes: Sequence[int]) -> None:
        self.client, self.takes = client, list(takes)
        self.asked: list[int] = []

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803 - as boto3 names it
        """Some of it."""
        places = [(table, key) for table, part in RequestItems.items() for key in part["Keys"]]
        assert all(part["ConsistentRead"] for part in RequestItems.values())
        self.asked.append(len(places))
        taken = self.takes.pop(0) if self.takes else len(places)
        now, left = _by_table(places[:taken]), _by_table(places[taken:])
        answer = self.client.batch_get_item(RequestItems=now) if now else {"Responses": {}}
        return {**answer, "UnprocessedKeys": left}


def _by_table(places: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for table, key in places:
        parts.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(key)
    return parts


def test_keys_that_an_answer_left_are_asked_for_again_and_no_others() -> None:
    with aws_in_memory() as client:
        for table, places in PLACES.items():
            for place in places[:2]:
                client.put_item(TableName=table, Item=to_values(place))
        sparing = Sparing(client, [1, 0, 3])
        found = get_rows(sparing, PLACES)  # type: ignore[arg-type] # the one operation that reading needs
    assert sparing.asked == [6, 5, 5, 2]
    assert sorted(found) == sorted((key["pk"], key["sk"]) for places in PLACES.values() for key in places[:2])


def test_keys_that_are_left_again_and_again_are_a_busy_store() -> None:
    with aws_in_memory() as client:
        sparing = Sparing(client, [0] * TRIES)
        with pytest.raises(StoreBusyError):
            get_rows(sparing, PLACES)  # type: ignore[arg-type] # the one operation that reading needs
    assert sparing.asked == [6] * TRIES


def test_of_rows_that_were_read_only_those_that_are_asked_for_are_turned_into_values() -> None:
    """A booking reads the days around its own, in case its agent takes only so many calls a day. Few agents do."""
    wanted, beside = PLACES["AccessTable"][:2]
    place = {(key["pk"], key["sk"]): to_values(key) for key in (wanted,)}
    found = {**place, (beside["pk"], beside["sk"]): {"pk": {"no such type": beside["pk"]}}}
    assert row_of(found, wanted) == wanted
    with pytest.raises(KeyError):
        row_of(found, beside)
    assert row_of(place, beside) is None
