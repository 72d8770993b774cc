"""What an agent's calendar says besides calls: weekly hours, exceptions on dates, do-not-disturb."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.working_hours import Window, merged, occurrence_on

LONGEST_EXCEPTION_DAYS = 366
LONGEST_WINDOW_DAYS = 31


class ExceptionKind(StrEnum):
    """Whether an exception takes time away or adds it. Blocked beats everything."""

    BLOCKED = "blocked"
    AVAILABLE_EXTRA = "available_extra"


class ExceptionState(StrEnum):
    """How far an exception has got into its agent's days. A long one takes several transactions."""

    APPLYING = "applying"
    APPLIED = "applied"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleException:
    """On each date from `first` to `last` (both in it), from `start` to `end` on the clocks of `zone`."""

    id: str
    kind: ExceptionKind
    first: date
    last: date
    zone: str
    start: str = "00:00"
    end: str = "24:00"
    label: str | None = None
    state: ExceptionState = ExceptionState.APPLIED

    def check(self) -> None:
        """Raises InvalidRequest where it is no such stretch of time."""
        if self.last < self.first:
            raise InvalidRequest.of_field("dateTo", "must not be before dateFrom")
        if (self.last - self.first).days >= LONGEST_EXCEPTION_DAYS:
            raise InvalidRequest.of_field("dateTo", f"must be within {LONGEST_EXCEPTION_DAYS} days of dateFrom")
        Window(weekday=0, start=self.start, end=self.end, zone=self.zone).check("exception")
        if not self.intervals:
            raise InvalidRequest.of_field(
                "start", f"there is no such time on this date: the clocks of {self.zone} jump over it", "wall_time_gap"
            )

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Its time: one stretch where it goes on over midnight, one a date where it does not."""
        window = Window(weekday=0, start=self.start, end=self.end, zone=self.zone)
        days = ((self.first + n * DAY) for n in range((self.last - self.first).days + 1))
        return merged(occurrence for day in days if (occurrence := occurrence_on(window, day)))

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What it takes from the agent's days; nothing where it adds time."""
        if self.kind is not ExceptionKind.BLOCKED:
            return ()
        return tuple(
            Claim(id=f"{self.id}.{number}", kind=ClaimKind.BLOCKED, meeting=interval)
            for number, interval in enumerate(self.intervals)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DoNotDisturbWindow:
    """An interval in which the agent takes no calls. `notify`: whoever has a call in it is to be told."""

    id: str
    interval: Interval
    label: str | None = None
    notify: bool = False

    def check(self, now: datetime) -> None:
        """Raises InvalidRequest where it is too long, over already, or not of whole minutes."""
        for name, instant in (("startUtc", self.interval.start), ("endUtc", self.interval.end)):
            if instant.second or instant.microsecond:
                raise InvalidRequest.of_field(name, "must fall on a whole minute", "whole_minute")
        if self.interval.length > LONGEST_WINDOW_DAYS * DAY:
            raise InvalidRequest.of_field(
                "endUtc", f"must be within {LONGEST_WINDOW_DAYS} days of startUtc", "too_long"
            )
        if self.interval.end <= now:
            raise InvalidRequest.of_field("endUtc", "must be in the future", "past")

    @property
    def claim(self) -> Claim:
        """What it takes from the agent's days."""
        return Claim(id=self.id, kind=ClaimKind.DO_NOT_DISTURB, meeting=self.interval)


def extra_time(exceptions: Iterable[ScheduleException], span: Interval) -> Sequence[Interval]:
    """The stretches that exceptions add, as far as they reach into the span."""
    return [
        interval
        for exception in exceptions
        if exception.kind is ExceptionKind.AVAILABLE_EXTRA
        for interval in exception.intervals
        if interval.overlaps(span)
    ]
