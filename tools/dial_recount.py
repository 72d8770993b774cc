"""A recount of calls that are dialled: what counts and lists each is compared with the call, and mended.

Once it has come to the end, campaigns' progress and lists of calls are shown as the stream derives them. The system may
be running: each call is mended on condition that it still is as it was read, so nothing is counted twice. How far it
has come is kept, so it may be stopped anywhere and run again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slotline.aws import raising_store_busy
from slotline.clock import FullJitter
from slotline.ports.shared import Clock, Derivations, Derived, RaceLost, StoreBusyError
from slotline.store.dialing.derived import derived_of_call
from slotline.store.dialing.items import dial_call_from_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import AttributeValues, from_values, to_values
from slotline.store.dynamodb.rows import BATCH, get_row, get_rows
from slotline.store.shared.derived import DynamoDerivations
from slotline.usecases.shared.retrying import retry
from tools.target import Target

MOST_SHOWN = 100
"""Of the calls that nobody can read."""


@dataclass(slots=True)
class DialRecount:
    """One walk over the table. `page`: how many rows a request looks at; None: a megabyte of them."""

    client: Any
    table: str
    derivations: Derivations
    page: int | None = None
    calls: int = 0
    mended: int = 0
    unreadable: dict[str, None] = field(default_factory=dict)

    def __call__(self) -> None:
        """To the end, from where the last run was stopped. Raises RaceLost or StoreBusyError."""
        begun = get_row(self.client, self.table, keys.dials_walk())
        place = to_values(begun["place"]) if begun else None
        while True:
            subjects, place = self._page(place)
            for start in range(0, len(subjects), BATCH):
                mend = partial(self._mend, subjects[start : start + BATCH])
                self.mended += retry(mend, FullJitter(), on=(RaceLost, StoreBusyError))
            if place is None:
                break
            self._put({**keys.dials_walk(), "place": from_values(place)})
        self._put(keys.dials_are_counted())
        with raising_store_busy():
            self.client.delete_item(TableName=self.table, Key=to_values(keys.dials_walk()))

    def _page(self, place: AttributeValues | None) -> tuple[Sequence[str], AttributeValues | None]:
        """The partitions of calls that are there, or that have a record left, as far as one request comes."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "ProjectionExpression": "pk, sk",
            "FilterExpression": "sk IN (:call, :record)",
            "ExpressionAttributeValues": to_values({":call": _CALL, ":record": _RECORD}),
            **({"ExclusiveStartKey": place} if place else {}),
            **({"Limit": self.page} if self.page else {}),
        }
        with raising_store_busy():
            answer = self.client.scan(**request)
        self.calls += sum(row["sk"]["S"] == _CALL for row in answer["Items"])
        partitions = {row["pk"]["S"].removesuffix(keys.OF_RECORD) for row in answer["Items"]}
        return sorted(partitions), answer.get("LastEvaluatedKey")

    def _mend(self, partitions: Sequence[str]) -> int:
        places = [{"pk": pk, "sk": _CALL} for pk in partitions]
        rows = get_rows(self.client, {self.table: places})
        return self.derivations.mend(list(self._derived(places, rows)))

    def _derived(
        self, places: Sequence[Mapping[str, str]], rows: Mapping[tuple[str, str], Mapping[str, Any]]
    ) -> Iterator[tuple[Mapping[str, str], Derived]]:
        for place in places:
            row = rows.get((place["pk"], place["sk"]))
            try:
                gone = Derived(subject=f"{place['pk']}{keys.OF_RECORD}", version=0, is_gone=True)
                yield place, derived_of_call(dial_call_from_item(row)) if row else gone
            except (KeyError, TypeError, ValueError):
                self.unreadable[place["pk"]] = None

    def _put(self, row: Mapping[str, object]) -> None:
        with raising_store_busy():
            self.client.put_item(TableName=self.table, Item=to_values(row))


def recount_dials(target: Target, clock: Clock) -> dict[str, Any]:
    """What the operator is shown: how many calls there are, and how many of them were not counted rightly."""
    client = target.client("dynamodb")
    walk = DialRecount(client, target.dialing_table, DynamoDerivations(client, target.dialing_table, clock))
    walk()
    answer: dict[str, Any] = {"phone_calls": walk.calls, "phone_calls_mended": walk.mended}
    if walk.unreadable:
        answer |= {"unreadable": list(walk.unreadable)[:MOST_SHOWN], "unreadable_in_all": len(walk.unreadable)}
    return answer


def mark_if_new(target: Target) -> None:
    """All calls of a table that has no row are counted: those that come are counted from the stream."""
    client = target.client("dynamodb")
    with raising_store_busy():
        if not client.scan(TableName=target.dialing_table, Limit=1, ConsistentRead=True)["Items"]:
            client.put_item(TableName=target.dialing_table, Item=to_values(keys.dials_are_counted()))


_CALL, _RECORD = keys.dial_call("", "")["sk"], keys.derived("")["sk"]
