"""What an organization's calls stand on: its use cases and its numbers.

All of it is in the organization's own partition of DialingTable. Parameters are kept as JSON text: DynamoDB nests 32
deep, JSON here 50, and its numbers are no binary floats.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from slotline.domain.dialing.hooks import Hook
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.use_cases import (
    AmdBehavior,
    ClassificationTag,
    DayWindow,
    Extraction,
    SampleLabel,
    UseCase,
)
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.plain_json import plain
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, to_values
from slotline.store.dynamodb.rows import count_rows, get_row, page_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_parts

Setting = TypeVar("Setting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Generic[Setting]):
    """How settings of one kind are rows."""

    key: Callable[[str, str], dict[str, str]]
    to_item: Callable[[Setting], Item]
    from_item: Callable[[Item], Setting]


@dataclass(frozen=True, slots=True)
class DynamoDialSettings(Generic[Setting]):
    """`DialSettings` of one kind on DialingTable, with receipts and the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock
    shape: Shape[Setting]

    def get(self, organization_id: str, setting_id: str) -> Setting | None:
        """One strongly consistent GetItem."""
        row = get_row(self.client, self.table, self.shape.key(organization_id, setting_id))
        return self.shape.from_item(row) if row else None

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[Setting]:
        """One consistent Query."""
        found = page_rows(self.client, self.table, self.shape.key(organization_id, ""), limit, after)
        return Listed(rows=[self.shape.from_item(row) for row in found.rows], next=found.next)

    def count(self, organization_id: str, most: int, *, hidden: bool = True) -> int | None:
        """Two consistent Queries at most, which bring no rows back."""
        shown = {
            "FilterExpression": "#hidden <> :yes",
            "ExpressionAttributeNames": {"#hidden": "hidden"},
            "ExpressionAttributeValues": to_values({":yes": True}),
        }
        first = self.shape.key(organization_id, "")
        return count_rows(self.client, self.table, first, most, **({} if hidden else shown))

    def add(self, setting: Setting, receipt: Receipt | None, entry: AuditEntry | None = None) -> None:
        """One transaction: the row is not there, and nobody answered this key."""
        new = parts.put_new(self.table, self.shape.to_item(setting))
        labelled: list[Labelled] = [("new", new), *audit_parts(self.access_table, entry)]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise (AlreadyAnswered if "receipt" in refused.labels else AlreadyWritten) from refused

    def replace(self, setting: Setting, replaces: int, entry: AuditEntry | None = None) -> None:
        """One transaction."""
        put = parts.put(self.table, self.shape.to_item(setting), "revision = :replaces", replaces=replaces)
        self._write(put, entry)

    def remove(
        self, organization_id: str, setting_id: str, replaces: int | None = None, entry: AuditEntry | None = None
    ) -> None:
        """One transaction."""
        as_read = {} if replaces is None else {"revision": replaces}
        self._write(parts.delete(self.table, self.shape.key(organization_id, setting_id), **as_read), entry)

    def _write(self, part: parts.Part, entry: AuditEntry | None) -> None:
        try:
            transact(self.client, [("row", part), *audit_parts(self.access_table, entry)])
        except ConditionsFailed as refused:
            raise RaceLost from refused


def use_case_to_item(use_case: UseCase) -> Item:
    """The row of a use case."""
    fields = {**plain(use_case), "params": _text(use_case.params)}
    return {**keys.use_case(use_case.organization_id, use_case.id), **fields}


def use_case_from_item(row: Mapping[str, Any]) -> UseCase:
    """The use case of a row."""
    return use_case_of({**row, "params": json.loads(row["params"])})


def use_case_of(fields: Mapping[str, Any]) -> UseCase:
    """The use case of plain JSON, as `plain` makes it."""
    known = {name: fields[name] for name in UseCase.__dataclass_fields__ if fields.get(name) is not None}
    return UseCase(**{name: _USE_CASE_FIELDS.get(name, _as_it_is)(value) for name, value in known.items()})


def number_to_item(number: Number) -> Item:
    """The row of a number."""
    return {**keys.number(number.organization_id, number.id), **plain(number)}


def number_from_item(row: Mapping[str, Any]) -> Number:
    """The number of a row."""
    known = {name: row[name] for name in Number.__dataclass_fields__ if row.get(name) is not None}
    return Number(**{name: _NUMBER_FIELDS.get(name, _as_it_is)(value) for name, value in known.items()})


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_it_is(value: Any) -> Any:
    return value


_USE_CASE_FIELDS: Mapping[str, Any] = {
    "extract_with_ai": lambda rows: tuple(Extraction(**row) for row in rows),
    "classification_tags": lambda rows: tuple(ClassificationTag(**row) for row in rows),
    "detailed_work_hours": lambda days: {
        day: tuple(DayWindow(**window) for window in windows) for day, windows in days.items()
    },
    "keywords": tuple,
    "hooks": lambda rows: tuple(
        Hook(url=row["url"], headers=tuple((name, value) for name, value in row["headers"])) for row in rows
    ),
    "amd_behavior": AmdBehavior,
    "sample_labels": lambda rows: tuple(SampleLabel(**row) for row in rows),
    "evaluation_models": tuple,
    "closed_dates": lambda days: tuple(date.fromisoformat(day) for day in days),
    "created_at": parse_instant,
    "updated_at": parse_instant,
}
_NUMBER_FIELDS: Mapping[str, Any] = {
    "carrier": CarrierName,
    "created_at": parse_instant,
    "updated_at": parse_instant,
}
USE_CASES = Shape(key=keys.use_case, to_item=use_case_to_item, from_item=use_case_from_item)
NUMBERS = Shape(key=keys.number, to_item=number_to_item, from_item=number_from_item)
