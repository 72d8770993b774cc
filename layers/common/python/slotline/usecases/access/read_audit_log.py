"""Read the audit log, newest first, back through its months."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from slotline.domain.access.audit_search import AuditSearch, place_of
from slotline.domain.shared.audit import Audited, AuditEntry, Author
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.paging import Listed
from slotline.ports.access import AuditLog
from slotline.ports.shared import Clock, Ids

PAGE = 50
MOST_READ = 1_000
"""Entries that are looked at for one page: of those that are wanted there may be few."""
MOST_EXPORTED = 10_000
AT_ONCE = 250
SILENT_MONTHS = 12
"""After so many months without an entry the log is taken to have begun: a search from an earlier day goes on there."""
_EXPORTED = "audit.exported"


class TooManyEntries(InvalidRequest):
    """More entries than one file takes: those of fewer days are to be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAuditLog:
    """Reads and exports the log."""

    log: AuditLog
    clock: Clock
    ids: Ids

    def page(self, search: AuditSearch, after: str | None = None) -> Listed[AuditEntry]:
        """The entries that are wanted, from `after` on, which is the `next` of the page before.

        A page may hold fewer than fit, or none, and have a next one all the same.
        """
        found: list[AuditEntry] = []
        last: str | None = None
        for seen, entry in enumerate(self._newest_first(search, after), start=1):
            if search.takes(entry):
                if len(found) == PAGE:
                    return Listed(rows=found, next=last)
                found.append(entry)
            last = place_of(entry)
            if seen == MOST_READ:
                return Listed(rows=found, next=last)
        return Listed(rows=found)

    def export(self, search: AuditSearch, author: Author) -> Sequence[AuditEntry]:
        """All entries that are wanted, which is an entry itself. Raises TooManyEntries."""
        found: list[AuditEntry] = []
        for seen, entry in enumerate(self._newest_first(search, None), start=1):
            if seen > MOST_EXPORTED:
                raise TooManyEntries(f"There are more than {MOST_EXPORTED:,} entries: ask for fewer days.")
            if search.takes(entry):
                found.append(entry)
        exported = Audited(id=self.ids.new(), at=self.clock.now(), author=author)
        said = {"entries": len(found), **_said(search)}
        self.log.append(exported.entry(_EXPORTED, search.app_id or search.organization_id, None, said, of=search))
        return found

    def _newest_first(self, search: AuditSearch, after: str | None) -> Iterator[AuditEntry]:
        """All entries of the log from a place on, whether or not they are wanted."""
        place = after or format_instant(search.until or self.clock.now() + timedelta(milliseconds=1))
        month, silent = date.fromisoformat(f"{place[:7]}-01"), 0
        first = _month_of(search.since) if search.since else date.min
        begin: str | None = place
        while month >= first and silent < SILENT_MONTHS:
            is_silent = True
            while True:
                found = self.log.of_month(search.organization_id, search.app_id, month, AT_ONCE, begin)
                for entry in found.rows:
                    if search.since and entry.at < search.since:
                        return
                    is_silent = False
                    yield entry
                if found.next is None:
                    break
                begin = found.next
            silent = silent + 1 if is_silent else 0
            month, begin = (month - timedelta(days=1)).replace(day=1), None


def _month_of(instant: datetime) -> date:
    return instant.astimezone(UTC).date().replace(day=1)


def _said(search: AuditSearch) -> dict[str, object]:
    """What was asked for, as far as anything was."""
    asked = {
        "since": format_instant(search.since) if search.since else None,
        "until": format_instant(search.until) if search.until else None,
        "author": search.author_id,
        "subject_type": search.subject_type,
        "action": search.action,
    }
    return {name: value for name, value in asked.items() if value is not None}
