"""Weekly windows as stretches of time, against an oracle that reads the zone's clocks every minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import DAY, MINUTE, Interval
from slotline.domain.shared.working_hours import Window, merged, occurrence_on, overlapping, worked_time
from slotline.domain.shared.zones import PLACES_BY_ABBREVIATION
from tests.support.properties import tried

FIRST = datetime(2020, 1, 10, tzinfo=UTC)
ODD = (
    "Pacific/Kiritimati",
    "Etc/GMT+12",
    "Etc/GMT-14",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Antarctica/Troll",
    "Africa/Casablanca",
    "America/Santiago",
    "Asia/Beirut",
    "Europe/Berlin",
    "America/New_York",
)
"""Far from UTC, off the hour, half-hour and two-hour jumps, jumps at midnight, and the usual."""
TAKEN = sorted(available_timezones() - {"Factory", "localtime"} - PLACES_BY_ABBREVIATION.keys())
zones = st.one_of(st.sampled_from(ODD), st.sampled_from(TAKEN))
days = st.one_of(
    st.dates(date(2020, 1, 3), date(2035, 12, 28)),
    st.sampled_from(
        [
            date(2024, 2, 29),
            date(2028, 2, 29),
            date(2026, 3, 29),
            date(2026, 10, 25),
            date(2026, 4, 5),
            date(2026, 10, 4),
            date(2026, 9, 6),
        ]
    ),
)
minutes_of_day = st.one_of(st.integers(0, 1440), st.integers(0, 48).map(lambda half: half * 30))


def text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def windows(draw: st.DrawFn, weekday: int | None = None) -> Window:
    """Any window that may be kept."""
    ends = sorted(draw(st.lists(minutes_of_day, min_size=2, max_size=2, unique=True)))
    day = draw(st.integers(0, 6)) if weekday is None else weekday
    window = Window(weekday=day, start=text(ends[0]), end=text(ends[1]), zone=draw(zones))
    window.check("window")
    return window


def first_showing(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first minute at which the zone's clocks show this or later: fifteen hours off UTC is further than any is."""
    start = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    assert start.astimezone(zone).replace(tzinfo=None) < wall
    return next(
        at for minute in range(32 * 60) if (at := start + minute * MINUTE).astimezone(zone).replace(tzinfo=None) >= wall
    )


def by_reading_clocks(window: Window, day: date) -> Interval | None:
    """The occurrence of a window on a day, the slow way."""

    def bound(clock: str) -> datetime:
        hours, minutes = clock.split(":")
        wall = datetime.combine(day, time.min) + timedelta(hours=int(hours), minutes=int(minutes))
        return first_showing(wall, ZoneInfo(window.zone))

    start, end = bound(window.start), bound(window.end)
    return Interval(start, end) if start < end else None


@tried()
@given(windows(), days)
@example(Window(weekday=3, start="00:00", end="24:00", zone="Pacific/Kiritimati"), date(2024, 2, 29))
@example(Window(weekday=3, start="23:30", end="24:00", zone="Etc/GMT+12"), date(2024, 2, 29))
@example(Window(weekday=6, start="02:10", end="02:20", zone="Australia/Lord_Howe"), date(2026, 10, 4))
@example(Window(weekday=6, start="01:30", end="02:30", zone="Australia/Lord_Howe"), date(2026, 4, 5))
@example(Window(weekday=6, start="01:00", end="03:30", zone="Europe/Berlin"), date(2026, 10, 25))
def test_an_occurrence_begins_and_ends_when_the_clocks_first_show_it(window: Window, day: date) -> None:
    assert occurrence_on(window, day) == by_reading_clocks(window, day)


spans = st.tuples(
    st.integers(0, 16 * 365 * 86_400).map(lambda seconds: FIRST + timedelta(seconds=seconds)),
    st.integers(1, 10 * 1440),
    st.integers(0, 59),
).map(lambda drawn: Interval.starting(drawn[0], timedelta(minutes=drawn[1], seconds=drawn[2])))


@tried()
@given(windows(), spans)
def test_a_span_meets_every_occurrence_that_reaches_into_it_and_no_other(window: Window, span: Interval) -> None:
    first = span.start.date() - 4 * DAY
    everything = (first + n * DAY for n in range((span.end.date() - first).days + 5))
    on_its_weekday = (day for day in everything if day.weekday() == window.weekday)
    expected = [
        occurrence
        for day in on_its_weekday
        if (occurrence := occurrence_on(window, day)) is not None and occurrence.overlaps(span)
    ]
    assert list(window.within(span)) == expected


@tried(50)
@given(st.lists(windows(), max_size=5), st.lists(spans, max_size=2), spans)
def test_worked_time_is_the_windows_and_the_extra_time_together_minute_by_minute(
    weekly: list[Window], extra: list[Interval], span: Interval
) -> None:
    extra = [*extra, Interval.starting(span.start - timedelta(minutes=7), timedelta(minutes=30))]
    worked = worked_time(weekly, extra, span)
    whole = [occurrence for window in weekly for occurrence in window.within(span)] + extra
    at = span.start
    while at < span.end:
        instant = Interval(at, at + timedelta(microseconds=1))
        expected = any(part.contains(instant) for part in whole)
        assert any(part.contains(instant) for part in worked) == expected, at
        at += timedelta(minutes=7)
    assert all(first.end < second.start for first, second in pairwise(worked))


@tried()
@given(st.lists(spans, max_size=8))
def test_merging_leaves_disjoint_stretches_in_order_that_do_not_even_touch(intervals: list[Interval]) -> None:
    result = merged(intervals)
    assert all(one.end < other.start for one, other in pairwise(result))
    assert all(any(whole.contains(part) for whole in result) for part in intervals)
    assert {part.start for part in result} <= {part.start for part in intervals}
    assert {part.end for part in result} <= {part.end for part in intervals}


def test_stretches_that_touch_become_one_so_that_a_call_may_cross_where_they_meet() -> None:
    midnight = datetime(2026, 5, 5, tzinfo=UTC)
    hours = [
        Window(weekday=0, start="20:00", end="24:00", zone="UTC"),
        Window(weekday=1, start="00:00", end="04:00", zone="UTC"),
    ]
    span = Interval(midnight - timedelta(minutes=15), midnight + timedelta(minutes=15))
    assert worked_time(hours, [], span) == (Interval(midnight - timedelta(hours=4), midnight + timedelta(hours=4)),)


def test_a_day_of_24_hours_may_last_23_or_25() -> None:
    window = Window(weekday=6, start="00:00", end="24:00", zone="Europe/Berlin")
    lengths = [occurrence_on(window, day) for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 10, 18))]
    assert [found and found.length for found in lengths] == [timedelta(hours=n) for n in (23, 25, 24)]


def test_a_window_that_the_clocks_jump_over_does_not_happen_that_day() -> None:
    window = Window(weekday=6, start="02:00", end="03:00", zone="Europe/Berlin")
    assert occurrence_on(window, date(2026, 3, 29)) is None
    span = Interval(datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert list(window.within(span)) == []


def test_kiritimatis_monday_morning_is_utcs_sunday() -> None:
    window = Window(weekday=0, start="08:00", end="10:00", zone="Pacific/Kiritimati")
    assert occurrence_on(window, date(2026, 5, 4)) == Interval(
        datetime(2026, 5, 3, 18, tzinfo=UTC), datetime(2026, 5, 3, 20, tzinfo=UTC)
    )


BAD: list[tuple[str, dict[str, object], str]] = [
    ("over midnight", {"start": "22:00", "end": "06:00"}, "hours.end"),
    ("of no length", {"start": "09:00", "end": "09:00"}, "hours.end"),
    ("that starts at 24:00", {"start": "24:00", "end": "24:00"}, "hours.end"),
    ("of 24:30", {"end": "24:30"}, "hours.end"),
    ("without a leading zero", {"start": "9:00"}, "hours.start"),
    ("with seconds", {"start": "09:00:00"}, "hours.start"),
    ("in digits of another script", {"start": "\u0660\u0669:00"}, "hours.start"),
    ("with a line after it", {"start": "09:00\n"}, "hours.start"),
    ("on an eighth day", {"weekday": 7}, "hours.weekday"),
    ("before Monday", {"weekday": -1}, "hours.weekday"),
    ("in no zone", {"zone": "Mars/Olympus"}, "hours.zone"),
    ("in a path", {"zone": "../../etc/passwd"}, "hours.zone"),
    ("in an offset", {"zone": "+02:00"}, "hours.zone"),
]


@pytest.mark.parametrize(("change", "field"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_there_is_no_window(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Window(**{"weekday": 0, "start": "09:00", "end": "17:00", "zone": "UTC", **change}).check("hours")  # type: ignore[arg-type]
    assert refused.value.details[0].field == field


def test_a_window_may_not_cross_midnight_and_the_error_says_what_to_do() -> None:
    with pytest.raises(InvalidRequest, match="two windows do"):
        Window(weekday=4, start="22:00", end="02:00", zone="UTC").check("hours")


def test_two_windows_that_touch_share_no_time() -> None:
    morning = Window(weekday=2, start="09:00", end="12:00", zone="UTC")
    assert overlapping([morning, Window(weekday=2, start="12:00", end="17:00", zone="UTC")]) is None


@tried()
@given(st.lists(windows(weekday=2).map(lambda w: Window(weekday=2, start=w.start, end=w.end, zone="UTC")), max_size=6))
def test_two_windows_of_one_weekday_that_share_time_are_found(weekly: list[Window]) -> None:
    share = any(
        one.start < other.end and other.start < one.end for n, one in enumerate(weekly) for other in weekly[n + 1 :]
    )
    found = overlapping(weekly)
    assert (found is not None) == share
    if found:
        one, other = weekly[found[0]], weekly[found[1]]
        assert one.start < other.end
        assert other.start < one.end
