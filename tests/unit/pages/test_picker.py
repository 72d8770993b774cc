"""What the page shows of a month: days and times as the zone rules of the deployment read them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.pages.booking.picker import Picker, picker_of
from slotline.usecases.booking.free_month import free_month
from slotline.words.catalogue import PAGES, catalogue_for

NOW = datetime(2027, 5, 20, 15, 0, tzinfo=UTC)


def shown(
    *starts: datetime,
    zone: str = "America/Bogota",
    language: str = "en",
    day: date | None = None,
    month: date | None = None,
    now: datetime = NOW,
) -> Picker:
    minutes = [(epoch_minute(start), 0) for start in starts]
    slots = Slots(agent_ids=["agent_ana"], length_minutes=30, starts=minutes)
    found = free_month(lambda *_: slots, ZoneInfo(zone), now, timedelta(minutes=30), timedelta(days=365), month)
    return picker_of(found, day, now, catalogue_for(language), catalogue_for("en", PAGES))


def texts(picker: Picker) -> dict[str, list[str]]:
    return {part: [time.text for time in times] for part, times in picker.times}


MORNING, NOON, EVENING = (datetime(2027, 5, 21, hour, tzinfo=UTC) for hour in (14, 17, 22))


def test_times_stand_under_their_part_of_the_day_in_the_readers_zone():
    picker = shown(MORNING, NOON, EVENING)
    assert (picker.month, picker.chosen) == ("May 2027", "Friday, May 21")
    assert texts(picker) == {"Morning": ["9:00 AM"], "Afternoon": ["12:00 PM"], "Evening": ["5:00 PM"]}
    assert next(time.start for _, times in picker.times for time in times) == "2027-05-21T14:00:00.000Z"


def test_a_free_day_says_its_full_date_and_how_many_times_are_free():
    cells = {day.number: day for week in shown(MORNING, NOON).weeks for day in week if day}
    assert (cells[21].label, cells[21].free) == ("Friday, May 21: 2 free times", 2)
    assert (cells[22].free, cells[20].is_today, cells[21].is_chosen) == (0, True, True)


def test_weeks_that_are_over_are_not_shown_and_every_day_stands_under_its_weekday():
    picker = shown(MORNING)
    assert [name for name, _ in picker.weekdays] == ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    assert [day.number if day else None for day in picker.weeks[0]] == [16, 17, 18, 19, 20, 21, 22]
    assert [day.number if day else None for day in picker.weeks[-1]] == [30, 31, None, None, None, None, None]


def test_a_week_begins_as_the_language_has_it():
    assert next(name for name, _ in shown(MORNING, language="es").weekdays) == "lun"


def test_the_day_that_is_asked_for_is_chosen_if_it_is_free():
    next_day = MORNING + timedelta(days=1)
    assert shown(MORNING, next_day, day=date(2027, 5, 22)).chosen == "Saturday, May 22"
    assert shown(MORNING, next_day, day=date(2027, 5, 23)).chosen == "Friday, May 21"


def test_a_wall_time_that_comes_twice_says_which_of_both_it_is():
    first, second = (datetime(2027, 11, 7, hour, 30, tzinfo=UTC) for hour in (5, 6))  # 1:30 in New York, twice
    picker = shown(first, second, zone="America/New_York", month=date(2027, 11, 1), now=NOW)
    assert texts(picker) == {"Morning": ["1:30 AM (UTC-4)", "1:30 AM (UTC-5)"]}
    assert [len(one) for one in picker.data["days"]["2027-11-07"]] == [3, 3]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_script_is_given_what_it_needs_to_write_the_same_times(language):
    picker = shown(MORNING, EVENING, language=language)
    assert picker.data["days"] == {"2027-05-21": [[epoch_minute(MORNING), 540], [epoch_minute(EVENING), 1020]]}
    assert picker.data["hours"] == (12 if language == "en" else 24)
