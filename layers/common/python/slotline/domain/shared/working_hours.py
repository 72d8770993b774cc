"""When an agent works: weekly windows, each with its own zone, and dates on which more or less is worked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.wall_time import first_instant_from
from slotline.domain.shared.zones import zone

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Every week on one weekday (0 Monday … 6 Sunday), from `start` to `end` on the clocks of `zone`.

    Times are `HH:MM`; `24:00` ends a day. A window does not cross midnight: two windows do.
    """

    weekday: int
    start: str
    end: str
    zone: str

    def check(self, field: str) -> None:
        """Raises InvalidRequest where it is no such window."""
        if not 0 <= self.weekday <= 6:
            raise InvalidRequest.of_field(f"{field}.weekday", "must be 0 (Monday) to 6 (Sunday)")
        for name, text in (("start", self.start), ("end", self.end)):
            if not _TIME.fullmatch(text):
                raise InvalidRequest.of_field(f"{field}.{name}", "must be HH:MM, or 24:00 for the day's end")
        if self.start >= self.end:
            raise InvalidRequest.of_field(
                f"{field}.end", "must be after start; a window may not cross midnight: two windows do"
            )
        zone(self.zone, f"{field}.zone")

    def within(self, span: Interval) -> Iterable[Interval]:
        """Its occurrences that reach into the span, whole, in order."""
        first = span.start.date() - DAY
        day = first + (self.weekday - first.weekday()) % 7 * DAY
        while day <= span.end.date() + DAY:
            occurrence = occurrence_on(self, day)
            if occurrence and occurrence.overlaps(span):
                yield occurrence
            day += 7 * DAY


@lru_cache(maxsize=16_384)
def occurrence_on(window: Window, day: date) -> Interval | None:
    """The window on a date of its weekday; None where the clocks jump over all of it.

    Kept: agents of one team have the same windows, and the next search asks for the same days.
    """
    place = ZoneInfo(window.zone)
    start = first_instant_from(day, _time(window.start), place)
    end = first_instant_from(day, _time(window.end), place)
    return Interval(start, end) if start < end else None


def overlapping(windows: Sequence[Window]) -> tuple[int, int] | None:
    """The positions of two windows of one weekday and zone that share time; None where no two do."""
    order = sorted(range(len(windows)), key=lambda n: (windows[n].zone, windows[n].weekday, windows[n].start))
    for first, second in pairwise(order):
        one, other = windows[first], windows[second]
        if (one.zone, one.weekday) == (other.zone, other.weekday) and other.start < one.end:
            return min(first, second), max(first, second)
    return None


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time as disjoint intervals in order; those that touch become one."""
    result: list[Interval] = []
    for interval in sorted(intervals):
        if result and interval.start <= result[-1].end:
            result[-1] = Interval(result[-1].start, max(result[-1].end, interval.end))
        else:
            result.append(interval)
    return tuple(result)


def worked_time(windows: Iterable[Window], extra: Iterable[Interval], span: Interval) -> tuple[Interval, ...]:
    """When somebody with these windows and these extra stretches works, in the span's reach, merged."""
    weekly = (occurrence for window in windows for occurrence in window.within(span))
    return merged([*weekly, *(interval for interval in extra if interval.overlaps(span))])


def _time(text: str) -> time | None:
    """None for 24:00."""
    return None if text == "24:00" else time.fromisoformat(text)
