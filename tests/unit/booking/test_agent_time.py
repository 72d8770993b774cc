"""Exceptions and do-not-disturb windows as time, and what blocking that time writes to an agent's days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.agent_days import AgentDay, AgentDays
from slotline.domain.booking.agent_time import (
    LONGEST_EXCEPTION_DAYS,
    DoNotDisturbWindow,
    ExceptionKind,
    ScheduleException,
    extra_time,
)
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.assignment import starting_turns
from slotline.domain.booking.blocks import LISTED_CALLS, affected, block, span_of, unblock
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.intervals import DAY, MINUTE, Interval
from slotline.domain.shared.plain_json import plain

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
MONDAY = date(2026, 5, 4)
ZONES = ("UTC", "America/Bogota", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/Santiago")


def an_exception(**changes) -> ScheduleException:
    fields = {"id": "e", "kind": ExceptionKind.BLOCKED, "first": MONDAY, "last": MONDAY, "zone": "UTC"}
    return ScheduleException(**(fields | changes))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_call(call_id: str, start: datetime, minutes: int = 30, before: int = 0, after: int = 0) -> Claim:
    meeting = Interval.starting(start, minutes * MINUTE)
    return Claim(id=call_id, kind=ClaimKind.CALL, meeting=meeting, before=before * MINUTE, after=after * MINUTE)


def days_of(*claims: Claim) -> AgentDays:
    days = {day for claim in claims for day in claim.padded.utc_days()}
    return AgentDays(
        agent_id="agent-1",
        days={
            day: AgentDay(day=day, claims=tuple(claim for claim in claims if day in claim.padded.utc_days()))
            for day in days
        },
    )


class TestExceptions:
    def test_whole_dates_are_one_stretch(self):
        week = an_exception(last=MONDAY + 4 * DAY)
        assert week.intervals == (Interval(at("2026-05-04"), at("2026-05-09")),)
        assert [claim.id for claim in week.claims] == ["e.0"]

    def test_hours_are_a_stretch_a_date(self):
        week = an_exception(last=MONDAY + 4 * DAY, start="09:00", end="12:00")
        assert [interval.start.hour for interval in week.intervals] == [9] * 5
        assert len({claim.id for claim in week.claims}) == 5

    def test_extra_time_takes_nothing(self):
        extra = an_exception(kind=ExceptionKind.AVAILABLE_EXTRA)
        assert extra.claims == ()
        assert extra_time([extra, an_exception()], Interval(at("2026-05-04"), at("2026-05-05"))) == list(
            extra.intervals
        )
        assert extra_time([extra], Interval(at("2026-05-05"), at("2026-05-06"))) == []

    @pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
    def test_a_date_is_as_long_as_its_clocks_make_it(self, day, hours):
        whole = an_exception(first=day, last=day, zone="Europe/Berlin")
        assert [interval.length for interval in whole.intervals] == [timedelta(hours=hours)]

    def test_a_date_that_a_zone_skipped_has_no_time(self):
        with pytest.raises(InvalidRequest, match="jump over"):
            an_exception(first=date(2011, 12, 30), last=date(2011, 12, 30), zone="Pacific/Apia").check()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"last": MONDAY - DAY}, "dateTo"),
            ({"last": MONDAY + LONGEST_EXCEPTION_DAYS * DAY}, "dateTo"),
            ({"start": "12:00", "end": "12:00"}, "exception.end"),
            ({"start": "9:00"}, "exception.start"),
            ({"zone": "Nowhere"}, "exception.zone"),
        ],
    )
    def test_what_is_no_stretch_of_time_is_refused(self, changes, field):
        with pytest.raises(InvalidRequest) as refused:
            an_exception(**changes).check()
        assert refused.value.details[0].field == field

    def test_the_longest_is_a_leap_year(self):
        year = an_exception(first=date(2027, 3, 1), last=date(2028, 2, 29))
        year.check()
        assert len(block("agent-1", year.claims)) == 366

    @given(
        first=st.dates(date(2024, 1, 1), date(2030, 1, 1)),
        length=st.integers(0, 20),
        ends=st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True).map(sorted),
        zone=st.sampled_from(ZONES),
        minutes=st.lists(st.integers(-2000, 33_000), min_size=20, max_size=20),
    )
    def test_an_instant_is_in_it_where_the_clocks_say_so(self, first, length, ends, zone, minutes):
        """The oracle asks the zone's clocks; only the hour that clocks show twice is left to the first reading."""
        start, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in ends)
        exception = an_exception(first=first, last=first + length * DAY, start=start, end=end, zone=zone)
        midnight = datetime(first.year, first.month, first.day, tzinfo=UTC)
        for instant in (midnight + minute * MINUTE for minute in minutes):
            wall = instant.astimezone(ZoneInfo(zone))
            shifts = {(wall + shift * MINUTE).utcoffset() for shift in (-1500, 0, 1500)}
            if len(shifts) > 1:
                continue
            inside = first <= wall.date() <= exception.last and start <= f"{wall:%H:%M}" < end
            assert any(interval.start <= instant < interval.end for interval in exception.intervals) == inside


class TestDoNotDisturb:
    @pytest.mark.parametrize(
        ("start", "end", "code"),
        [
            ("2026-05-04T10:00", "2026-06-04T10:01", "too_long"),
            ("2026-04-22T10:00", "2026-04-22T12:00", "past"),
            ("2026-05-04T10:00:30", "2026-05-04T11:00", "whole_minute"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, start, end, code):
        with pytest.raises(InvalidRequest) as refused:
            DoNotDisturbWindow(id="w", interval=Interval(at(start), at(end))).check(NOW)
        assert refused.value.details[0].code == code

    def test_one_that_has_begun_may_be_kept(self):
        DoNotDisturbWindow(id="w", interval=Interval(at("2026-04-22T10:00"), at("2026-04-22T12:01"))).check(NOW)


class TestBlocks:
    def test_a_day_is_written_once_however_many_ends_fall_on_it(self):
        nights = an_exception(last=MONDAY + DAY, start="01:00", end="23:00", zone="America/Bogota")
        days = block("agent-1", nights.claims)
        assert [(day.day.day, [claim.id for claim in day.claims]) for day in days] == [
            (4, ["e.0"]),
            (5, ["e.0", "e.1"]),
            (6, ["e.1"]),
        ]
        assert days[1].hours == (0, 1, 2, 3, *range(6, 24))

    def test_what_was_blocked_is_what_is_given_back(self):
        week = an_exception(last=MONDAY + 4 * DAY, start="20:00", end="24:00", zone="America/Bogota")
        blocked, freed = block("agent-1", week.claims), unblock("agent-1", week.claims)
        assert [(day.day, {claim.id for claim in day.claims}) for day in blocked] == [
            (day.day, set(day.drop)) for day in freed
        ]
        assert all(not day.guards and day.put is None for day in freed)

    @given(
        before=st.integers(0, 90), after=st.integers(0, 90), length=st.integers(1, 120), start=st.integers(-300, 300)
    )
    def test_it_affects_a_call_where_their_times_meet(self, before, after, length, start):
        window = DoNotDisturbWindow(id="w", interval=Interval(at("2026-05-04T23:00"), at("2026-05-05T01:00")))
        call = a_call("c", at("2026-05-05") + start * MINUTE, length, before, after)
        blocked = {at("2026-05-04T23:00") + n * MINUTE for n in range(120)}
        taken = {call.padded.start + n * MINUTE for n in range(before + length + after)}
        found = affected(days_of(call, window.claim), [window.claim], NOW)
        assert found.count == (1 if blocked & taken else 0)

    def test_holds_and_other_blocks_are_not_calls(self):
        hold = Claim(id="h", kind=ClaimKind.HOLD, meeting=Interval(at("2026-05-04T10:00"), at("2026-05-04T11:00")))
        claims = an_exception().claims
        assert affected(days_of(hold, *claims), claims, NOW).count == 0

    def test_a_call_that_is_over_is_not_affected(self):
        claims = an_exception(first=date(2026, 4, 20), last=MONDAY).claims
        agent_days = days_of(a_call("over", at("2026-04-22T11:30")), a_call("now", at("2026-04-22T11:31")), *claims)
        assert [call.id for call in affected(agent_days, claims, NOW).calls] == ["now"]

    def test_a_call_over_midnight_is_counted_once_and_all_are_in_order(self):
        claims = an_exception(last=MONDAY + 4 * DAY).claims
        late, early = a_call("late", at("2026-05-05T23:45")), a_call("early", at("2026-05-04T00:00"))
        found = affected(days_of(late, early, *claims), claims, NOW)
        assert (found.count, [call.id for call in found.calls]) == (2, ["early", "late"])

    def test_more_calls_are_counted_than_named(self):
        claims = an_exception(last=MONDAY + 99 * DAY).claims
        calls = [a_call(f"c{n}", at("2026-05-04") + n * 60 * MINUTE) for n in range(LISTED_CALLS + 20)]
        found = affected(days_of(*calls, *claims), claims, NOW)
        assert (found.count, len(found.calls), len(found.shown.calls)) == (
            LISTED_CALLS + 20,
            LISTED_CALLS + 20,
            LISTED_CALLS,
        )

    def test_the_span_is_from_the_first_to_the_last(self):
        week = an_exception(last=MONDAY + 4 * DAY, start="09:00", end="12:00")
        assert span_of(week.claims) == Interval(at("2026-05-04T09:00"), at("2026-05-08T12:00"))


def test_a_newcomer_starts_at_the_least_share_rounded_down():
    agents = [
        Agent(agent_id="a", name="A", weight=2, turns=9),
        Agent(agent_id="b", name="B", weight=1, turns=5),
        Agent(agent_id="c", name="C", weight=1, turns=0, active=False),
    ]
    assert [starting_turns(agents, weight) for weight in (1, 2, 3)] == [4, 9, 13]
    assert starting_turns([], 5) == 0


def test_a_snapshot_is_plain_json():
    exception = an_exception(label="Leave")
    assert plain(exception) == {
        "id": "e",
        "kind": "blocked",
        "first": "2026-05-04",
        "last": "2026-05-04",
        "zone": "UTC",
        "start": "00:00",
        "end": "24:00",
        "label": "Leave",
        "state": "applied",
    }
    assert plain({"at": NOW, "all": (1, None)}) == {"at": "2026-04-22T12:00:00.000Z", "all": [1, None]}
