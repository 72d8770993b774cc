"""A week of one zone on a sheet: seven days side by side, and down the sheet the minutes that clocks show.

Every instant of a day has one place, and later instants are further down. The same time of day is as far down on each
day, so one scale at the side says the time of all of them, also in a week in which clocks change: an hour that clocks
show twice on one day has room twice, and its second room is empty on the other days; an hour that they jump over is
empty on that day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from slotline.domain.shared.intervals import DAY, MINUTE, Interval
from slotline.domain.shared.wall_time import day_start, even_day

DAYS = 7
A_DAY = 24 * 60
_HOUR, _NONE = timedelta(hours=1), timedelta(0)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week from Monday to Sunday, as ISO 8601 counts them."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week that has this day."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @classmethod
    def named(cls, name: str | None) -> "Week | None":
        """The week of a name such as `2026-W19`; None if there is no such week, or not in these centuries."""
        year, _, number = (name or "").partition("-W")
        is_name = year.isascii() and year.isdigit() and number.isascii() and number.isdigit() and len(number) == 2
        if not is_name or not 2000 <= int(year) <= 2199:
            return None
        try:
            date.fromisocalendar(int(year), int(number), 1)
        except ValueError:
            return None
        return cls(int(year), int(number))

    @property
    def name(self) -> str:
        """`2026-W19`."""
        return f"{self.year}-W{self.number:02}"

    @property
    def days(self) -> Sequence[date]:
        """From Monday to Sunday."""
        monday = date.fromisocalendar(self.year, self.number, 1)
        return [monday + number * DAY for number in range(DAYS)]

    def moved(self, weeks: int) -> "Week":
        """So many weeks later, or earlier."""
        return Week.of(self.days[0] + weeks * DAYS * DAY)

    def span(self, zone: ZoneInfo) -> Interval:
        """All of it on the clocks of a zone."""
        return Interval(day_start(self.days[0], zone), day_start(self.days[-1] + DAY, zone))


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """From one minute of a day to another, `[start, end)`; minutes from its midnight, or down a sheet."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A stretch of a sheet's day. `day`: which one, from 0."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hour:
    """A full hour of the scale: its place down the sheet. `again`: the second time that clocks show it."""

    place: int
    hour: int
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The sheet of one week in one zone."""

    week: Week
    zone: ZoneInfo
    days: Sequence[Interval | None]
    """Each day from its first instant to that of the next; None for a date that the zone left out."""
    doubled: Sequence[Stretch]
    """What clocks show twice on some day: its second time has room below the first, on every day."""
    gaps: Sequence[Sequence[Stretch]]
    """By day, what clocks jump over."""

    @classmethod
    def of(cls, week: Week, zone: ZoneInfo) -> "Sheet":
        """The sheet of this week."""
        starts = [day_start(day, zone) for day in (*week.days, week.days[-1] + DAY)]
        days = [Interval(start, end) if start < end else None for start, end in pairwise(starts)]
        jumps = [_jumps(span, day, zone) if span else [] for day, span in zip(week.days, days, strict=True)]
        return cls(
            week=week,
            zone=zone,
            days=days,
            doubled=sorted({Stretch(new, old) for of_day in jumps for old, new in of_day if new < old}, key=_by_end),
            gaps=[[Stretch(old, new) for old, new in of_day if old < new] for of_day in jumps],
        )

    @property
    def height(self) -> int:
        """In minutes."""
        return A_DAY + sum(twice.end - twice.start for twice in self.doubled)

    @property
    def hours(self) -> Sequence[Hour]:
        """The scale: each full hour that clocks show, and below it its second time if there is one."""
        first = [Hour(self._down(hour * 60), hour) for hour in range(24)]
        second = [
            Hour(self._down(hour * 60, again=True), hour, again=True)
            for hour in range(24)
            if any(twice.start <= hour * 60 < twice.end for twice in self.doubled)
        ]
        return sorted([*first, *second], key=lambda one: one.place)

    def place(self, day: int, instant: datetime) -> int:
        """How far down its day an instant is. The end of a day is at the sheet's end."""
        span = self.days[day]
        if span is None or instant >= span.end:
            return self.height
        local = max(instant, span.start).astimezone(self.zone)
        return self._down(_minutes_on(local, self.week.days[day]), again=bool(local.fold))

    def pieces(self, interval: Interval) -> Sequence[Piece]:
        """Where a stretch of time is on the sheet: a piece for each day that it touches."""
        return [
            Piece(number, self.place(number, interval.start), self.place(number, interval.end))
            for number, span in enumerate(self.days)
            if span and interval.overlaps(span)
        ]

    def day_of(self, instant: datetime) -> int | None:
        """On which day an instant is; None if it is in another week."""
        return next(
            (number for number, span in enumerate(self.days) if span and span.start <= instant < span.end), None
        )

    def empty_rooms(self, day: int) -> Sequence[Stretch]:
        """Where a day has no time at all: what its clocks jump over, and second times that only other days have."""
        span = self.days[day]
        if span is None:
            return [Stretch(0, self.height)]
        own = {Stretch(new, old) for old, new in _jumps(span, self.week.days[day], self.zone) if new < old}
        rooms = [Stretch(self._down(gap.start), self._down(gap.end)) for gap in self.gaps[day]]
        for twice in self.doubled:
            if twice not in own:
                start = self._down(twice.start, again=True)
                rooms.append(Stretch(start, start + twice.end - twice.start))
        return sorted(rooms)

    def steps(self, day: int, minutes: int) -> Iterator[datetime]:
        """Instants of a day so many minutes apart, from its first one on."""
        span = self.days[day]
        at = span.start if span else None
        while span and at and at < span.end:
            yield at
            at += minutes * MINUTE

    def _down(self, minute: int, *, again: bool = False) -> int:
        """How far down the minute of a day is: below whatever second times come before it."""
        place = minute
        for twice in self.doubled:
            if again and twice.start <= minute < twice.end:
                return place + twice.end - twice.start
            if twice.end <= minute:
                place += twice.end - twice.start
        return place


def _by_end(stretch: Stretch) -> tuple[int, int]:
    return stretch.end, stretch.start


def _minutes_on(local: datetime, day: date) -> int:
    """What a clock shows, as minutes from the midnight of a day."""
    return (local.date() - day).days * A_DAY + local.hour * 60 + local.minute


def _jumps(span: Interval, day: date, zone: ZoneInfo) -> Sequence[tuple[int, int]]:
    """Where clocks are put on a day: what they would have shown and what they show, as minutes of the day."""
    first = _minutes_on(span.start.astimezone(zone), day)
    found = [(0, first)] if first > 0 else []
    if even_day(day, zone) is not None:
        return found
    low = span.start
    while low < span.end:
        high = min(low + _HOUR, span.end)
        before, after = (at.astimezone(zone).utcoffset() or _NONE for at in (low, high))
        if before != after and high < span.end:
            jump = _jump_within(low, high, zone)
            shown = _minutes_on(jump.astimezone(zone), day)
            found.append((shown - (after - before) // MINUTE, shown))
        low = high
    return found


def _jump_within(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first minute of the new offset, by halving."""
    before = low.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + (high - low) // MINUTE // 2 * MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
