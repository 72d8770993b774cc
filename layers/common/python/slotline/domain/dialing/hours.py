"""When somebody may be called: in the use case's hours, on none of its closed dates and, by their own clocks, by day.

A callee who may be in several zones is called when it is a decent hour in all of them. All of it follows the clocks of
the zones, through every change of theirs; instants are UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache, reduce
from zoneinfo import ZoneInfo

from slotline.domain.dialing.use_cases import UseCase, daily
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.wall_time import first_instant_from
from slotline.domain.shared.working_hours import Window, merged, worked_time

HORIZON = 14 * DAY
"""Hours that do not open within two weeks never do: two calendars that miss each other on every day of the week.

Closed dates are no part of these weeks.
"""

_STEP = 2 * DAY


@dataclass(frozen=True, slots=True)
class Hours:
    """Open where every one of the calendars is; without any, always. A calendar is windows of the week.

    `closed`: stretches in which it is not open whatever the calendars say, disjoint and in order. `unless`: hours that
    hold in its stead, while the first of the two never open. Its hash is worked out once: a number that may be in forty
    zones has hundreds of windows.
    """

    calendars: tuple[tuple[Window, ...], ...] = ()
    closed: tuple[Interval, ...] = ()
    unless: "tuple[Hours, Hours] | None" = None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.calendars, self.closed, self.unless)))

    def __hash__(self) -> int:
        return self._hash

    def next_opening(self, at: datetime) -> datetime | None:
        """This instant if it is open, else the first one after it that is; None if none is within two weeks.

        What opens at an instant is open at it, what closes is not.
        """
        if not self.calendars and not self.closed:
            return at
        if self.unless is not None and self.unless[0].next_opening(at) is None:
            return self.unless[1].next_opening(at)
        start, last = datetime(at.year, at.month, at.day, tzinfo=at.tzinfo), self._last_looked_at(at)
        while start < last:
            for opening in _openings(self, start):
                if opening.end > at:
                    opens = max(opening.start, at)
                    return opens if opens <= last else None
            start += _STEP
        return None

    def _last_looked_at(self, at: datetime) -> datetime:
        """Two weeks later, closed stretches apart."""
        last = at + HORIZON
        for stretch in self.closed:
            if at < stretch.end and stretch.start <= last:
                last += stretch.end - max(stretch.start, at)
        return last


def hours_of(use_case: UseCase, callee_zones: Sequence[str] = ()) -> Hours:
    """When the use case's calls to somebody in one of these zones may go out. No zones: its own counts.

    Zones that lie so far apart that they share no hour are no help: then the first of them counts, the capital's.
    """
    own = work_hours_of(use_case)
    if (use_case.callee_start, use_case.callee_end) == ("00:00", "24:00"):
        return own
    zones = callee_zones or (use_case.timezone,)
    callees = tuple(daily(use_case.callee_start, use_case.callee_end, name) for name in zones)
    in_the_capital = Hours((*own.calendars, callees[0]), own.closed)
    if len(callees) == 1:
        return in_the_capital
    return Hours((*own.calendars, *callees), own.closed, unless=(Hours(callees), in_the_capital))


def work_hours_of(use_case: UseCase) -> Hours:
    """The use case's own hours, whoever is called."""
    windows = use_case.work_windows
    return Hours((windows,) if windows else (), _days(use_case.closed_dates, use_case.timezone))


@lru_cache(maxsize=64)
def _days(dates: tuple[date, ...], zone_name: str) -> tuple[Interval, ...]:
    """These dates in a zone as stretches of time."""
    zone = ZoneInfo(zone_name)
    return merged(
        Interval(first_instant_from(day, time.min, zone), first_instant_from(day, None, zone)) for day in dates
    )


@lru_cache(maxsize=4_096)
def _openings(hours: Hours, start: datetime) -> tuple[Interval, ...]:
    """When it is open from `start` on for one step, in order. The first may begin earlier and the last end later.

    Kept: calls of one campaign ask for the same days again and again.
    """
    span = Interval.starting(start, _STEP)
    worked = [worked_time(windows, (), span) for windows in hours.calendars]
    found = reduce(_common, worked) if worked else (span,)
    return tuple(opening for opening in _without(hours.closed, found) if opening.end > start)


def _without(closed: Sequence[Interval], openings: Sequence[Interval]) -> Iterator[Interval]:
    """What is left of the openings outside the closed stretches, in order."""
    for opening in openings:
        start = opening.start
        for stretch in closed:
            if not stretch.overlaps(opening):
                continue
            if stretch.start > start:
                yield Interval(start, stretch.start)
            start = stretch.end
        if start < opening.end:
            yield Interval(start, opening.end)


def _common(some: Sequence[Interval], others: Sequence[Interval]) -> tuple[Interval, ...]:
    """The time that two lists of disjoint stretches share, in order."""
    return tuple(
        Interval(max(one.start, other.start), min(one.end, other.end))
        for one in some
        for other in others
        if one.overlaps(other)
    )
