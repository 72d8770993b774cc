"""The audit log in memory."""

from dataclasses import dataclass
from datetime import date

from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.paging import Listed
from tests.support.memory.store import MemoryStore


@dataclass
class MemoryAuditLog:
    """`AuditLog` on a store in memory, as far as what is no page needs it."""

    store: MemoryStore

    def of_month(
        self, organization_id: str, app_id: str | None, month: date, limit: int, after: str | None = None
    ) -> Listed[AuditEntry]:
        """Only pages read the log, and their tests are on tables."""
        raise NotImplementedError

    def append(self, entry: AuditEntry) -> None:
        """One that is there stays."""
        with self.store.writing():
            self.store.append(entry if entry not in self.store.audited else None)
