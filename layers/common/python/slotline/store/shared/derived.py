"""Derived rows: counters and search rows that follow from a subject, and the record beside it of what it has of both.

The record is written on condition that it is as it was read, in one transaction with the differences: counters are
added to, search rows put and deleted. So a change that comes twice finds itself written, one that comes late finds a
newer version, and of two writers one has to read again. At any moment every counter is the sum over all records.

A row of counters is spread over a few shards, so that those who write at once seldom meet. Which one is drawn for each
transaction: only the sum of the shards means anything.
"""

import random
from collections import Counter as Sums
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.ports.shared import Clock, Counter, Derived, RaceLost, Underivable
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.parts import Part
from slotline.store.dynamodb.rows import Key, get_rows, query_answers, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, transact

SHARDS = 8
"""Of a row of counters. A shard takes a transaction after the other; a stream's shard has one writer."""
ROLLUP_SHARDS = 2
"""Of one that is read with many others, as a period of days."""
SINCE = "since"
"""The attribute of such a row that says when it was begun."""
MOST_PARTS = 100
"""Of one transaction (DynamoDB API reference, TransactWriteItems)."""
ROWS_AT_ONCE = 50
"""Search rows that one transaction puts and deletes for one subject; one with more takes several steps."""
COUNT = "count_"
"""What the attribute of a counter begins with."""
GONE_FOR = timedelta(days=2)
"""How long the record of a deleted subject stays: longer than a stream keeps a change that may still come."""

Place = tuple[str, str]
"""A row's `pk` and `sk`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a subject has: the names that count it, and its rows, each with a digest of what it says.

    `writes` counts how often the record was written. None: it is not there.
    """

    version: int = -1
    is_gone: bool = False
    counters: frozenset[Counter] = frozenset()
    rows: Mapping[Place, str] = field(default_factory=dict)
    writes: int | None = None

    def says(self, derived: Derived) -> bool:
        """Whether it is what follows from the subject, down to the words of its rows."""
        if derived.is_gone:
            return self.is_gone or self.writes is None
        return (self.is_gone, self.counters, self.rows) == (False, derived.counters, _digests(derived))

    def is_older_than(self, derived: Derived) -> bool:
        """Whether a change is news. That a subject is gone is newer than the version that it was deleted at."""
        return (self.version, self.is_gone) < (derived.version, derived.is_gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What one transaction does for one subject."""

    before: Record
    after: Record
    subject: str
    expires_at: datetime | None
    puts: Sequence[Mapping[str, object]] = ()
    deletes: Sequence[Place] = ()

    @property
    def sums(self) -> Mapping[Counter, int]:
        """By how much each counter changes."""
        gained, lost = self.after.counters - self.before.counters, self.before.counters - self.after.counters
        return dict.fromkeys(gained, 1) | dict.fromkeys(lost, -1)


@dataclass(frozen=True, slots=True)
class DynamoDerivations:
    """`Derivations` on one table, which the subjects are in, too."""

    client: DynamoDBClient
    table: str
    clock: Clock
    draw: Callable[[int], int] = random.randrange

    def apply(self, changes: Sequence[Derived]) -> None:
        """A consistent BatchGetItem for a hundred subjects, and a TransactWriteItems for as many as fit into one."""
        newest = newest_of(changes)
        found = get_rows(self.client, {self.table: [keys.derived(subject) for subject in newest]})
        stages: list[list[_Step]] = []
        for subject, derived in newest.items():
            record = record_from_item(row_of(found, keys.derived(subject)))
            for number, step in enumerate(_steps(record, derived) if record.is_older_than(derived) else ()):
                stages += [[] for _ in range(number + 1 - len(stages))]
                stages[number].append(step)
        for steps in stages:  # a subject's second step is not in the transaction of its first
            for together in _packed(steps):
                self._write(together)

    def mend(self, subjects: Sequence[tuple[Mapping[str, str], Derived]]) -> int:
        """A consistent BatchGetItem for a hundred subjects, and a transaction for each that is wrong.

        The row itself is a part of it, on condition that it still is as it was read. So the record may go back to an
        older version, as a row does that was restored.
        """
        found = get_rows(self.client, {self.table: [keys.derived(derived.subject) for _, derived in subjects]})
        mended = 0
        for key, derived in subjects:
            record = record_from_item(row_of(found, keys.derived(derived.subject)))
            is_right = record.says(derived)
            if is_right and (derived.is_gone or record.version == derived.version):
                continue
            mended += not is_right  # a change that says no more than the version before it leaves an older record
            is_as_read = (
                parts.check(self.table, key, "attribute_not_exists(pk)")
                if derived.is_gone
                else parts.check(self.table, key, "revision = :revision", revision=derived.version)
            )
            for step in _steps(record, derived):
                self._write([step], is_as_read)
        return mended

    def counts(self, partition: str, first: str, last: str | None = None) -> Mapping[str, int]:
        """Queries, eventually consistent: half the price, and what is counted is some seconds old anyway."""
        answers = query_answers(self.client, **_counters(self.table, partition, first, last or first))
        return counts_in(from_values(row) for answer in answers for row in answer["Items"])

    def _write(self, steps: Sequence[_Step], *conditions: Part) -> None:
        shard = self.draw(SHARDS)
        sums: Sums[Counter] = Sums()
        for step in steps:
            sums.update(step.sums)
        written = [*conditions, *(part for step in steps for part in self._parts(step))]
        written += [self._add(row, names, shard % shards_in(row[0])) for row, names in _by_row(sums).items()]
        if len(written) > MOST_PARTS:
            raise Underivable(f"{len(written)} parts of one transaction")
        try:
            transact(self.client, [("part", part) for part in written])
        except ConditionsFailed as refused:
            raise RaceLost from refused
        except ClientError as error:
            if code_of(error) in {"TransactionCanceledException", "ValidationException"}:
                raise Underivable(code_of(error)) from error
            raise

    def _parts(self, step: _Step) -> Iterator[Part]:
        before, item = step.before, record_to_item(step.subject, step.after)
        if step.expires_at:
            item["expires_at"] = int(step.expires_at.timestamp())
        if step.after.is_gone:
            item["expires_at"] = int((self.clock.now() + GONE_FOR).timestamp())
        if before.writes is None:
            yield parts.put_new(self.table, item)
        else:
            yield parts.put(self.table, item, "writes = :writes", writes=before.writes)
        yield from (parts.put_row(self.table, row) for row in step.puts)
        for pk, sk in step.deletes:
            yield {"Delete": {"TableName": self.table, "Key": to_values({"pk": pk, "sk": sk})}}

    def _add(self, row: tuple[str, str], names: Mapping[str, int], shard: int) -> Part:
        """Counters are attributes of the row itself: only so can an amount be added to what is not there."""
        places = {f"#n{number}": name for number, name in enumerate(names)}
        added: dict[str, object] = {f":n{number}": amount for number, amount in enumerate(names.values())}
        begins = ""
        if keys.is_rollup(row[0]):
            begins = f"SET {SINCE} = if_not_exists({SINCE}, :since) "
            added[":since"] = self.clock.now()
        return {
            "Update": {
                "TableName": self.table,
                "Key": to_values(keys.counters(*row, shard)),
                "UpdateExpression": f"{begins}ADD " + ", ".join(f"{place} :{place[1:]}" for place in places),
                "ExpressionAttributeNames": {place: f"{COUNT}{name}" for place, name in places.items()},
                "ExpressionAttributeValues": to_values(added),
            }
        }


def newest_of(changes: Sequence[Derived]) -> Mapping[str, Derived]:
    """The newest change of each subject."""
    newest: dict[str, Derived] = {}
    for change in changes:
        known = newest.get(change.subject)
        if known is None or (known.version, known.is_gone) < (change.version, change.is_gone):
            newest[change.subject] = change
    return newest


def counted_at_once(
    client: DynamoDBClient, table: str, partition: str, first: str, last: str
) -> Mapping[str, int] | None:
    """The sums of the rows from the first to the last by one Query; None if there are more than it reads."""
    with raising_store_busy():
        answer = client.query(**_counters(table, partition, first, last))
    return None if "LastEvaluatedKey" in answer else counts_in(from_values(row) for row in answer["Items"])


def counts_in(rows: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """The sums of rows of counters that were read already, shards of one row too."""
    sums: Sums[str] = Sums()
    for row in rows:
        sums.update(_counts(row))
    return +sums


def shards_of(partition: str, row: str) -> Sequence[Key]:
    """The keys of a row of counters, for whoever reads it with other rows."""
    return [keys.counters(partition, row, shard) for shard in range(shards_in(partition))]


def shards_in(partition: str) -> int:
    """Of each row of counters there."""
    return ROLLUP_SHARDS if keys.is_rollup(partition) else SHARDS


def _counters(table: str, partition: str, first: str, last: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": to_values(
            {
                ":pk": partition,
                ":first": keys.counters(partition, first)["sk"],
                ":last": keys.last_of(keys.counters(partition, last)),
            }
        ),
    }


def _counts(row: Mapping[str, Any]) -> Mapping[str, int]:
    return {name.removeprefix(COUNT): value for name, value in row.items() if name.startswith(COUNT)}


def record_to_item(subject: str, record: Record) -> Item:
    """The row of a record that is about to be written."""
    return {
        **keys.derived(subject),
        "version": record.version,
        "is_gone": record.is_gone or None,
        "counters": {"\n".join(counter) for counter in record.counters} or None,
        "rows": {"\n".join(place): digest for place, digest in record.rows.items()} or None,
        "writes": (record.writes or 0) + 1,
    }


def record_from_item(item: Mapping[str, Any] | None) -> Record:
    """The record of a row; an empty one where there is none."""
    if item is None:
        return Record()
    return Record(
        version=item["version"],
        is_gone=item.get("is_gone", False),
        counters=frozenset(Counter(*text.split("\n")) for text in item.get("counters", ())),
        rows={_place(text): digest for text, digest in item.get("rows", {}).items()},
        writes=item["writes"],
    )


def _place(text: str) -> Place:
    pk, sk = text.split("\n")
    return pk, sk


def _steps(before: Record, derived: Derived) -> Iterator[_Step]:
    """From what a subject has to what it shall have. All but the last step are of rows beyond what one may write."""
    wanted = {(str(row["pk"]), str(row["sk"])): row for row in derived.rows}
    digests = _digests(derived)
    changed = [place for place in {**before.rows, **digests} if before.rows.get(place) != digests.get(place)]
    while True:
        now, changed = changed[:ROWS_AT_ONCE], changed[ROWS_AT_ONCE:]
        rows = {place: digest for place, digest in before.rows.items() if place not in now}
        rows |= {place: digests[place] for place in now if place in digests}
        after = replace(before, rows=rows)
        if not changed:
            version = max(before.version, derived.version) if derived.is_gone else derived.version
            after = replace(after, version=version, is_gone=derived.is_gone, counters=derived.counters)
        yield _Step(
            before=before,
            after=after,
            subject=derived.subject,
            expires_at=derived.expires_at,
            puts=[wanted[place] for place in now if place in wanted],
            deletes=[place for place in now if place not in wanted],
        )
        if not changed:
            return
        before = replace(after, writes=(before.writes or 0) + 1)


def _packed(steps: Sequence[_Step]) -> Iterator[Sequence[_Step]]:
    """As many subjects in a transaction as fit: what they add to the same row of counters is one part."""
    together: list[_Step] = []
    size, rows = 0, set[tuple[str, str]]()
    for step in steps:
        own = 1 + len(step.puts) + len(step.deletes)
        touched = {(counter.partition, counter.row) for counter in step.sums}
        if together and size + own + len(rows | touched) > MOST_PARTS:
            yield together
            together, size, rows = [], 0, set()
        together.append(step)
        size += own
        rows |= touched
    if together:
        yield together


def _by_row(sums: Mapping[Counter, int]) -> Mapping[tuple[str, str], Mapping[str, int]]:
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for counter, amount in sums.items():
        if amount:
            rows.setdefault((counter.partition, counter.row), {})[counter.name] = amount
    return rows


def _digests(derived: Derived) -> Mapping[Place, str]:
    return {(str(row["pk"]), str(row["sk"])): _digest(row) for row in derived.rows}


def _digest(row: Mapping[str, object]) -> str:
    return sha256(dumps(to_values(row), sort_keys=True).encode()).hexdigest()[:16]
