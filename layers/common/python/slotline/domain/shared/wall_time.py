"""Wall-clock times of a zone as instants, where clocks jump too.

A wall time that exists twice (clocks go back) means the first. One that does not exist (clocks go forward) is an
error where somebody asks for exactly it, and the moment of the jump where it bounds a stretch of time.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import DAY, Interval

_SECOND = timedelta(seconds=1)


def instant_of(wall: datetime, zone: ZoneInfo, field: str) -> datetime:
    """The instant of a naive wall time. Raises InvalidRequest, naming the zone and the gap, where it does not exist."""
    instant = _earlier_reading(wall, zone)
    if _reads(instant, zone) != wall:
        jump = _jump_before(instant, zone)
        gap = f"{_reads(jump - _SECOND, zone) + _SECOND:%H:%M} to {_reads(jump, zone):%H:%M}"
        message = f"does not exist in {zone.key}: clocks go forward from {gap} on {wall:%Y-%m-%d}"
        raise InvalidRequest.of_field(field, message, "wall_time_gap")
    return instant


def first_instant_from(day: date, at: time | None, zone: ZoneInfo) -> datetime:
    """The first instant at which the zone's clocks read this time of this day or later. `None`: 24:00."""
    wall = datetime.combine(day + DAY, time.min) if at is None else datetime.combine(day, at)
    instant = _earlier_reading(wall, zone)
    return instant if _reads(instant, zone) == wall else _jump_before(instant, zone)


@lru_cache(maxsize=16_384)
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a calendar day: of its midnight, of the first of two, or of a jump over it."""
    return first_instant_from(day, time.min, zone)


@lru_cache(maxsize=16_384)
def even_day(day: date, zone: ZoneInfo) -> Interval | None:
    """A calendar day whose clocks show each minute once, from midnight to midnight; None if they change on it.

    On such a day, what the clocks show is how long ago it began.
    """
    start, end = day_start(day, zone), day_start(day + DAY, zone)
    offsets = {instant.astimezone(zone).utcoffset() for instant in (start, end)}
    return Interval(start, end) if end - start == DAY and len(offsets) == 1 and not start.second else None


def local_days(span: Interval, zone: ZoneInfo) -> list[Interval]:
    """The zone's calendar days that reach into the span, whole and in order.

    Each lasts until the next one starts: 24 hours, or more or less where clocks change. A date that a zone left out,
    as Samoa did when it crossed the date line, is none.
    """
    first, last = span.start.astimezone(zone).date(), span.end.astimezone(zone).date()
    # If clocks go back over midnight, a day has begun once before the last instant that shows the date before it.
    starts = [day_start(first + n * DAY, zone) for n in range((last - first).days + 3)]
    days = [Interval(start, end) for start, end in pairwise(starts) if start < end]
    return [day for day in days if day.overlaps(span)]


def _earlier_reading(wall: datetime, zone: ZoneInfo) -> datetime:
    """By the offset that held before any change at that wall time (PEP 495, fold 0)."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _reads(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the zone's clocks show at an instant, naive."""
    return instant.astimezone(zone).replace(tzinfo=None)


def _jump_before(after: datetime, zone: ZoneInfo) -> datetime:
    """The instant of the jump whose gap a wall time fell into. `after`: that wall time by the offset before the jump.

    By halving: the offset at `after` is the new one, a day and an hour earlier it was still the old one.
    """
    new = after.astimezone(zone).utcoffset()
    low, high = after - DAY - timedelta(hours=1), after
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == new:
            high = middle
        else:
            low = middle
    return high
