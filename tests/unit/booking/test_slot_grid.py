"""The grid of starts: it hangs on the agent's hours or days, and no range that is asked for moves it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking import slot_grid
from slotline.domain.booking.agent_time import ExceptionKind, ScheduleException, extra_time
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.slots import epoch_minute
from slotline.domain.shared.intervals import DAY, MINUTE, Interval
from slotline.domain.shared.working_hours import Window, overlapping, worked_time
from tests.support.builders.bookings import AGENT, minutes
from tests.support.builders.directories import Directory
from tests.support.properties import tried

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


def window(weekday: int, start: str, end: str, zone: str = "UTC") -> Window:
    return Window(weekday=weekday, start=start, end=end, zone=zone)


def works(*windows: Window, **more: Any) -> Directory:
    """One agent with these hours, in an app that looks years ahead."""
    return Directory(Agent(agent_id=AGENT, name="A", working_hours=windows, **more), horizon_days=3650)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def asked(there: Directory, first: datetime, last: datetime, zone: str = "UTC", **more: Any) -> list[str]:
    """The starts offered between two instants, as that zone's clocks show them."""
    found = there.search(first, (last - first) / MINUTE, **more)
    instants = (datetime.fromtimestamp(start * 60, UTC).astimezone(ZoneInfo(zone)) for start, _ in found.starts)
    return [f"{instant:%a %d %b %H:%M}" for instant in instants]


class TestTheHoursThatOthersGetWrong:
    """Hours and lengths that do not divide each other, or that lie across a midnight or a change of clocks."""

    CHICAGO = window(SUNDAY, "15:00", "16:30", "America/Chicago")

    @pytest.mark.parametrize("day", [date(2027, 3, 7), date(2027, 3, 14)])
    def test_sunday_15_00_to_16_30_in_chicago_has_one_slot_of_90_minutes(self, day: date) -> None:
        """The second Sunday is the one on which clocks go forward."""
        start = datetime.combine(day, time.min, UTC)
        starts = asked(works(self.CHICAGO), start, start + 2 * DAY, "America/Chicago", duration_minutes=90)
        assert starts == [f"{day:%a %d %b} 15:00"]

    def test_and_one_each_sunday_if_two_months_are_asked_from_a_utc_midnight(self) -> None:
        first = utc("2027-03-01")
        starts = asked(works(self.CHICAGO), first, utc("2027-05-01"), "America/Chicago", duration_minutes=90)
        sundays = [date(2027, 3, 7) + n * timedelta(weeks=1) for n in range(8)]
        assert starts == [f"{day:%a %d %b} 15:00" for day in sundays]

    @pytest.mark.parametrize("offset", [0, 1, 7, 60, 199, 210])
    def test_09_15_to_17_45_in_kathmandu_has_11_slots_of_45_minutes_whatever_from_utc(self, offset: int) -> None:
        there = works(window(MONDAY, "09:15", "17:45", "Asia/Kathmandu"))
        first = utc("2027-03-08") + minutes(offset)  # 05:45 in Kathmandu, and up to the opening itself
        starts = asked(there, first, utc("2027-03-09"), "Asia/Kathmandu", duration_minutes=45)
        assert len(starts) == 11
        assert (starts[0], starts[-1]) == ("Mon 08 Mar 09:15", "Mon 08 Mar 16:45")

    def test_asked_from_10_07_the_slots_are_at_00_and_30(self) -> None:
        there = works(window(MONDAY, "09:00", "12:00"))
        starts = asked(there, utc("2027-03-08T10:07"), utc("2027-03-09"), duration_minutes=30)
        assert starts == ["Mon 08 Mar 10:30", "Mon 08 Mar 11:00", "Mon 08 Mar 11:30"]

    def test_wednesday_11_00_to_15_00_utc_asked_from_midnight_has_two_hours_at_11_00_and_13_00(self) -> None:
        there = works(window(WEDNESDAY, "11:00", "15:00"))
        starts = asked(there, utc("2027-03-10"), utc("2027-03-11"), duration_minutes=120)
        assert starts == ["Wed 10 Mar 11:00", "Wed 10 Mar 13:00"]

    def test_tuesday_08_30_to_11_45_in_vienna_has_hours_at_08_30_09_30_and_10_30(self) -> None:
        there = works(window(TUESDAY, "08:30", "11:45", "Europe/Vienna"))
        starts = asked(there, utc("2027-03-09"), utc("2027-03-10"), "Europe/Vienna", duration_minutes=60)
        assert starts == ["Tue 09 Mar 08:30", "Tue 09 Mar 09:30", "Tue 09 Mar 10:30"]

    @pytest.mark.parametrize("day", [date(2027, 3, 9), date(2027, 7, 6)])
    def test_23_00_to_24_00_and_00_00_to_00_30_in_london_are_one_stretch_with_90_minutes_at_23_00(
        self, day: date
    ) -> None:
        """In winter and in summer, when that midnight is not one of UTC."""
        there = works(
            window(TUESDAY, "23:00", "24:00", "Europe/London"), window(WEDNESDAY, "00:00", "00:30", "Europe/London")
        )
        first = datetime.combine(day, time.min, UTC)
        starts = asked(there, first, first + 2 * DAY, "Europe/London", duration_minutes=90)
        assert starts == [f"{day:%a %d %b} 23:00"]

    def test_9_00_to_11_00_has_half_hours_with_15_after_at_9_00_9_45_and_10_30_in_steps_of_45(self) -> None:
        there = works(window(MONDAY, "09:00", "11:00"))
        shape = {"duration_minutes": 30, "buffer_after_minutes": 15, "step_minutes": 45}
        starts = asked(there, utc("2027-03-08"), utc("2027-03-09"), **shape)
        assert starts == ["Mon 08 Mar 09:00", "Mon 08 Mar 09:45", "Mon 08 Mar 10:30"]


class TestWhatAStretchIs:
    def test_windows_that_touch_are_one_and_the_second_opens_no_grid_of_its_own(self) -> None:
        there = works(window(MONDAY, "09:00", "10:15"), window(MONDAY, "10:15", "12:00"))
        starts = asked(there, utc("2027-03-08T10:15"), utc("2027-03-09"), duration_minutes=60)
        assert starts == ["Mon 08 Mar 11:00"]

    def test_windows_of_two_zones_that_overlap_are_one(self) -> None:
        there = works(window(MONDAY, "09:00", "11:00"), window(MONDAY, "11:10", "12:00", "Europe/Berlin"))
        starts = asked(there, utc("2027-03-08T10:00"), utc("2027-03-09"), duration_minutes=60)
        assert starts == ["Mon 08 Mar 10:00"]

    def test_extra_hours_join_the_window_that_they_touch(self) -> None:
        day = date(2027, 3, 8)
        extra = ScheduleException(
            id="extra", kind=ExceptionKind.AVAILABLE_EXTRA, first=day, last=day, start="08:20", end="09:00", zone="UTC"
        )
        there = works(window(MONDAY, "09:00", "11:00"), exceptions=(extra,))
        starts = asked(there, utc("2027-03-08T09:00"), utc("2027-03-16"), duration_minutes=60)
        assert starts == ["Mon 08 Mar 09:20", "Mon 15 Mar 09:00", "Mon 15 Mar 10:00"]

    @pytest.mark.parametrize("kind", [ClaimKind.BLOCKED, ClaimKind.CALL, ClaimKind.DO_NOT_DISTURB])
    def test_what_is_blocked_or_taken_opens_no_stretch(self, kind: ClaimKind) -> None:
        there = works(window(MONDAY, "09:00", "12:00"))
        there.take(utc("2027-03-08T09:00"), 70, kind=kind)
        assert asked(there, utc("2027-03-08"), utc("2027-03-09"), duration_minutes=60) == ["Mon 08 Mar 11:00"]

    def test_the_past_the_notice_and_the_horizon_cut_and_never_shift(self) -> None:
        there = Directory(
            Agent(agent_id=AGENT, name="A", working_hours=(window(MONDAY, "09:00", "12:00"),)),
            minimum_notice_minutes=25,
            horizon_days=7,
        )
        there.clock.instant = utc("2027-03-08T09:10")
        starts = asked(there, utc("2027-03-08"), utc("2027-03-20"), duration_minutes=30)
        assert starts == [
            *("Mon 08 Mar 10:00", "Mon 08 Mar 10:30", "Mon 08 Mar 11:00", "Mon 08 Mar 11:30"),
            "Mon 15 Mar 09:00",
        ]

    def test_nights_from_monday_to_friday_are_one_stretch_that_hangs_on_monday(self) -> None:
        week = [window(day, "00:00", "24:00") for day in range(MONDAY, FRIDAY + 1)]
        there = works(*week)
        first = utc("2027-03-08")
        starts = asked(there, first + 4 * DAY, first + 5 * DAY, duration_minutes=50)
        # 115 times 50 minutes after Monday's midnight.
        assert starts[:2] == ["Fri 12 Mar 00:40", "Fri 12 Mar 01:30"]

    def test_stretches_are_those_that_reach_into_the_span_each_from_its_opening(self) -> None:
        hours = (window(MONDAY, "09:00", "12:00"), window(MONDAY, "14:00", "17:00"))
        agent = Agent(agent_id=AGENT, name="A", working_hours=hours)
        afternoon = Interval(utc("2027-03-08T14:00"), utc("2027-03-08T17:00"))
        for first in ("12:00", "13:00", "14:00", "15:30", "16:59"):
            span = Interval(utc(f"2027-03-08T{first}"), utc("2027-03-08T18:00"))
            assert list(slot_grid.working_stretches(agent, span)) == [afternoon]
        assert not slot_grid.working_stretches(agent, Interval(afternoon.end, utc("2027-03-08T18:00")))

    def test_a_stretch_holds_its_first_minute_and_not_its_end(self) -> None:
        nine = epoch_minute(utc("2027-03-08T09:00"))
        stretches = [
            Interval(utc("2027-03-08T09:00"), utc("2027-03-08T12:00")),
            Interval(utc("2027-03-08T14:00"), utc("2027-03-08T17:00")),
        ]
        minutes_of_the_day = [nine + after for after in (-1, 0, 179, 180, 299, 300, 479, 480)]
        outside = list(slot_grid.outside(stretches, minutes_of_the_day))
        assert outside == [nine + after for after in (-1, 180, 299, 480)]
        assert list(slot_grid.outside([], minutes_of_the_day)) == minutes_of_the_day


class TestAroundTheClock:
    ALWAYS = tuple(window(day, "00:00", "24:00", "America/New_York") for day in range(7))

    def test_who_never_closes_is_offered_from_the_midnights_of_their_zone(self) -> None:
        there = works(*self.ALWAYS)
        for first in (utc("2027-03-10"), utc("2027-03-10T04:17")):
            starts = asked(there, first, utc("2027-03-11T06:00"), "America/New_York", duration_minutes=50)
            assert [start for start in starts if start.startswith("Wed")][:2] == [
                "Wed 10 Mar 00:00",
                "Wed 10 Mar 00:50",
            ]
            assert [start for start in starts if start.startswith("Thu")] == ["Thu 11 Mar 00:00"]

    def test_it_is_their_own_zone_that_counts_and_not_that_of_their_windows(self) -> None:
        there = works(*self.ALWAYS, timezone="Asia/Kathmandu")
        starts = asked(there, utc("2027-03-10T18:00"), utc("2027-03-10T20:00"), "Asia/Kathmandu", duration_minutes=50)
        assert starts == ["Thu 11 Mar 00:00", "Thu 11 Mar 00:50"]

    def test_months_of_extra_hours_hang_on_their_opening_and_on_midnights_after_a_week(self) -> None:
        extra = ScheduleException(
            id="extra",
            kind=ExceptionKind.AVAILABLE_EXTRA,
            first=date(2027, 3, 1),
            last=date(2027, 3, 31),
            zone="UTC",
        )
        there = works(window(SUNDAY, "23:40", "24:00"), exceptions=(extra,))
        starts = asked(there, utc("2027-02-28"), utc("2027-04-02"), duration_minutes=60)
        assert starts[:2] == ["Sun 28 Feb 23:40", "Mon 01 Mar 00:40"]
        assert "Mon 08 Mar 22:40" in starts, "eight days after the opening, and until the next midnight"
        assert "Tue 09 Mar 00:00" in starts
        assert starts[-1] == "Wed 31 Mar 23:00"

    def test_a_long_stretch_hangs_on_midnights_whatever_shorter_ones_there_are(self) -> None:
        agent = Agent(agent_id=AGENT, name="A")
        long = Interval(utc("2027-03-01T06:20"), utc("2027-03-10T18:00"))
        short = Interval(utc("2027-03-11T09:10"), utc("2027-03-11T17:00"))
        midnights = [utc("2027-03-01T06:20"), utc("2027-03-10"), utc("2027-03-10T18:00")]
        pieces = [Interval(*between) for between in pairwise(midnights)]
        assert list(slot_grid.grid_of(agent, [long, short])) == [*pieces, short]
        assert list(slot_grid.grid_of(agent, [short])) == [short]
        from_midnight = Interval(utc("2027-03-01"), utc("2027-03-10"))
        assert [piece.start for piece in slot_grid.grid_of(agent, [from_midnight])] == [
            utc("2027-03-01"),
            utc("2027-03-09"),
        ]


class TestWithoutRespectToHours:
    def free(self, zone: str, first: str, length: int, **more: Any) -> list[str]:
        there = works(timezone=zone)
        start = utc(first)
        return asked(there, start, start + minutes(length), zone, respect_working_hours=False, **more)

    def test_the_grid_hangs_on_the_start_of_the_agents_day(self) -> None:
        starts = self.free("Asia/Kathmandu", "2027-03-10T18:00", 180, duration_minutes=45)
        assert starts == ["Thu 11 Mar 00:00", "Thu 11 Mar 00:45", "Thu 11 Mar 01:30"]

    def test_without_a_timezone_it_is_that_of_the_first_window_and_else_utc(self) -> None:
        first, last = utc("2027-03-10T18:00"), utc("2027-03-10T19:30")
        windows = (window(MONDAY, "09:00", "10:00", "Asia/Kathmandu"), window(MONDAY, "09:00", "10:00"))
        shape = {"duration_minutes": 45, "respect_working_hours": False}
        assert asked(works(*windows), first, last, **shape) == ["Wed 10 Mar 18:15"]
        assert asked(works(), first, last, **shape) == ["Wed 10 Mar 18:00", "Wed 10 Mar 18:45"]

    @pytest.mark.parametrize(
        ("zone", "day", "hours"),
        [
            ("America/New_York", date(2027, 3, 14), 23),
            ("America/New_York", date(2027, 11, 7), 25),
            ("Australia/Lord_Howe", date(2027, 10, 3), 23.5),
            ("Australia/Lord_Howe", date(2027, 4, 4), 24.5),
            ("Africa/Cairo", date(2027, 4, 30), 23),  # has no midnight
            ("Asia/Beirut", date(2027, 10, 30), 25),  # 24:00 is 23:00 once more
        ],
    )
    def test_each_day_has_its_own_grid_however_long_it_is(self, zone: str, day: date, hours: float) -> None:
        place = ZoneInfo(zone)
        noon = datetime.combine(day, time(12), place).astimezone(UTC)
        there = works(timezone=zone)
        found = there.search(noon - DAY, 48 * 60, duration_minutes=50, respect_working_hours=False)
        starts = [datetime.fromtimestamp(start * 60, UTC) for start, _ in found.starts]
        of_day = [start for start in starts if start.astimezone(place).date() == day]
        before = [start for start in starts if start < of_day[0]]
        assert {later - start for start, later in pairwise(of_day)} == {minutes(50)}
        assert of_day[-1] - of_day[0] + minutes(50) >= timedelta(hours=hours) > of_day[-1] - of_day[0]
        assert (of_day[0] - minutes(1)).astimezone(place).date() == day - DAY, "from the first minute of the day"
        assert of_day[0] - before[-1] <= minutes(50)

    def test_a_date_that_a_zone_left_out_is_no_day(self) -> None:
        """Samoa went from 29 to 31 December 2011."""
        zone = ZoneInfo("Pacific/Apia")
        days = slot_grid.days_of(
            Agent(agent_id=AGENT, name="A", timezone=zone.key), Interval(utc("2011-12-29"), utc("2012-01-01"))
        )
        assert [f"{day.start.astimezone(zone):%d}" for day in days] == ["28", "29", "31", "01"]


class TestWhatIsExplained:
    def test_it_is_the_same_grid_and_between_stretches_that_of_the_days(self) -> None:
        there = works(window(MONDAY, "09:10", "11:00"))
        there.take(utc("2027-03-08T10:30"), 5, id="call-1")
        found = there.search(utc("2027-03-08T08:00"), 5 * 60, duration_minutes=30, step_minutes=40, explain=True)
        assert [f"{datetime.fromtimestamp(start * 60, UTC):%H:%M}" for start, _ in found.starts] == ["09:10", "09:50"]
        assert found.refused is not None
        assert [(f"{one.start:%H:%M}", one.rule, one.record_id) for one in found.refused] == [
            ("08:00", "outside_working_hours", None),
            ("08:40", "outside_working_hours", None),
            ("10:30", "slot_taken", "call-1"),
            ("11:20", "outside_working_hours", None),
            ("12:00", "outside_working_hours", None),
        ]

    def test_a_start_whose_meeting_outlasts_the_stretch_is_outside_working_hours(self) -> None:
        there = works(window(TUESDAY, "08:30", "11:45"))
        found = there.search(utc("2027-03-09T11:30"), 120, duration_minutes=60, explain=True)
        assert found.refused is not None
        assert [(f"{one.start:%H:%M}", one.rule) for one in found.refused] == [
            ("11:30", "outside_working_hours"),
            ("12:00", "outside_working_hours"),
        ]


ZONES = ("UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/London", "Africa/Cairo")
QUARTERS = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(0, 1440, 15)] + ["24:00"]
clocks = st.sampled_from(QUARTERS) | st.sampled_from(["00:00", "24:00", "08:40", "23:35"])
windows = st.builds(
    lambda weekday, ends, zone: window(weekday, min(ends), max(ends), zone),
    st.integers(0, 6),
    st.tuples(clocks, clocks).filter(lambda ends: ends[0] != ends[1]),
    st.sampled_from(ZONES),
)
whole_days = st.builds(
    lambda zone, first, days: [window((first + n) % 7, "00:00", "24:00", zone) for n in range(days)],
    st.sampled_from(ZONES),
    st.integers(0, 6),
    st.integers(1, 7),
)
hours = st.builds(
    lambda some, days: next(kept for kept in [(*days, *some), tuple(days), ()] if overlapping(kept) is None),
    st.lists(windows, max_size=6),
    whole_days | st.just([]),
)
MARCH = utc("2027-03-10")
"""The clocks of half of the zones change within the weeks around it."""
extras = st.builds(
    lambda first, days, ends, zone: ScheduleException(
        id=f"extra-{first}",
        kind=ExceptionKind.AVAILABLE_EXTRA,
        first=MARCH.date() + first * DAY,
        last=MARCH.date() + (first + days) * DAY,
        start=min(ends),
        end=max(ends),
        zone=zone,
    ),
    st.integers(-12, 20),
    st.integers(0, 12),
    st.tuples(clocks, clocks).filter(lambda ends: ends[0] != ends[1]),
    st.sampled_from(ZONES),
)
agents = st.builds(
    lambda hours, exceptions, timezone: Agent(
        agent_id=AGENT, name="A", working_hours=hours, exceptions=tuple(exceptions), timezone=timezone
    ),
    hours,
    st.lists(extras, max_size=2),
    st.none() | st.sampled_from(ZONES),
)
instants = st.integers(0, 21 * 1440).map(lambda minute: MARCH + minute * MINUTE)
ranges = st.tuples(instants, instants).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: (min(ends), max(ends)))
taken = st.lists(st.tuples(instants, st.sampled_from([5, 40, 600])), max_size=4)
shapes = st.fixed_dictionaries(
    {
        "duration_minutes": st.sampled_from([5, 30, 50, 90, 480]),
        "step_minutes": st.sampled_from([None, 7, 15, 45, 1440]),
        "buffer_before_minutes": st.sampled_from([0, 10, 240]),
        "buffer_after_minutes": st.sampled_from([0, 15]),
    }
)


def directory(agent: Agent, busy: Sequence[tuple[datetime, int]]) -> Directory:
    there = Directory(agent, horizon_days=3650)
    for number, (start, length) in enumerate(busy):
        there.take(start, length, id=f"claim-{number}")
    return there


def starts_of(there: Directory, first: datetime, last: datetime, **more: Any) -> set[datetime]:
    found = there.search(first, (last - first) / MINUTE, **more)
    return {datetime.fromtimestamp(start * 60, UTC) for start, _ in found.starts}


@tried(300)
@given(agents, taken, ranges, ranges, shapes, st.booleans())
def test_two_ranges_that_overlap_offer_the_same_starts_in_the_overlap(
    agent: Agent,
    busy: list[tuple[datetime, int]],
    one: tuple[datetime, datetime],
    other: tuple[datetime, datetime],
    shape: dict[str, int],
    bound: bool,
) -> None:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    there = directory(agent, busy)
    of_one, of_other = (starts_of(there, *ends, respect_working_hours=bound, **shape) for ends in (one, other))
    length = minutes(shape["duration_minutes"])
    overlap = {start for start in of_one | of_other if first <= start and start + length <= last}
    assert overlap == of_one & of_other
    if first < last:
        assert overlap == starts_of(there, first, last, respect_working_hours=bound, **shape)


@tried(300)
@given(agents, ranges, shapes)
def test_without_claims_the_starts_are_each_opening_and_every_step_after_it(
    agent: Agent, span: tuple[datetime, datetime], shape: dict[str, int]
) -> None:
    """For stretches that a week with a gap can have, found by reading weeks more than anybody would."""
    found = starts_of(directory(agent, ()), *span, **shape)
    length, step = minutes(shape["duration_minutes"]), minutes(shape["step_minutes"] or shape["duration_minutes"])
    wide = Interval(span[0], span[1]).widened(30 * DAY, 30 * DAY)
    for stretch in worked_time(agent.working_hours, extra_time(agent.exceptions, wide), wide):
        if stretch.length > slot_grid.LONGEST_STRETCH:
            continue
        expected = set()
        start = stretch.start
        while start + length <= stretch.end:
            if span[0] <= start and start + length <= span[1]:
                expected.add(start)
            start += step
        assert {start for start in found if stretch.start <= start < stretch.end} == expected


@tried(200)
@given(agents, taken, shapes)
def test_every_stretch_as_long_as_a_slot_offers_its_opening_if_that_is_free(
    agent: Agent, busy: list[tuple[datetime, int]], shape: dict[str, int]
) -> None:
    span = Interval(MARCH, MARCH + 21 * DAY)
    there = directory(agent, busy)
    found = starts_of(there, span.start, span.end, **shape)
    length, before, after = (
        minutes(shape[f"{name}_minutes"]) for name in ("duration", "buffer_before", "buffer_after")
    )
    for stretch in agent.worked(span.widened(30 * DAY, 30 * DAY)):
        meeting = Interval.starting(stretch.start, length)
        if length <= stretch.length and span.contains(meeting):
            wanted = Claim(id="", kind=ClaimKind.CALL, meeting=meeting, before=before, after=after)
            claims = (claim for day in there.store.days.values() for claim in day.claims)
            assert (stretch.start in found) == (not any(map(wanted.collides, claims)))


@tried(200)
@given(agents, taken, ranges, shapes)
def test_what_is_offered_is_worked_and_collides_with_nothing_and_what_is_not_is_explained(
    agent: Agent, busy: list[tuple[datetime, int]], span: tuple[datetime, datetime], shape: dict[str, int]
) -> None:
    last = min(span[1], span[0] + 3 * DAY)
    there = directory(agent, busy)
    found = there.search(span[0], (last - span[0]) / MINUTE, explain=True, **shape)
    offered = {datetime.fromtimestamp(start * 60, UTC) for start, _ in found.starts}
    assert found.refused is not None
    assert offered.isdisjoint(one.start for one in found.refused)
    assert {one.rule for one in found.refused} <= {"outside_working_hours", "slot_taken"}
    for start in offered:
        assert agent.works_all_of(Interval.starting(start, minutes(shape["duration_minutes"])))
    for one in found.refused:
        worked = agent.works_all_of(Interval.starting(one.start, minutes(shape["duration_minutes"])))
        assert worked or one.rule in ("outside_working_hours", "slot_taken")
        assert not worked or one.rule == "slot_taken"
