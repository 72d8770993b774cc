"""Bitmaps of minutes against the lock's own rule, slot by slot."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.slots import AgentCalendar, Busy, SlotShape, epoch_minute, free_starts, still_free
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.working_hours import merged
from tests.support.properties import tried

MIDNIGHT = datetime(2026, 5, 5, tzinfo=UTC)
"""In the middle of what is searched: claims and windows stand over it."""


def at(minute: float) -> datetime:
    """So many minutes from the midnight."""
    return MIDNIGHT + timedelta(minutes=minute)


WHOLE_DAY = Interval(at(0), at(1440))


def one_by_one(calendar: AgentCalendar, claims: list[Claim], span: Interval, shape: SlotShape) -> list[int]:
    """What is free, by asking the lock's rule about every point of the grid."""
    found = []
    for start in points(calendar.grid, shape.step):
        wanted = Claim(
            id="wanted",
            kind=ClaimKind.CALL,
            meeting=Interval.starting(start, shape.length * MINUTE),
            before=shape.before * MINUTE,
            after=shape.after * MINUTE,
        )
        works = calendar.worked is None or any(part.contains(wanted.meeting) for part in calendar.worked)
        if works and span.contains(wanted.meeting) and not any(wanted.collides(claim) for claim in claims):
            found.append(epoch_minute(start))
    return found


def points(grid: Sequence[Interval], step: int) -> Iterator[datetime]:
    """The start of each piece, and every step after it."""
    for piece in grid:
        start = piece.start
        while start < piece.end:
            yield start
            start += step * MINUTE


def busy(claim: Claim) -> Busy:
    """The claim as a search reads it."""
    return Busy(
        epoch_minute(claim.meeting.start),
        epoch_minute(claim.meeting.end),
        claim.before // MINUTE,
        claim.after // MINUTE,
    )


buffers = st.one_of(st.just(0), st.integers(0, 60), st.just(240))
claims = st.builds(
    lambda start, length, before, after: Claim(
        id=f"{start}",
        kind=ClaimKind.CALL,
        meeting=Interval(at(start), at(start + length)),
        before=before * MINUTE,
        after=after * MINUTE,
    ),
    st.integers(-2200, 2200),
    st.one_of(st.integers(1, 480), st.integers(1, 4000)),
    buffers,
    buffers,
)
pieces = st.lists(
    st.builds(
        lambda start, length: Interval(at(start), at(start + length)), st.integers(-2200, 2200), st.integers(1, 900)
    ),
    max_size=6,
).map(merged)
shapes = st.builds(
    SlotShape,
    length=st.one_of(st.integers(5, 60), st.just(480)),
    before=buffers,
    after=buffers,
    step=st.one_of(st.integers(1, 61), st.just(1440)),
)
spans = st.builds(
    lambda start, seconds, length: Interval.starting(at(start) + timedelta(seconds=seconds), length),
    st.integers(-1500, 100),
    st.one_of(st.just(0.0), st.floats(0, 59.9)),
    st.builds(
        lambda minutes, seconds: timedelta(minutes=minutes, seconds=seconds), st.integers(1, 2000), st.integers(0, 59)
    ),
)


@tried(600)
@given(st.none() | pieces, pieces, st.lists(claims, max_size=8), spans, shapes)
@example(None, (WHOLE_DAY,), [], Interval(at(0), at(30)), SlotShape(length=30, before=0, after=0, step=30))
@example(None, (WHOLE_DAY,), [], Interval(at(0), at(29)), SlotShape(length=30, before=0, after=0, step=30))
def test_what_is_free_is_what_the_lock_would_let_through(
    hours: tuple[Interval, ...] | None, grid: tuple[Interval, ...], taken: list[Claim], span: Interval, shape: SlotShape
) -> None:
    calendar = AgentCalendar(worked=hours, busy=[busy(claim) for claim in taken], grid=grid)
    found = one_by_one(calendar, taken, span, shape)
    assert free_starts(calendar, span, shape) == found
    allowed = free_starts(replace(calendar, busy=()), span, shape)
    assert still_free(allowed, calendar.busy, shape) == found


def free(shape: SlotShape, span: Interval, *taken: Claim, hours: list[Interval] | None = None) -> list[float]:
    """The free starts, in minutes from the midnight."""
    grid = [Interval(at(-1440), at(0)), WHOLE_DAY] if hours is None else hours
    calendar = AgentCalendar(worked=hours, busy=[busy(claim) for claim in taken], grid=grid)
    return [start - epoch_minute(MIDNIGHT) for start in free_starts(calendar, span, shape)]


def call(start: float, end: float, before: int = 0, after: int = 0) -> Claim:
    return Claim(
        id="call",
        kind=ClaimKind.CALL,
        meeting=Interval(at(start), at(end)),
        before=before * MINUTE,
        after=after * MINUTE,
    )


HALF_HOURS = SlotShape(length=30, before=0, after=0, step=30)


def test_slots_touch_the_calls_around_them() -> None:
    assert free(HALF_HOURS, Interval(at(0), at(120)), call(30, 60)) == [0, 60, 90]


def test_calls_of_a_minute_each_leave_the_minutes_between_them() -> None:
    shape = SlotShape(length=1, before=0, after=0, step=1)
    assert free(shape, Interval(at(0), at(8)), call(1, 2), call(3, 4), call(6, 7)) == [0, 2, 4, 5, 7]


def test_buffers_may_share_time_with_buffers_but_not_with_meetings() -> None:
    shape = SlotShape(length=30, before=10, after=10, step=5)
    assert free(shape, Interval(at(0), at(120)), call(60, 70, before=10, after=10)) == [0, 5, 10, 15, 20, 80, 85, 90]


def test_the_meeting_is_worked_and_its_buffers_may_reach_beyond() -> None:
    shape = SlotShape(length=30, before=10, after=10, step=10)
    hours = [Interval(at(0), at(90))]
    assert free(shape, Interval(at(-60), at(180)), hours=hours) == [0, 10, 20, 30, 40, 50, 60]


def test_a_buffer_beyond_working_time_still_meets_no_meeting() -> None:
    shape = SlotShape(length=30, before=10, after=10, step=10)
    hours = [Interval(at(0), at(90))]
    assert free(shape, Interval(at(0), at(90)), call(-5, -1), call(95, 99), hours=hours) == [10, 20, 30, 40, 50]


def test_a_call_over_midnight_takes_time_on_both_sides() -> None:
    assert free(HALF_HOURS, Interval(at(-60), at(60)), call(-15, 15)) == [-60, 30]


def test_a_span_that_begins_inside_a_minute_offers_the_next_one() -> None:
    span = Interval(at(0) + timedelta(seconds=1), at(7))
    assert free(SlotShape(length=5, before=0, after=0, step=1), span) == [1, 2]


def test_the_span_cuts_the_grid_and_does_not_move_it() -> None:
    assert free(HALF_HOURS, Interval(at(7), at(97))) == [30, 60]
    hours = [Interval(at(-50), at(25)), Interval(at(40), at(101))]
    assert free(HALF_HOURS, Interval(at(-30), at(101)), hours=hours) == [-20, 40, 70]
    assert free(HALF_HOURS, Interval(at(-20), at(100)), hours=hours) == [-20, 40, 70]
    assert free(HALF_HOURS, Interval(at(-19), at(99)), hours=hours) == [40]


def test_what_is_taken_moves_no_later_start() -> None:
    assert free(HALF_HOURS, Interval(at(0), at(120)), call(0, 10), hours=[Interval(at(0), at(120))]) == [30, 60, 90]


def test_nothing_is_offered_in_less_time_than_a_slot() -> None:
    assert free(HALF_HOURS, Interval(at(0), at(29))) == []


def test_nobody_works_without_hours() -> None:
    assert free(HALF_HOURS, Interval(at(0), at(120)), hours=[]) == []
