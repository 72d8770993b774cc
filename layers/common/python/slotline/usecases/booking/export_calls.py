"""Export calls: a part of a list at a time, with the audit row of each part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from slotline.domain.booking.call_lists import CallQuery, Position
from slotline.domain.booking.calls import Call
from slotline.domain.shared.audit import Audited, Author, Owner
from slotline.ports.access import AuditLog
from slotline.ports.booking import Calls
from slotline.ports.shared import Clock, Ids
from slotline.usecases.booking.read_calls import find_calls

EXPORTED_AT_ONCE = 5_000
"""Calls of one part: its answer is far below what Lambda sends."""
READ_AT_ONCE = 200
PATIENCE = timedelta(seconds=15)
"""After which a part ends that is read slowly: API Gateway waits for half a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCalls:
    """Reads parts of a list for whoever takes them out."""

    calls: Calls
    audit: AuditLog
    clock: Clock
    ids: Ids

    def __call__(self, query: CallQuery, of: Owner, author: Author) -> tuple[Sequence[Call], Position | None]:
        """A part of the calls that match, and where the next one begins. Raises AppNotFound and StoreBusyError.
        `of`: the app.

        The row is written before anybody gets the part. What was searched for may be a guest's name, and stays out.
        """
        began = self.clock.now()
        found: list[Call] = []
        place = query.after
        while True:
            asked = replace(query, after=place, limit=READ_AT_ONCE, offset=0, with_total=False)
            page = find_calls(self.calls, asked)
            found += page.calls
            place = page.next
            if place is None or len(found) >= EXPORTED_AT_ONCE or self.clock.now() - began >= PATIENCE:
                break
        said = {**_filters(query), "rows": len(found), "is_continued": query.after is not None}
        exported = Audited(id=self.ids.new(), at=began, author=author)
        self.audit.append(exported.entry("calls.exported", query.app_id, None, said, of=of))
        return found, place


def _filters(query: CallQuery) -> dict[str, object]:
    """What was asked for, without what names a guest."""
    said = {
        "agent_ids": sorted(query.agent_ids),
        "statuses": sorted(query.statuses),
        "sources": sorted(query.sources),
        "date_from": query.date_from,
        "date_to": query.date_to,
        "has_search": bool(query.search),
    }
    return {name: value for name, value in said.items() if value}
