"""Lists of calls: what may be asked, and where a page ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from slotline.domain.booking.call_search import is_found, is_within, readings_of
from slotline.domain.booking.calls import BookingSource, Call, CallStatus

LONGEST_STRETCH_SEARCHED = timedelta(days=92)
"""Between two dates that are no farther apart a search looks through the calls themselves, for parts of words, too."""


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
    external_id: str | None = None
    search: str | None = None
    zone_changed: bool = False
    """Only calls whose wall time is another than was promised, because the rules of a time zone changed."""
    in_pool: bool = False
    """Only calls of the pool that nobody has claimed."""
    limit: int = 50
    offset: int = 0
    after: Position | None = None
    with_total: bool = True

    @property
    def has_days(self) -> bool:
        """Whether it is bounded in time."""
        return self.date_from is not None or self.date_to is not None

    @property
    def is_counted(self) -> bool:
        """Whether counters know how many match: those of an app or of one agent, in all or in whole UTC days."""
        is_counted = not (self.search or self.external_id or self.zone_changed or self.in_pool)
        return is_counted and len(self.agent_ids) <= 1 and _is_midnight(self.date_from, self.date_to)

    @property
    def searches_within(self) -> bool:
        """Whether it looks for parts of words, numbers and addresses, in a stretch of time that can be read through."""
        if not self.search or self.date_from is None or self.date_to is None:
            return False
        return self.date_to - self.date_from <= LONGEST_STRETCH_SEARCHED

    def lets_through(self, call: Call) -> bool:
        """Whether the call is what is asked for, but for the search."""
        return (
            (not self.agent_ids or call.assigned_agent_id in self.agent_ids)
            and (not self.statuses or call.status in self.statuses)
            and (not self.zone_changed or call.has_zone_change)
            and (not self.in_pool or call.is_in_pool)
            and (not self.sources or call.booking_source in self.sources)
            and (self.external_id is None or call.external_id == self.external_id)
            and (self.date_from is None or self.date_from <= call.scheduled_at)
            and (self.date_to is None or call.scheduled_at < self.date_to)
        )

    def is_match(self, call: Call) -> bool:
        """Whether the call is all that is asked for."""
        if not self.lets_through(call):
            return False
        if not self.search:
            return True
        return is_within(call, self.search) if self.searches_within else is_found(call, readings_of(self.search))

    @property
    def passed_over(self) -> int:
        """How many matches come before the page, counted from where the list stands."""
        return self.offset + (self.after.skip if self.after else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """One page in ascending order of start. `next` is None on the last one.

    `total` is None if it was not counted. A list may have more than a page shows, even if that has less than was asked
    for: what matches little is looked for a page at a time.
    """

    calls: Sequence[Call]
    total: int | None
    next: Position | None


def _is_midnight(*bounds: datetime | None) -> bool:
    return all(bound is None or bound.astimezone(UTC).time() == time.min for bound in bounds)
