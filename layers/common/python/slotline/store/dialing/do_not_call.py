"""Whom an organization does not call: a row a number, in the organization's partition of DialingTable."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.phones import forms_of
from slotline.domain.shared.plain_json import plain
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, to_values
from slotline.store.dynamodb.rows import Key, count_rows, get_rows, page_rows, row_of, write_rows


@dataclass(frozen=True, slots=True)
class DynamoDoNotCall:
    """`DoNotCallList` on DialingTable: a row a number."""

    client: DynamoDBClient
    table: str

    def list(self, organization_id: str, limit: int, after: str | None) -> Listed[DoNotCallEntry]:
        """One consistent Query."""
        found = page_rows(self.client, self.table, keys.do_not_call(organization_id, ""), limit, after)
        return Listed(rows=[_entry_from_item(row) for row in found.rows], next=found.next)

    def count(self, organization_id: str, most: int) -> int | None:
        """Two consistent Queries at most, which bring no rows back."""
        return count_rows(self.client, self.table, keys.do_not_call(organization_id, ""), most)

    def listed_among(self, organization_id: str, numbers: Collection[str]) -> Collection[str]:
        """A consistent BatchGetItem for every hundred forms."""
        places = {e164: places_of(organization_id, e164) for e164 in numbers}
        wanted = {(key["pk"], key["sk"]): key for forms in places.values() for key in forms}
        found = get_rows(self.client, {self.table: list(wanted.values())})
        return frozenset(e164 for e164, forms in places.items() if any(row_of(found, key) for key in forms))

    def add(self, organization_id: str, numbers: Sequence[DoNotCallEntry]) -> None:
        """A BatchWriteItem for every 25."""
        once = {number.e164: number for number in numbers}
        rows = [{**keys.do_not_call(organization_id, e164), **plain(number)} for e164, number in once.items()]
        write_rows(self.client, self.table, rows)

    def remove(self, organization_id: str, e164: str) -> bool:
        """A DeleteItem for each form that the number has in rows."""
        was_listed = False
        for place in places_of(organization_id, e164):
            with raising_store_busy():
                answer = self.client.delete_item(TableName=self.table, Key=to_values(place), ReturnValues="ALL_OLD")
            was_listed |= "Attributes" in answer
        return was_listed


def places_of(organization_id: str, e164: str) -> Sequence[Key]:
    """Where rows list a number: one for each form that it has in them."""
    return [keys.do_not_call(organization_id, form) for form in forms_of(e164)]


def _entry_from_item(row: Mapping[str, Any]) -> DoNotCallEntry:
    return DoNotCallEntry(e164=row["e164"], reason=row.get("reason"), listed_at=parse_instant(row["listed_at"]))
