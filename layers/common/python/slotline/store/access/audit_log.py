"""The audit log as it is read, newest first. `store.shared.audit` writes its rows with what they tell of."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.paging import Listed
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import page_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, write
from slotline.store.shared.audit import audit_from_item, audit_part


@dataclass(frozen=True, slots=True)
class DynamoAuditLog:
    """`AuditLog` on AccessTable."""

    client: DynamoDBClient
    table: str

    def of_month(
        self, organization_id: str, app_id: str | None, month: date, limit: int, after: str | None = None
    ) -> Listed[AuditEntry]:
        """One consistent Query, from the end of the month's partition."""
        first = keys.audit(organization_id, app_id, f"{month:%Y-%m}")
        found = page_rows(self.client, self.table, first, limit, after, newest_first=True)
        return Listed(rows=[audit_from_item(row) for row in found.rows], next=found.next)

    def append(self, entry: AuditEntry) -> None:
        """One PutItem. An entry that is there already is this one, of a try whose answer was lost."""
        with suppress(ConditionsFailed):
            write(self.client, [("audit", audit_part(self.table, entry))])
