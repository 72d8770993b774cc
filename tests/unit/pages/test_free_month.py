"""The month that the booking page shows, with its free days in the reader's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slotline.domain.booking.slots import Slots, epoch_minute
from slotline.usecases.booking.free_month import MOST_MONTHS, free_month, with_day

BOGOTA = ZoneInfo("America/Bogota")
LENGTH = timedelta(minutes=30)
NOW = datetime(2027, 5, 20, 15, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


class Calendar:
    """Free starts, and what was searched for."""

    def __init__(self, *starts: datetime) -> None:
        self.starts = sorted(epoch_minute(start) for start in starts)
        self.searches: list[tuple[datetime, datetime]] = []

    def __call__(self, start: datetime, end: datetime) -> Slots:
        self.searches.append((start, end))
        first, last = epoch_minute(start), epoch_minute(end - LENGTH)
        found = [(minute, 0) for minute in self.starts if first <= minute <= last]
        return Slots(agent_ids=["agent_ana"], length_minutes=30, starts=found)


def month_of(calendar: Calendar, month: date | None = None, zone: ZoneInfo = BOGOTA, horizon: timedelta = YEAR):
    return free_month(calendar, zone, NOW, LENGTH, horizon, month)


def test_the_first_month_that_has_a_free_time_is_shown():
    found = month_of(Calendar(datetime(2027, 8, 3, 14, tzinfo=UTC)))
    assert (found.first, list(found.days)) == (date(2027, 8, 1), [date(2027, 8, 3)])
    assert (found.has_earlier, found.has_later) == (True, True)


def test_a_month_that_is_named_is_shown_though_nothing_is_free_in_it():
    found = month_of(Calendar(datetime(2027, 5, 21, 14, tzinfo=UTC)), date(2027, 6, 1))
    assert (found.first, found.days) == (date(2027, 6, 1), {})


def test_if_nothing_is_free_the_present_month_is_shown_after_a_bounded_search():
    calendar = Calendar()
    assert (month_of(calendar).first, len(calendar.searches)) == (date(2027, 5, 1), MOST_MONTHS)


@pytest.mark.parametrize("month", [date(2027, 4, 1), date(2028, 6, 1), date(1, 1, 1), date(9999, 12, 1)])
def test_a_month_that_is_over_or_beyond_the_horizon_is_as_none(month):
    assert month_of(Calendar(datetime(2027, 6, 2, 14, tzinfo=UTC)), month).first == date(2027, 6, 1)


def test_days_are_those_of_the_readers_zone():
    late = datetime(2027, 6, 1, 3, 30, tzinfo=UTC)  # 22:30 on 31 May in Bogota
    assert list(month_of(Calendar(late)).days) == [date(2027, 5, 31)]
    assert list(month_of(Calendar(late), zone=ZoneInfo("Asia/Kolkata")).days) == [date(2027, 6, 1)]


def test_a_call_that_begins_on_a_months_last_evening_and_ends_in_the_next_month_is_in_it():
    last = datetime(2027, 6, 1, 4, 45, tzinfo=UTC)  # 23:45 on 31 May in Bogota
    assert list(month_of(Calendar(last)).days) == [date(2027, 5, 31)]


def test_beyond_the_horizon_there_is_no_later_month():
    found = month_of(Calendar(datetime(2027, 5, 21, 14, tzinfo=UTC)), horizon=timedelta(days=8))
    assert (found.has_earlier, found.has_later) == (False, False)


def test_whoever_looks_at_another_month_keeps_the_day_that_they_chose_with_its_times():
    calendar = Calendar(datetime(2027, 5, 21, 14, tzinfo=UTC), datetime(2027, 6, 2, 14, tzinfo=UTC))
    day, june = date(2027, 5, 21), month_of(calendar, date(2027, 6, 1))
    kept = with_day(june, calendar, NOW, LENGTH, YEAR, day)
    assert (kept.first, sorted(kept.days)) == (date(2027, 6, 1), [day, date(2027, 6, 2)])


@pytest.mark.parametrize("day", [date(1, 1, 1), date(2027, 5, 19), date(2027, 5, 22), date(2029, 1, 1), date.max])
def test_a_chosen_day_that_is_over_full_or_beyond_the_horizon_is_as_none(day: date):
    calendar = Calendar(datetime(2027, 5, 21, 14, tzinfo=UTC))
    june = month_of(calendar, date(2027, 6, 1))
    assert with_day(june, calendar, NOW, LENGTH, YEAR, day) == june


def test_times_of_a_chosen_day_stay_those_of_their_agents():
    def search(start: datetime, end: datetime) -> Slots:
        del start, end
        at = epoch_minute(datetime(2027, 5, 21, 14, tzinfo=UTC))
        return Slots(agent_ids=["agent_new", "agent_ben", "agent_ana"], length_minutes=30, starts=[(at, 0), (at, 2)])

    june = month_of(Calendar(datetime(2027, 6, 2, 14, tzinfo=UTC)), date(2027, 6, 1))
    ((_, place),) = with_day(june, search, NOW, LENGTH, YEAR, date(2027, 5, 21)).days[date(2027, 5, 21)]
    assert june.found.agent_ids[place] == "agent_ana"
