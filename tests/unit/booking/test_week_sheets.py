"""The sheet of a week: every instant has a place, times of day are level, and changes of clocks are shown."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from slotline.domain.booking.week_sheets import A_DAY, Piece, Sheet, Stretch, Week
from slotline.domain.shared.intervals import Interval

BERLIN, SUMMER_BEGINS, SUMMER_ENDS = ZoneInfo("Europe/Berlin"), Week(2026, 13), Week(2026, 43)
SUNDAY = 6
ZONES = sorted(available_timezones())
weeks = st.builds(Week.of, st.dates(date(2024, 1, 1), date(2031, 1, 1)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["", None, "2026", "2026-W00", "2026-W54", "2025-W53", "1999-W01", "2026-W9", "²026-W01"]
)
def test_what_names_no_week_is_none(name: str | None):
    assert Week.named(name) is None


@given(st.dates(date(2000, 1, 8), date(2199, 12, 20)))
def test_a_week_is_known_by_its_name_and_has_its_days(day: date):
    week = Week.of(day)
    assert Week.named(week.name) == week
    assert (day in week.days, week.days[0].weekday()) == (True, 0)
    assert week.moved(1).moved(-1) == week


def test_an_hour_that_clocks_show_twice_has_room_twice_and_the_other_days_leave_the_second_empty():
    sheet = Sheet.of(SUMMER_ENDS, BERLIN)
    assert sheet.height == A_DAY + 60
    assert [(one.place, one.hour) for one in sheet.hours if one.again] == [(180, 2)]
    (piece,) = sheet.pieces(Interval(at("2026-10-25T00:30"), at("2026-10-25T01:30")))
    assert piece == Piece(SUNDAY, 150, 210), "from half past two to half past two"
    assert (sheet.empty_rooms(SUNDAY), sheet.empty_rooms(0)) == ([], [Stretch(180, 240)])


def test_an_hour_that_clocks_jump_over_is_empty_on_that_day():
    sheet = Sheet.of(SUMMER_BEGINS, BERLIN)
    assert sheet.height == A_DAY
    (piece,) = sheet.pieces(Interval(at("2026-03-29T00:30"), at("2026-03-29T01:30")))
    assert piece == Piece(SUNDAY, 90, 210), "from half past one to half past three"
    assert (sheet.empty_rooms(SUNDAY), sheet.empty_rooms(0)) == ([Stretch(120, 180)], [])


def test_a_date_that_a_zone_left_out_has_no_time():
    sheet = Sheet.of(Week.of(date(2011, 12, 30)), ZoneInfo("Pacific/Apia"))
    assert sheet.days[4] is None
    assert sheet.empty_rooms(4) == [Stretch(0, A_DAY)]


def test_what_goes_over_midnight_is_in_two_pieces():
    sheet = Sheet.of(Week(2026, 19), ZoneInfo("UTC"))
    assert sheet.pieces(Interval(at("2026-05-04T23:00"), at("2026-05-05T01:00"))) == [
        Piece(0, 1380, A_DAY),
        Piece(1, 0, 60),
    ]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), weeks)
@example("Europe/Berlin", SUMMER_ENDS)
@example("Europe/Berlin", SUMMER_BEGINS)
@example("Australia/Lord_Howe", Week(2026, 14))
@example("America/Havana", Week(2026, 44))
@example("America/Santiago", Week(2026, 14))
@example("America/Santiago", Week(2026, 36))
@example("Asia/Beirut", Week(2026, 43))
@example("Asia/Beirut", Week(2026, 13))
@example("Africa/Casablanca", Week(2026, 7))
@example("Antarctica/Troll", Week(2026, 13))
@example("America/St_Johns", Week.of(date(2010, 11, 7)))
def test_every_minute_of_a_week_has_a_place_of_its_own_level_with_its_time_of_day(name: str, week: Week):
    zone = ZoneInfo(name)
    sheet = Sheet.of(week, zone)
    level: dict[tuple[int, int, int], int] = {}
    for number, span in enumerate(sheet.days):
        if span is None:
            continue
        instants = list(sheet.steps(number, 5))
        assert all(sheet.day_of(instant) == number for instant in (instants[0], instants[-1]))
        places = [sheet.place(number, instant) for instant in instants]
        assert places[0] >= 0
        assert places[-1] < sheet.height
        assert all(one < next_ for one, next_ in pairwise(places)), "later is further down"
        for instant, place in zip(instants, places, strict=True):
            local = instant.astimezone(zone)
            assert level.setdefault((local.hour, local.minute, local.fold), place) == place
        rooms = sheet.empty_rooms(number)
        assert not any(room.start <= place < room.end for place in places for room in rooms)
        assert sheet.height - sum(room.end - room.start for room in rooms) == span.length / timedelta(minutes=1)
    assert [one.place for one in sheet.hours] == sorted({one.place for one in sheet.hours})
