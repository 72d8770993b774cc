"""When somebody may be called: inside the use case's hours and, on their own clocks, neither early nor late.

A callee who may be in several zones is called when it is a decent hour in all of them. All of it follows the clocks of
the zones, through every change of theirs; instants are UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from slotline.domain.dialing.use_cases import UseCase, daily
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.working_hours import Window, worked_time

HORIZON = 14 * DAY
"""Hours that do not open within two weeks never do: two calendars that miss each other on every day of the week."""

_STEP = 2 * DAY


@dataclass(frozen=True, slots=True)
class Hours:
    """Open where every one of the calendars is; without any, always. A calendar is windows of the week.

    Its hash is worked out once: a number that may be in forty zones has hundreds of windows.
    """

    calendars: tuple[tuple[Window, ...], ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.calendars))

    def __hash__(self) -> int:
        return self._hash

    def next_opening(self, at: datetime) -> datetime | None:
        """This instant if it is open, else the first one after it that is; None if none is within two weeks.

        What opens at an instant is open at it, what closes is not.
        """
        if not self.calendars:
            return at
        start = datetime(at.year, at.month, at.day, tzinfo=at.tzinfo)
        while start < at + HORIZON:
            for opening in _openings(self, start):
                if opening.end > at:
                    opens = max(opening.start, at)
                    return opens if opens <= at + HORIZON else None
            start += _STEP
        return None


def hours_of(use_case: UseCase, callee_zones: Sequence[str] = ()) -> Hours:
    """When the use case's calls to somebody in these zones may go out. No zones: its own counts."""
    calendars = list(work_hours_of(use_case).calendars)
    if (use_case.callee_start, use_case.callee_end) != ("00:00", "24:00"):
        calendars += [
            daily(use_case.callee_start, use_case.callee_end, name) for name in callee_zones or (use_case.timezone,)
        ]
    return Hours(tuple(calendars))


def work_hours_of(use_case: UseCase) -> Hours:
    """The use case's own hours, whoever is called."""
    windows = use_case.work_windows
    return Hours((windows,) if windows else ())


@lru_cache(maxsize=4_096)
def _openings(hours: Hours, start: datetime) -> tuple[Interval, ...]:
    """When it is open from `start` on for one step, in order. The first may begin earlier and the last end later.

    Kept: calls of one campaign ask for the same days again and again.
    """
    span = Interval.starting(start, _STEP)
    first, *others = (worked_time(windows, (), span) for windows in hours.calendars)
    for other in others:
        first = _common(first, other)
    return tuple(opening for opening in first if opening.end > start)


def _common(some: Sequence[Interval], others: Sequence[Interval]) -> tuple[Interval, ...]:
    """The time that two lists of disjoint stretches share, in order."""
    return tuple(
        Interval(max(one.start, other.start), min(one.end, other.end))
        for one in some
        for other in others
        if one.overlaps(other)
    )
