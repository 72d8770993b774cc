"""Whom an organization does not call: a row a number, in the organization's partition of DialingTable."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slotline.domain.dialing.do_not_call import DoNotCallEntry
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.paging import Listed
from slotline.domain.shared.phones import forms_of
from slotline.domain.shared.plain_json import plain
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import Key, count_rows, get_rows, page_rows, row_of, write_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_parts

AT_ONCE = 99
"""Numbers of one transaction: of the hundred items that it holds, one is the entry."""


@dataclass(frozen=True, slots=True)
class DynamoDoNotCall:
    """`DoNotCallList` on DialingTable: a row a number. The audit log is on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str

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

    def add(self, organization_id: str, numbers: Sequence[DoNotCallEntry], entry: AuditEntry | None = None) -> None:
        """A transaction for as many as go into one, the first with the entry; a BatchWriteItem for every 25 without."""
        once = {number.e164: number for number in numbers}
        rows = [{**keys.do_not_call(organization_id, e164), **plain(number)} for e164, number in once.items()]
        if entry is None:
            write_rows(self.client, self.table, rows)
            return
        said = audit_parts(self.access_table, entry)
        for first in range(0, len(rows), AT_ONCE):
            listed: list[Labelled] = [("", parts.put_row(self.table, row)) for row in rows[first : first + AT_ONCE]]
            with suppress(ConditionsFailed):  # the entry is there, so an earlier try has written these
                transact(self.client, [*listed, *(said if first == 0 else ())])

    def remove(self, organization_id: str, e164: str, entry: AuditEntry | None = None) -> bool:
        """One consistent BatchGetItem; then one transaction over the forms that the number has in rows."""
        places = places_of(organization_id, e164)
        found = get_rows(self.client, {self.table: places})
        gone: list[Labelled] = [("", parts.delete(self.table, place)) for place in places if row_of(found, place)]
        if not gone:
            return False
        try:
            transact(self.client, [*gone, *audit_parts(self.access_table, entry)])
        except ConditionsFailed as refused:
            raise RaceLost from refused
        return True


def places_of(organization_id: str, e164: str) -> Sequence[Key]:
    """Where rows list a number: one for each form that it has in them."""
    return [keys.do_not_call(organization_id, form) for form in forms_of(e164)]


def _entry_from_item(row: Mapping[str, Any]) -> DoNotCallEntry:
    return DoNotCallEntry(e164=row["e164"], reason=row.get("reason"), listed_at=parse_instant(row["listed_at"]))
