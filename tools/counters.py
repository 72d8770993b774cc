"""A recount: what is derived from each call is compared with the call, and mended; then counters may be shown.

The system may be running. Each call is mended by itself, on condition that it still is as it was read, and the counters
change with it in one transaction. So nothing is counted twice, and a run that is stopped goes on where it was.
"""

from collections import Counter as Sums
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slotline.aws import raising_store_busy
from slotline.clock import FullJitter
from slotline.domain.booking.call_json import call_from_json
from slotline.ports.shared import Clock, Derivations, Derived, RaceLost, StoreBusyError
from slotline.store.booking.derived import derived_of_call
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item, from_values, to_values
from slotline.store.dynamodb.rows import BATCH, Key, get_rows
from slotline.store.shared.derived import DynamoDerivations
from slotline.usecases.shared.retrying import retry
from tools.target import Target

MOST_SHOWN = 100
"""Of the rows that nobody can read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """What is walked over: rows of one kind, and whoever has them."""

    name: str
    table: str
    sk: str
    owner_sk: str
    """What the sort keys of owners begin with."""
    derived_of: Callable[[Item], Derived]
    mark_of: Callable[[Item], Mapping[str, str]]
    """Of the row of an owner: the key that says that all of theirs is counted."""


def scheduled_calls(table: str) -> Subjects:
    """Calls of apps."""
    return Subjects(
        name="calls",
        table=table,
        sk=keys.call("", "")["sk"],
        owner_sk=keys.app("")["sk"],
        derived_of=lambda row: derived_of_call(call_from_json(row)),
        mark_of=lambda row: keys.calls_are_counted(row["app_id"]),
    )


@dataclass(slots=True)
class Recount:
    """One walk over a table. `page`: how many rows a request looks at; None: a megabyte."""

    client: Any
    subjects: Subjects
    access_table: str
    derivations: Derivations
    page: int | None = None
    found: Sums[str] = field(default_factory=Sums)
    unreadable: list[str] = field(default_factory=list)

    def __call__(self) -> None:
        """To the end, from the beginning or from where the last run was stopped. Raises RaceLost or StoreBusyError."""
        start, marks = self._begun()
        while True:
            rows, start = self._rows(start)
            self._look_at({row["pk"] for row in rows if row["sk"] in {self.subjects.sk, _DERIVED}})
            owners = (row for row in rows if row["sk"] == self.subjects.owner_sk)
            marks |= {"\n".join(self.subjects.mark_of(row).values()) for row in owners}
            if start is None:
                break
            self._keep(start, marks)
        self._mark(marks)

    def _rows(self, start: Mapping[str, Any] | None) -> tuple[list[Item], Mapping[str, Any] | None]:
        request: dict[str, Any] = {
            "TableName": self.subjects.table,
            "ConsistentRead": True,
            "FilterExpression": "sk IN (:subject, :derived, :owner)",
            "ExpressionAttributeValues": to_values(
                {":subject": self.subjects.sk, ":derived": _DERIVED, ":owner": self.subjects.owner_sk}
            ),
            **({"ExclusiveStartKey": start} if start else {}),
            **({"Limit": self.page} if self.page else {}),
        }
        with raising_store_busy():
            answer = self.client.scan(**request)
        return [from_values(row) for row in answer["Items"]], answer.get("LastEvaluatedKey")

    def _look_at(self, partitions: Iterable[str]) -> None:
        wanted = sorted(partitions)
        for first in range(0, len(wanted), BATCH):
            chunk = wanted[first : first + BATCH]
            mended = retry(partial(self._mend, chunk), FullJitter(), on=(RaceLost, StoreBusyError))
            self.found["mended"] += mended

    def _mend(self, partitions: Sequence[str]) -> int:
        places: list[Key] = [{"pk": pk, "sk": self.subjects.sk} for pk in partitions]
        rows = get_rows(self.client, {self.subjects.table: places})
        seen: list[tuple[Mapping[str, str], Derived]] = []
        unreadable: list[str] = []
        for key in places:
            row = rows.get((key["pk"], key["sk"]))
            try:
                gone = Derived(subject=key["pk"], version=0, is_gone=True)
                seen.append((key, self.subjects.derived_of(row) if row else gone))
            except (KeyError, TypeError, ValueError):
                unreadable.append(key["pk"])
        mended = self.derivations.mend(seen)
        self.found[self.subjects.name] += len(rows)
        self.unreadable += unreadable
        return mended

    def _begun(self) -> tuple[Mapping[str, Any] | None, set[str]]:
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.access_table, Key=to_values(keys.walk(self.subjects.name)), ConsistentRead=True
            )
        if "Item" not in answer:
            return None, set()
        row = from_values(answer["Item"])
        return to_values(row["start"]), set(row.get("marks", ()))

    def _keep(self, start: Mapping[str, Any], marks: set[str]) -> None:
        row = {**keys.walk(self.subjects.name), "start": from_values(start), "marks": marks or None}
        with raising_store_busy():
            self.client.put_item(TableName=self.access_table, Item=to_values(row))

    def _mark(self, marks: Iterable[str]) -> None:
        """Everybody's counters may be shown; and the next run begins at the beginning."""
        for mark in sorted(marks):
            pk, sk = mark.split("\n")
            with raising_store_busy():
                self.client.put_item(TableName=self.subjects.table, Item=to_values({"pk": pk, "sk": sk}))
            self.found["owners"] += 1
        with raising_store_busy():
            self.client.delete_item(TableName=self.access_table, Key=to_values(keys.walk(self.subjects.name)))


def recount(target: Target, clock: Clock) -> dict[str, Any]:
    """What the operator is shown: how many calls there are, how many of them were not counted rightly, and whose."""
    client = target.client("dynamodb")
    derivations = DynamoDerivations(client, target.scheduling_table, clock)
    walk = Recount(client, scheduled_calls(target.scheduling_table), target.access_table, derivations)
    walk()
    answer: dict[str, Any] = {name: walk.found[name] for name in ("calls", "mended")} | {"apps": walk.found["owners"]}
    if walk.unreadable:
        answer |= {"unreadable": walk.unreadable[:MOST_SHOWN], "unreadable_in_all": len(walk.unreadable)}
    return answer


_DERIVED = keys.derived("")["sk"]
