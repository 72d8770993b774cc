"""When each call of a campaign goes out, and what a campaign will be like before it is one.

A call with its own date goes out then, or at the next opening of its hours. The others go out one interval after the
other, from the first opening of the use case's own hours on, each again in its hours. A wall time that clocks jump over
is a fault of its row; one that comes twice is its first. Nothing is ever shifted silently: the plan says both times.
"""

import heapq
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, partial
from zoneinfo import ZoneInfo

from slotline.domain.dialing.hours import Hours, hours_of, work_hours_of
from slotline.domain.dialing.own_times import OwnTime
from slotline.domain.dialing.pace import gap_between
from slotline.domain.dialing.rows import DATE, TIME, CallRequest, RowRefused
from slotline.domain.dialing.spoken_length import LARGEST_INSTRUCTIONS, SpokenLength
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import DAY
from slotline.domain.shared.wall_time import first_instant_from, instant_of

HORIZON = 366 * DAY
LATE_BY = timedelta(minutes=5)
"""How far in the past a call's own time may lie: a clock may be behind, and a request takes its time."""
LONGEST_INTERVAL_MINUTES = 24 * 60

TOO_MUCH_TO_SAY = (
    f"with its parameters what is said takes more than {LARGEST_INSTRUCTIONS // 1024} KB, as its carrier gets it"
)

ZonesOf = Callable[[str], Sequence[str]]
"""The zones that a number in E.164 may be in, the capital's first; none if it has no place."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A call with its moment. `asked_at`: the one that was asked for, by its own date or by its turn."""

    request: CallRequest
    at: datetime
    asked_at: datetime
    hours: Hours
    zones: tuple[str, ...]
    max_duration_mins: int
    own_time: OwnTime | None = None


class Planner:
    """Plans the calls of one request, in their order. `turns`: how many calls without their own time it has planned.

    A plan that goes on in another process is given the same `now` and the turns so far.
    """

    def __init__(
        self,
        use_case: UseCase,
        *,
        now: datetime,
        zones_of: ZonesOf,
        staggered_interval_minutes: int = 0,
        max_duration_mins: int | None = None,
        language: str | None = None,
        turns: int = 0,
    ) -> None:
        self._use_case = use_case
        self._now = now
        self._zones_of = zones_of
        self._interval = timedelta(minutes=staggered_interval_minutes)
        self._minutes = use_case.max_duration_mins if max_duration_mins is None else max_duration_mins
        self._hours = cache(partial(hours_of, use_case))
        self._spoken = SpokenLength(use_case, language)
        self._first = work_hours_of(use_case).next_opening(now) or now
        self.turns = turns

    def plan(self, request: CallRequest) -> PlannedCall:
        """The call with its moment.

        Raises RowRefused where its time does not exist, is over, or is in no hours, or it would have too much to say.
        """
        if not self._spoken.fits(request.params):
            raise _refused(request, None, TOO_MUCH_TO_SAY, "too_long")
        zones = (request.zone,) if request.zone else tuple(self._zones_of(request.e164))
        hours = self._hours(zones)
        asked_at, own_time = self._own_time(request, request.day) if request.day else (self._turn(), None)
        self._check(request, asked_at)
        at = hours.next_opening(max(asked_at, self._now))
        if at is None:
            message = "the use case's hours and the callee's have no time in common; it would never be dialled"
            raise _refused(request, None, message, "never_open")
        if not request.day:
            self.turns += 1
        return PlannedCall(
            request=request,
            at=at,
            asked_at=asked_at,
            hours=hours,
            zones=zones,
            max_duration_mins=request.max_duration_mins or self._minutes,
            own_time=own_time,
        )

    def _turn(self) -> datetime:
        return self._first + self.turns * self._interval

    def _own_time(self, request: CallRequest, day: date) -> tuple[datetime, OwnTime]:
        """The moment that a row asks for, and its own time. A date alone is its first moment, or now if it is today."""
        name = request.zone or self._use_case.timezone
        zone = ZoneInfo(name)
        if request.clock is None:
            start, end = first_instant_from(day, time.min, zone), first_instant_from(day, None, zone)
            asked_at = max(start, self._now) if end > self._now else start
        else:
            try:
                start = asked_at = instant_of(datetime.combine(day, request.clock), zone, TIME)
            except InvalidRequest as error:
                (detail,) = error.details
                raise _refused(request, TIME, detail.message, detail.code) from error
        return asked_at, OwnTime.of(day, request.clock, name, start)

    def _check(self, request: CallRequest, asked_at: datetime) -> None:
        if asked_at < self._now - LATE_BY:
            raise _refused(request, DATE, "must be in the future", "past")
        if asked_at > self._now + HORIZON:
            raise _refused(request, DATE if request.day else None, f"must be within {HORIZON.days} days", "too_far")


def check_interval(minutes: int) -> None:
    """Raises InvalidRequest where it is no staggered interval."""
    if not 0 <= minutes <= LONGEST_INTERVAL_MINUTES:
        message = f"must be 0 to {LONGEST_INTERVAL_MINUTES} minutes"
        raise InvalidRequest.of_field("staggered_interval_minutes", message, "range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What a campaign will be like, retries not counted. `repeats`: numbers that come again, with their positions.

    `starts`: when each call starts, in the order in which they were given; None for one that would not start within a
    year, at this pace and in these hours. `late`: calls that start later than they asked for, those included.
    `first_at` and `last_at` are when the first and the last call start, `ends_at` when the last one is over.
    """

    calls: int
    repeats: Mapping[str, tuple[int, ...]]
    late: int
    starts: tuple[datetime | None, ...]
    first_at: datetime | None
    last_at: datetime | None
    ends_at: datetime | None

    @property
    def takes(self) -> timedelta:
        """From the start of the first call to the end of the last one."""
        return self.ends_at - self.first_at if self.ends_at and self.first_at else timedelta(0)


def preflight(
    planned: Sequence[PlannedCall], *, calls_per_second: int, lines: int, typical_call: timedelta
) -> Preflight:
    """Goes through a campaign on one number as it would be dialled, where every call lasts as long as a typical one."""
    starts = _starts(planned, gap_between(calls_per_second), lines, typical_call)
    started = [at for at in starts if at is not None]
    return Preflight(
        calls=len(planned),
        repeats=_repeats(planned),
        late=sum(at is None or at > call.asked_at for at, call in zip(starts, planned, strict=True)),
        starts=tuple(starts),
        first_at=min(started, default=None),
        last_at=max(started, default=None),
        ends_at=max(started) + typical_call if started else None,
    )


def _starts(
    planned: Sequence[PlannedCall], gap: timedelta, lines: int, typical_call: timedelta
) -> list[datetime | None]:
    """When each call starts: the one that is due first goes first, as soon as the number and a line are free.

    Calls with the same hours stand in one queue, so that a night passes over all of them at once.
    """
    starts: list[datetime | None] = [None] * len(planned)
    last = min((call.at for call in planned), default=_EPOCH) + HORIZON
    ready = [(planned[queue[0]].at, queue[0], queue) for queue in _queues(planned)]
    heapq.heapify(ready)
    started: deque[datetime] = deque(maxlen=lines)
    while ready:
        due, n, queue = heapq.heappop(ready)
        at = max(due, started[-1] + gap) if started else due
        if len(started) == lines:
            at = max(at, started[0] + typical_call)
        opens = planned[n].hours.next_opening(at)
        if opens is None or opens > last:
            continue
        if opens > at:
            heapq.heappush(ready, (opens, n, queue))
            continue
        starts[n] = at
        started.append(at)
        queue.popleft()
        if queue:
            heapq.heappush(ready, (max(planned[queue[0]].at, due), queue[0], queue))
    return starts


def _queues(planned: Sequence[PlannedCall]) -> Collection[deque[int]]:
    """The positions of the calls that have the same hours, each in the order of time."""
    queues: dict[Hours, deque[int]] = {}
    for n in sorted(range(len(planned)), key=lambda n: planned[n].at):
        queues.setdefault(planned[n].hours, deque()).append(n)
    return queues.values()


def _repeats(planned: Sequence[PlannedCall]) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = {}
    for n, call in enumerate(planned):
        places.setdefault(call.request.e164, []).append(n)
    return {number: tuple(where) for number, where in places.items() if len(where) > 1}


def _refused(request: CallRequest, name: str | None, message: str, code: str) -> RowRefused:
    return RowRefused([request.row.fault(name, message, code)])
