"""Whom an app sends nothing to any more: a row an address, or a number and a channel."""

from dataclasses import dataclass

from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Suppression
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.paging import Listed
from slotline.store.booking import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_rows, page_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, write
from slotline.store.shared.audit import audit_parts


@dataclass(frozen=True, slots=True)
class DynamoSuppressions:
    """`Suppressions` on SchedulingTable, with the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str

    def find(self, app_id: str, channel: Channel, identity: str) -> Suppression | None:
        """One strongly consistent BatchGetItem, which whoever asks may do anyway."""
        key = keys.suppression(app_id, channel.value, identity)
        row = row_of(get_rows(self.client, {self.table: [key]}), key)
        return items.suppression_from_item(row) if row is not None else None

    def list(self, app_id: str, limit: int, after: str | None) -> Listed[Suppression]:
        """One consistent Query."""
        found = page_rows(self.client, self.table, keys.suppression(app_id), limit, after)
        return Listed(rows=[items.suppression_from_item(row) for row in found.rows], next=found.next)

    def lift(self, app_id: str, channel: Channel, identity: str, entry: AuditEntry | None = None) -> bool:
        """One conditional DeleteItem, or a transaction with the entry."""
        gone = parts.delete(self.table, keys.suppression(app_id, channel.value, identity))
        try:
            write(self.client, [("suppression", gone), *audit_parts(self.access_table, entry)])
        except ConditionsFailed:
            return False
        return True
