"""How many calls an agent takes on one calendar day of their own zone, and where in UTC such a day lies.

The days that lock an agent's time are UTC days (`agent_days`). A local day lies in at most two of them, and one of
those is the UTC day of the same date: its row has the guard of the local day.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.wall_time import first_instant_from

_LAST_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DayCap:
    """At most `most` calls that start on one calendar day of `zone`."""

    most: int
    zone: str

    def date_of(self, start: datetime) -> date:
        """The date on the agent's calendar at this instant."""
        return start.astimezone(ZoneInfo(self.zone)).date()

    def span_of(self, day: date) -> Interval:
        """From the first instant of a local date to the first of the next one: 23 to 25 hours."""
        return _span(self.zone, day)

    def local_days(self, around: Interval) -> tuple[date, ...]:
        """The local dates that a stretch of time touches, in order."""
        first, last = self.date_of(around.start), self.date_of(around.end - _LAST_MOMENT)
        return tuple(first + number * DAY for number in range((last - first).days + 1))

    def utc_days(self, around: Interval) -> set[date]:
        """The UTC days in which the local days of a stretch of time lie: what must be read to count their calls."""
        return {utc_day for day in self.local_days(around) for utc_day in self.span_of(day).utc_days()}

    def full_spans(self, starts: Iterable[int], around: Interval) -> list[tuple[int, int]]:
        """The local days around this time on which as many calls start as fit, each from its first minute to its end.

        All in minutes since 1970.
        """
        counted = sorted(starts)
        spans = [_minutes(self.span_of(day)) for day in self.local_days(around)]
        return [
            (first, end) for first, end in spans if bisect_left(counted, end) - bisect_left(counted, first) >= self.most
        ]


def utc_days_around(around: Interval) -> tuple[date, ...]:
    """The UTC days in which the local days of a stretch of time lie in any zone, in order."""
    return tuple(around.widened(DAY, DAY).utc_days())


def _minutes(span: Interval) -> tuple[int, int]:
    return int(span.start.timestamp()) // 60, int(span.end.timestamp()) // 60


@lru_cache(maxsize=16_384)
def _span(zone: str, day: date) -> Interval:
    place = ZoneInfo(zone)
    return Interval(first_instant_from(day, time.min, place), first_instant_from(day, None, place))
