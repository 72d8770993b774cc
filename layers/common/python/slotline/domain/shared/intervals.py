"""Half-open stretches of time, in UTC. All interval arithmetic of the product is here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
_OF_UTC = timedelta(0)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """`[start, end)`, both in UTC. Raises ValueError where it would be empty or without a zone."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() != _OF_UTC or self.end.utcoffset() != _OF_UTC:
            raise ValueError("an interval's ends are in UTC")
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")

    @classmethod
    def starting(cls, start: datetime, length: timedelta) -> "Interval":
        """The interval of this length from `start`."""
        return cls(start, start + length)

    @property
    def length(self) -> timedelta:
        """How long it lasts."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """True where the two share at least one instant; touching ends share none."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Interval") -> bool:
        """True where every instant of the other is in this one."""
        return self.start <= other.start and other.end <= self.end

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        """The interval with room added at both ends."""
        return Interval(self.start - before, self.end + after)

    def utc_days(self) -> Iterator[date]:
        """The UTC days it touches, in order."""
        day = self.start.date()
        while datetime(day.year, day.month, day.day, tzinfo=UTC) < self.end:
            yield day
            day += DAY

    def utc_hours_of(self, day: date) -> range:
        """The hours (0-23) of a UTC day that it touches; empty where it does not touch the day."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        first = max(self.start - midnight, timedelta(0))
        last = min(self.end - midnight, DAY)
        if last <= first:
            return range(0)
        hour = timedelta(hours=1)
        return range(first // hour, -(-last // hour))
