"""When a phone may ring, against an oracle that reads the clocks of every zone, quarter by quarter of an hour."""

from bisect import bisect_left
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.dialing.hours import HORIZON, Hours, hours_of, work_hours_of
from slotline.domain.dialing.use_cases import WEEKDAYS, DayWindow, UseCase, daily
from slotline.domain.shared.intervals import DAY, MINUTE
from tests.support.builders.dialing import MONDAY, a_use_case, is_open
from tests.support.properties import tried

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Antarctica/Troll",
)
QUARTER = 15 * MINUTE
"""Hours are drawn by quarters, and no clock of these zones jumps within one: nothing changes in between."""
A_DAY = DAY // QUARTER

starts = st.one_of(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 4, 4), date(2026, 10, 3), date(2028, 2, 28)]),
)
times = st.integers(0, 96).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
closed_days = st.lists(st.integers(-2, 4), max_size=4)
"""Closed dates, as days after the first one that is looked at."""
windows = (
    st.lists(times, min_size=2, max_size=2, unique=True).map(sorted).map(lambda w: DayWindow(start=w[0], end=w[1]))
)


@st.composite
def use_cases(draw: st.DrawFn) -> UseCase:
    """Any hours: none, the same every day, or by weekday; and any hours of callees."""
    more: dict[str, object] = {"timezone": draw(st.sampled_from(ZONES))}
    if draw(st.booleans()):
        window = draw(windows)
        more |= {"work_start": window.start, "work_end": window.end}
    if draw(st.booleans()):
        days = st.dictionaries(st.sampled_from(WEEKDAYS), windows.map(lambda window: (window,)), min_size=1)
        more |= {"detailed_work_hours": draw(days), "enable_detailed_work_hours": True}
    if draw(st.booleans()):
        window = draw(windows)
        more |= {"callee_start": window.start, "callee_end": window.end}
    use_case = a_use_case(**more)
    use_case.check()
    return use_case


class Clocks:
    """The clocks of a zone over some days, read every quarter of an hour."""

    def __init__(self, zone: str, first: datetime, quarters: int) -> None:
        place = ZoneInfo(zone)
        self.instants = [first + n * QUARTER for n in range(quarters)]
        readings = [at.astimezone(place).replace(tzinfo=None) for at in self.instants]
        highest = readings[0]
        self.so_far = [highest := max(highest, reading) for reading in readings]

    def open_quarters(self, start: str, end: str, weekdays: set[int]) -> set[datetime]:
        """From the first that shows `start` or later to the first that shows `end` or later, on these days."""
        found: set[datetime] = set()
        day = self.so_far[0].date()
        while day <= self.so_far[-1].date():
            if day.weekday() in weekdays:
                found.update(self.instants[self.first(day, start) : self.first(day, end)])
            day += DAY
        return found

    def open_quarters_on(self, day: date) -> set[datetime]:
        """From the first that shows this date to the first that shows a later one."""
        return set(self.instants[self.first(day, "00:00") : self.first(day, "24:00")])

    def first(self, day: date, clock: str) -> int:
        hours, minutes = clock.split(":")
        wall = datetime.combine(day, time.min) + timedelta(hours=int(hours), minutes=int(minutes))
        return bisect_left(self.so_far, wall)


def open_by_the_clocks(use_case: UseCase, zones: tuple[str, ...], first: datetime, days: int) -> set[datetime]:
    """Every open quarter of these days, the slow way: two days more are read at both ends."""
    early, longer = first - 2 * DAY, (days + 4) * A_DAY
    open_ = {first + n * QUARTER for n in range(days * A_DAY)}
    own = Clocks(use_case.timezone, early, longer)
    if use_case.enable_detailed_work_hours:
        open_ &= set().union(
            *(
                own.open_quarters(window.start, window.end, {WEEKDAYS.index(day)})
                for day, several in use_case.detailed_work_hours.items()
                for window in several
            )
        )
    elif use_case.work_start and use_case.work_end:
        open_ &= own.open_quarters(use_case.work_start, use_case.work_end, set(range(7)))
    for day in use_case.closed_dates:
        open_ -= own.open_quarters_on(day)
    for zone in zones or (use_case.timezone,):
        clocks = Clocks(zone, early, longer)
        open_ &= clocks.open_quarters(use_case.callee_start, use_case.callee_end, set(range(7)))
    return open_


def zones_that_count(use_case: UseCase, zones: tuple[str, ...], at: datetime) -> tuple[str, ...]:
    """All of them if the callee's hours overlap in them some time within two weeks, else the first."""
    of_callees = a_use_case(callee_start=use_case.callee_start, callee_end=use_case.callee_end)
    shared = open_by_the_clocks(of_callees, zones, at, HORIZON // DAY)
    return zones if shared else zones[:1]


@tried(60)
@given(use_cases(), st.lists(st.sampled_from(ZONES), max_size=3, unique=True).map(tuple), starts, closed_days)
def test_it_is_open_when_the_clocks_of_all_zones_say_so(
    use_case: UseCase, zones: tuple[str, ...], day: date, closed: list[int]
) -> None:
    use_case = replace(use_case, closed_dates=tuple(day + n * DAY for n in closed))
    first, days = datetime.combine(day, time.min, UTC), 3
    expected = open_by_the_clocks(use_case, zones_that_count(use_case, zones, first), first, days)
    hours = hours_of(use_case, zones)
    for n in range(days * A_DAY):
        at = first + n * QUARTER
        assert is_open(hours, at) == (at in expected), at
        assert is_open(hours, at + QUARTER - timedelta(microseconds=1)) == (at in expected), at


@tried(60)
@given(
    use_cases(),
    st.lists(st.sampled_from(ZONES), max_size=3, unique=True).map(tuple),
    starts,
    st.integers(0, A_DAY - 1),
    closed_days,
)
@example(a_use_case(timezone="Europe/Berlin"), ("Europe/Berlin",), date(2026, 3, 29), 0, [])
@example(
    a_use_case(work_start="00:00", work_end="24:00", callee_end="24:00", callee_start="00:00"), (), MONDAY.date(), 5, []
)
def test_the_next_opening_is_the_first_open_quarter(
    use_case: UseCase, zones: tuple[str, ...], day: date, quarter: int, closed: list[int]
) -> None:
    use_case = replace(use_case, closed_dates=tuple(day + n * DAY for n in closed))
    at = datetime.combine(day, time.min, UTC) + quarter * QUARTER
    days = 15 + len(use_case.closed_dates)
    expected = min(open_by_the_clocks(use_case, zones_that_count(use_case, zones, at), at, days), default=None)
    found = hours_of(use_case, zones).next_opening(at)
    if use_case.closed_dates and (expected is None or expected > at + HORIZON):
        assert found in (expected, None)
    else:
        assert found == (expected if expected and expected <= at + HORIZON else None)


def test_an_instant_within_an_open_minute_is_its_own_next_opening() -> None:
    at = MONDAY + timedelta(hours=12, seconds=7, microseconds=1)
    assert hours_of(a_use_case()).next_opening(at) == at


def test_what_opens_at_eight_is_open_at_eight_and_what_closes_at_nine_is_closed_at_nine() -> None:
    hours = hours_of(a_use_case(), ("UTC",))
    tick = timedelta(microseconds=1)
    eight, nine = MONDAY + timedelta(hours=8), MONDAY + timedelta(hours=21)
    assert [is_open(hours, at) for at in (eight - tick, eight, nine - tick, nine)] == [False, True, True, False]


def test_a_number_that_may_be_anywhere_in_the_country_is_called_when_it_is_day_on_both_coasts() -> None:
    hours = hours_of(a_use_case(), ("America/New_York", "America/Los_Angeles"))
    evening = MONDAY + timedelta(hours=1)
    assert is_open(hours, evening - MINUTE)
    assert hours.next_opening(evening) == MONDAY + timedelta(hours=15), "after nine in New York: eight in Los Angeles"


NINE_TO_FIVE = {"callee_start": "09:00", "callee_end": "17:00"}
RUSSIA = ("Europe/Moscow", "Europe/Kaliningrad", "Asia/Kamchatka")


def test_zones_that_share_no_hour_are_called_by_the_clocks_of_the_first_the_capitals() -> None:
    hours = hours_of(a_use_case(**NINE_TO_FIVE), RUSSIA)
    assert hours.next_opening(MONDAY) == MONDAY + timedelta(hours=6), "nine in Moscow"
    by_day = hours_of(a_use_case(), RUSSIA)
    assert by_day.next_opening(MONDAY) == MONDAY + timedelta(hours=6), "eight in Kaliningrad, evening in the east"
    assert by_day.next_opening(MONDAY + timedelta(hours=9)) == MONDAY + timedelta(hours=30)


def test_zones_that_share_an_hour_are_not_given_up_for_a_use_case_that_never_calls_in_it() -> None:
    early = a_use_case(timezone="Australia/Sydney", work_start="07:30", work_end="09:00")
    assert hours_of(early, ("Australia/Sydney", "Australia/Perth")).next_opening(MONDAY) is None


def test_where_nobody_knows_the_zone_the_use_cases_own_clocks_count() -> None:
    assert hours_of(a_use_case(timezone="Asia/Tokyo")) == hours_of(a_use_case(timezone="Asia/Tokyo"), ("Asia/Tokyo",))


def test_a_use_case_may_call_around_the_clock_if_it_says_so_twice() -> None:
    use_case = a_use_case(callee_start="00:00", callee_end="24:00")
    assert hours_of(use_case, ("America/New_York",)) == Hours()
    assert Hours().next_opening(MONDAY) == MONDAY
    assert hours_of(a_use_case()) != Hours()


def test_the_use_cases_own_hours_leave_the_callee_out() -> None:
    use_case = a_use_case(work_start="22:00", work_end="24:00")
    assert work_hours_of(use_case).next_opening(MONDAY) == MONDAY + timedelta(hours=22)


@pytest.mark.parametrize("at", [MONDAY, MONDAY + timedelta(hours=13, minutes=1)])
def test_hours_that_have_no_minute_in_common_never_open(at: datetime) -> None:
    use_case = a_use_case(timezone="America/New_York", work_start="09:00", work_end="17:00")
    assert hours_of(use_case, ("Asia/Tokyo",)).next_opening(at) is None


def test_hours_that_only_meet_on_one_weekday_wait_for_it() -> None:
    sunday = {"sunday": (DayWindow(start="23:59", end="24:00"),)}
    use_case = a_use_case(detailed_work_hours=sunday, enable_detailed_work_hours=True, callee_end="24:00")
    opening = MONDAY + timedelta(days=6, hours=23, minutes=59)
    assert hours_of(use_case).next_opening(MONDAY) == opening
    assert hours_of(use_case).next_opening(opening + MINUTE) == opening + 7 * DAY


def test_an_opening_further_off_than_two_weeks_is_none() -> None:
    """Noon in Berlin is ten in the evening in Sydney, until summer time ends there."""
    use_case = a_use_case(timezone="Europe/Berlin", work_start="12:00", work_end="13:00")
    hours = hours_of(use_case, ("Australia/Sydney",))
    assert hours.next_opening(datetime(2026, 1, 10, tzinfo=UTC)) is None
    opening = datetime(2026, 4, 5, 10, tzinfo=UTC)
    assert hours.next_opening(opening - HORIZON) == opening
    assert hours.next_opening(opening - HORIZON - MINUTE) is None


@pytest.mark.parametrize(
    ("day", "length"),
    [
        (date(2026, 3, 29), timedelta(hours=12)),
        (date(2026, 10, 25), timedelta(hours=14)),
        (MONDAY.date(), timedelta(hours=13)),
    ],
)
def test_a_day_on_which_clocks_change_is_open_by_its_clocks(day: date, length: timedelta) -> None:
    hours = Hours((daily("00:30", "13:30", "Europe/Berlin"),))
    opens = hours.next_opening(datetime.combine(day, time.min, UTC) - timedelta(hours=2))
    assert opens is not None
    assert is_open(hours, opens + length - MINUTE)
    assert not is_open(hours, opens + length)


CHRISTMAS = date(2027, 12, 25)


def test_nobody_is_called_on_a_closed_date_of_the_use_cases_zone() -> None:
    use_case = a_use_case(
        timezone="America/New_York", closed_dates=(CHRISTMAS,), callee_start="00:00", callee_end="24:00"
    )
    hours = hours_of(use_case, ("Asia/Tokyo",))
    midnight = datetime(2027, 12, 25, 5, tzinfo=UTC)
    assert is_open(hours, midnight - MINUTE)
    assert not is_open(hours, midnight)
    assert hours.next_opening(midnight) == midnight + DAY
    assert work_hours_of(use_case).next_opening(midnight) == midnight + DAY


def test_a_closed_date_takes_what_the_hours_would_open_and_leaves_the_hours_of_other_days() -> None:
    use_case = a_use_case(work_start="09:00", work_end="17:00", closed_dates=(CHRISTMAS, CHRISTMAS + 2 * DAY))
    hours = hours_of(use_case)
    eve = datetime(2027, 12, 24, 17, tzinfo=UTC)
    assert hours.next_opening(eve) == datetime(2027, 12, 26, 9, tzinfo=UTC)
    assert hours.next_opening(eve + 2 * DAY) == datetime(2027, 12, 28, 9, tzinfo=UTC)


def test_a_call_waits_through_closed_dates_however_many_there_are() -> None:
    closed = tuple(CHRISTMAS + n * DAY for n in range(366))
    opens = datetime.combine(CHRISTMAS + 366 * DAY, time(8), UTC)
    for at in (datetime(2027, 12, 25, 12, tzinfo=UTC), datetime(2027, 12, 24, 22, tzinfo=UTC)):
        assert hours_of(a_use_case(closed_dates=closed)).next_opening(at) == opens
    never = a_use_case(closed_dates=closed, timezone="America/New_York", work_start="09:00", work_end="17:00")
    assert hours_of(never, ("Asia/Tokyo",)).next_opening(opens) is None
