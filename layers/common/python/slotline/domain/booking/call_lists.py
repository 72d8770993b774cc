"""Lists of calls: what may be asked, and where a page ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from slotline.domain.shared.phones import searched_forms

COUNTED_UP_TO = 10_000
"""`total` is exact up to here, and null beyond."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """Where a list stands: after the call with this start and id.

    `skip`: how many more are passed over from there. A search may have to stop before it has passed over its offset.
    """

    scheduled_at: datetime
    call_id: str
    skip: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuery:
    """Which calls, and which part of them. Times are half-open: `date_from <= scheduled_at < date_to`."""

    app_id: str
    agent_ids: frozenset[str] = frozenset()
    statuses: frozenset[CallStatus] = frozenset()
    sources: frozenset[BookingSource] = frozenset()
    date_from: datetime | None = None
    date_to: datetime | None = None
    search: str | None = None
    limit: int = 50
    offset: int = 0
    after: Position | None = None

    @property
    def searched_texts(self) -> tuple[str, ...]:
        """What a match has one of in its search text: what was typed, and as a number that it may be part of."""
        return (self.search.casefold(), *searched_forms(self.search)) if self.search else ()

    @property
    def passed_over(self) -> int:
        """How many matches come before the page, counted from where the list stands."""
        return self.offset + (self.after.skip if self.after else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """One page in ascending order of start. `next` is None on the last one; `total` None where it was not counted."""

    calls: Sequence[Call]
    total: int | None
    next: Position | None
