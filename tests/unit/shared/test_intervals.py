"""Half-open stretches of time."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given

from slotline.domain.shared.intervals import Interval
from tests.support.builders.strategies import MIDNIGHT, buffers, intervals, minutes_of

HOUR = timedelta(hours=1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("length", [timedelta(0), -HOUR])
def test_an_interval_ends_after_it_starts(length: timedelta) -> None:
    with pytest.raises(ValueError, match="ends after it starts"):
        Interval.starting(NOON, length)


@pytest.mark.parametrize("zone", [None, timezone(HOUR)])
def test_its_ends_are_in_utc(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="UTC"):
        Interval(NOON.replace(tzinfo=zone), NOON + HOUR)
    with pytest.raises(ValueError, match="UTC"):
        Interval(NOON, (NOON + HOUR).replace(tzinfo=zone))


def test_intervals_that_touch_do_not_overlap() -> None:
    first, second = Interval.starting(NOON, HOUR), Interval.starting(NOON + HOUR, HOUR)
    assert not first.overlaps(second)
    assert not second.overlaps(first)


@given(intervals, intervals)
def test_two_overlap_where_they_share_a_minute_whichever_is_asked(one: Interval, other: Interval) -> None:
    assert one.overlaps(other) == other.overlaps(one) == bool(minutes_of(one) & minutes_of(other))


@given(intervals)
def test_an_interval_overlaps_and_contains_itself(one: Interval) -> None:
    assert one.overlaps(one)
    assert one.contains(one)


@given(intervals, intervals)
def test_one_contains_another_where_it_has_all_its_minutes(one: Interval, other: Interval) -> None:
    assert one.contains(other) == (minutes_of(other) <= minutes_of(one))


@given(intervals, buffers, buffers)
def test_widening_adds_room_at_both_ends(one: Interval, before: timedelta, after: timedelta) -> None:
    wide = one.widened(before, after)
    assert wide.contains(one)
    assert wide.length == one.length + before + after
    assert one.start - wide.start == before


@given(intervals)
def test_its_days_are_those_of_its_minutes(one: Interval) -> None:
    days = sorted({(MIDNIGHT + timedelta(minutes=minute)).date() for minute in minutes_of(one)})
    assert list(one.utc_days()) == days


@given(intervals)
def test_its_hours_of_a_day_are_those_of_its_minutes(one: Interval) -> None:
    for day in (date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3)):
        moments = [MIDNIGHT + timedelta(minutes=minute) for minute in minutes_of(one)]
        assert list(one.utc_hours_of(day)) == sorted({moment.hour for moment in moments if moment.date() == day})


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("00:00", "00:01", [0]),
        ("09:59", "10:00", [9]),
        ("10:00", "11:00", [10]),
        ("10:00", "11:01", [10, 11]),
        ("23:59", "24:00", [23]),
    ],
)
def test_an_hour_is_touched_from_its_first_minute_to_its_last(start: str, end: str, hours: list[int]) -> None:
    def at(text: str) -> datetime:
        hour, minute = map(int, text.split(":"))
        return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)

    assert list(Interval(at(start), at(end)).utc_hours_of(date(2026, 5, 1))) == hours
    assert list(Interval(at(start), at(end)).utc_hours_of(date(2026, 5, 2))) == []
