"""Lists of calls to be dialled: what may be asked, and where a page ends."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.statuses import DialStatus

AROUND = timedelta(days=31)
"""How far before and after the present day a list reaches that says neither a time nor a campaign."""

BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
"""Between them is every call: the time of a list that is a campaign's, whenever that is."""

MOST_DAYS = timedelta(days=366)
"""Of which counters are summed: there is a row of them for each."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialQuery:
    """Which calls of an organization. Times are half-open, `since <= scheduled_at < until`; both are needed.

    What is empty filters nothing.
    """

    organization_id: str
    since: datetime
    until: datetime
    campaign_id: str | None = None
    number_id: str | None = None
    statuses: frozenset[DialStatus] = frozenset()
    limit: int = 50
    after: DialPosition | None = None

    @property
    def is_of_all(self) -> bool:
        """True where it asks for all calls of the organization, at that time: those are in the calendar."""
        return self.campaign_id is None and self.number_id is None and not self.statuses

    @property
    def is_of_all_times(self) -> bool:
        """True where it leaves no call out for its time."""
        return (self.since, self.until) == (BEGINNING, END)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last UTC day, where the time is whole days, and no more than a year of them."""
        ends = (self.since, self.until)
        if any(end != _midnight(end) for end in ends) or not _DAY <= self.until - self.since <= MOST_DAYS:
            return None
        return self.since.date(), (self.until - _DAY).date()

    def within(self, since: datetime, until: datetime) -> "DialQuery":
        """The same, where all that it may find is in this time."""
        return replace(self, since=max(self.since, since), until=min(self.until, until))

    def takes(self, call: DialCall) -> bool:
        """True for a call that it asks for."""
        return (
            call.organization_id == self.organization_id
            and self.since <= call.scheduled_at < self.until
            and self.campaign_id in (None, call.campaign_id)
            and self.number_id in (None, call.number_id)
            and (not self.statuses or call.status in self.statuses)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DialPage:
    """One page in ascending order of `scheduled_at`. `next`: None on the last one; `total`: None if nobody counted."""

    calls: Sequence[DialCall]
    next: DialPosition | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many calls have each status, and how many of all are over."""

    by_status: Mapping[DialStatus, int]
    over: int

    def of(self, statuses: Collection[DialStatus]) -> int:
        """How many have one of these statuses; how many there are where none is named."""
        return sum(count for status, count in self.by_status.items() if not statuses or status in statuses)


def days_around(now: datetime) -> tuple[datetime, datetime]:
    """The time of a list that says none: whole days, so that counters know how many calls it holds."""
    today = _midnight(now)
    return today - AROUND, today + _DAY + AROUND


def position_of(call: DialCall) -> DialPosition:
    """Where the call stands in a list."""
    return DialPosition(scheduled_at=call.scheduled_at, call_id=call.id)


def month_of(at: datetime) -> str:
    """The UTC month of an instant, `2026-05`: the part of the organization's calendar that it is in."""
    return at.strftime("%Y-%m")


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
