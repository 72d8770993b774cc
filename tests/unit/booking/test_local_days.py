"""The calendar day of an agent, and how many calls it takes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline import zone_rules
from slotline.domain.booking.agent_days import AgentDay, AgentDays, move, release
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.local_days import DayCap, utc_days_around
from slotline.domain.shared.errors import AgentDayFull, SlotTaken
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.working_hours import Window
from tests.support.builders.bookings import an_agent
from tests.support.properties import tried

BOGOTA = DayCap(3, "America/Bogota")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MAY_4 = date(2026, 5, 4)
MIDNIGHT = datetime(2026, 5, 4, 5, tzinfo=UTC)
"""Of 4 May in Bogota."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
zones = st.sampled_from(sorted(zone_rules.names() - {"Factory", "localtime"}))
instants = st.integers(0, 11 * 365 * 24 * 4).map(
    lambda quarters: datetime(2026, 1, 1, tzinfo=UTC) + quarters * HOUR / 4
)


def a_claim(start: datetime, claim_id: str = "wanted", **changes: object) -> Claim:
    claim = Claim(id=claim_id, kind=ClaimKind.CALL, meeting=Interval.starting(start, timedelta(minutes=30)))
    return replace(claim, **changes)  # type: ignore[arg-type]


def minute_of(instant: datetime) -> int:
    """In minutes since 1970."""
    return int((instant - datetime(1970, 1, 1, tzinfo=UTC)) / MINUTE)


def agent_days(claims: Iterable[Claim] = (), cap: DayCap | None = BOGOTA, **of_first: object) -> AgentDays:
    there = list(claims)
    days = {
        day: AgentDay(day=day, claims=tuple(claim for claim in there if day in claim.padded.utc_days()))
        for day in (MAY_4 + number * DAY for number in range(-1, 4))
    }
    days[MAY_4] = replace(days[MAY_4], **of_first)  # type: ignore[arg-type]
    return AgentDays(agent_id="agent-1", days=days, cap=cap)


@tried(300)
@given(zones, instants)
def test_a_local_day_begins_where_its_date_does_and_lies_within_a_utc_day_of_each_of_its_instants(
    zone: str, instant: datetime
) -> None:
    cap = DayCap(1, zone)
    day = cap.date_of(instant)
    span = cap.span_of(day)
    assert day == instant.astimezone(ZoneInfo(zone)).date()
    assert span.start <= instant < span.end
    assert cap.date_of(span.start) == day == cap.date_of(span.end - timedelta(microseconds=1))
    assert cap.date_of(span.start - timedelta(microseconds=1)) < day < cap.date_of(span.end)
    around = Interval.starting(instant, timedelta(minutes=30))
    assert day in set(span.utc_days()), "the row of its date is one of its days"
    assert cap.utc_days(around) <= set(utc_days_around(around)), "what is read before the zone is known is enough"


def test_a_stretch_of_time_touches_the_local_days_from_its_start_to_the_moment_before_its_end() -> None:
    assert BOGOTA.local_days(Interval(MIDNIGHT, MIDNIGHT + DAY)) == (MAY_4,)
    wider = Interval(MIDNIGHT - MINUTE, MIDNIGHT + DAY + MINUTE)
    assert BOGOTA.local_days(wider) == (date(2026, 5, 3), MAY_4, date(2026, 5, 5))
    assert BOGOTA.utc_days(Interval(MIDNIGHT, MIDNIGHT + HOUR)) == {MAY_4, date(2026, 5, 5)}


def test_a_day_is_full_as_a_whole_once_as_many_calls_start_on_it_as_fit() -> None:
    day = (MIDNIGHT, MIDNIGHT + DAY - MINUTE)
    others = (MIDNIGHT - MINUTE, MIDNIGHT + DAY)  # of the days before and after
    around = Interval(MIDNIGHT - DAY, MIDNIGHT + 2 * DAY)
    span = (minute_of(MIDNIGHT), minute_of(MIDNIGHT + DAY))
    two, three = DayCap(2, "America/Bogota"), DayCap(3, "America/Bogota")
    starts = [minute_of(at) for at in (*others, *reversed(day))]
    assert two.full_spans(starts, around) == [span]
    assert three.full_spans(starts, around) == []
    assert two.full_spans([*starts, minute_of(MIDNIGHT + HOUR)], around) == [span], "also above what fits"
    assert two.full_spans(starts, Interval(MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)) == [], "nobody asked for that day"


def test_an_agents_day_is_of_their_zone_else_of_their_first_window_else_of_utc() -> None:
    hours = tuple(
        Window(weekday=day, start="09:00", end="17:00", zone=zone) for day, zone in enumerate(["Asia/Tokyo", "UTC"])
    )
    assert an_agent(max_calls_per_day=3).day_cap == DayCap(3, "UTC")
    assert an_agent(max_calls_per_day=3, working_hours=hours).day_cap == DayCap(3, "Asia/Tokyo")
    both = an_agent(max_calls_per_day=3, working_hours=hours, timezone="America/Bogota")
    assert both.day_cap == BOGOTA
    assert an_agent(working_hours=hours, timezone="America/Bogota").day_cap is None


def test_calls_and_live_holds_count_on_the_local_day_across_the_utc_midnight_inside_it() -> None:
    evening = [a_claim(MIDNIGHT + hours * HOUR, f"call-{hours}") for hours in (2, 23)]  # the second on 5 May UTC
    hold = a_claim(MIDNIGHT + 12 * HOUR, "hold", kind=ClaimKind.HOLD, expires_at=NOW + HOUR)
    there = agent_days([*evening, hold])
    wanted = a_claim(MIDNIGHT + 20 * HOUR)
    with pytest.raises(AgentDayFull):
        there.check_free(wanted, NOW)
    there.check_free(wanted, NOW, spending="hold")
    there.check_free(wanted, NOW + HOUR)  # the hold is over
    there.check_free(a_claim(MIDNIGHT + 24 * HOUR), NOW)  # the next local day
    agent_days([*evening, hold], cap=None).check_free(wanted, NOW)


def test_blocks_and_do_not_disturb_windows_do_not_count() -> None:
    blocks = [a_claim(MIDNIGHT + hours * HOUR, f"b-{hours}", kind=ClaimKind.BLOCKED) for hours in (2, 4, 6)]
    agent_days(blocks).check_free(a_claim(MIDNIGHT + 8 * HOUR), NOW)


def test_a_claim_counts_on_the_day_it_starts_on_whatever_its_buffers_reach() -> None:
    over_midnight = [a_claim(MIDNIGHT + 23.75 * HOUR, "late"), a_claim(MIDNIGHT - 0.25 * HOUR, "before")]
    there = agent_days(over_midnight, DayCap(1, "America/Bogota"))
    assert there.is_full_for(a_claim(MIDNIGHT + 8 * HOUR), NOW)
    assert not there.is_full_for(a_claim(MIDNIGHT + 30 * HOUR), NOW)


def test_calls_that_took_place_or_were_missed_still_count_on_their_day() -> None:
    over = {f"over-{n}": MIDNIGHT + n * HOUR for n in range(3)}
    assert agent_days(ended=over).is_full_for(a_claim(MIDNIGHT + 8 * HOUR), NOW)
    call = a_claim(MIDNIGHT + 18.75 * HOUR)  # over the UTC midnight
    assert [change.ended for change in release("agent-1", call, is_over=True)] == [(call.id, call.meeting.start), None]
    assert [change.ended for change in release("agent-1", call)] == [None, None]


def test_what_collides_is_said_before_a_full_day_is() -> None:
    there = agent_days([a_claim(MIDNIGHT + 2 * HOUR, "other")], DayCap(1, "America/Bogota"))
    with pytest.raises(SlotTaken):
        there.check_free(a_claim(MIDNIGHT + 2 * HOUR), NOW)


def test_a_call_that_moves_within_its_local_day_is_not_counted_again_though_the_cap_was_lowered_since() -> None:
    calls = [a_claim(MIDNIGHT + hours * HOUR, f"call-{hours}") for hours in (2, 4, 6)]
    there = agent_days(calls, DayCap(1, "America/Bogota"))
    moved = a_claim(MIDNIGHT + 20 * HOUR, "call-2")
    there.check_free(moved, NOW)
    assert all(change.local_guard_at_most is None for change in there.take(moved, NOW))
    with pytest.raises(AgentDayFull):
        agent_days(calls[1:], DayCap(1, "America/Bogota")).check_free(moved, NOW)


def test_the_guard_of_the_local_day_may_have_moved_by_as_many_as_still_fit() -> None:
    there = agent_days([a_claim(MIDNIGHT + 2 * HOUR, "other")], local_guard=7)
    (change,) = there.take(a_claim(MIDNIGHT + 8 * HOUR), NOW)
    assert (change.day, change.local_guard_at_most, change.put is not None) == (MAY_4, 8, True)


def test_a_claim_on_another_utc_day_than_its_date_writes_the_row_of_its_date_too() -> None:
    claim = a_claim(MIDNIGHT + 20 * HOUR)  # 1:00 of 5 May UTC
    put, guard = agent_days().take(claim, NOW)
    assert (put.day, put.put, put.local_guard_at_most) == (date(2026, 5, 5), claim, None)
    assert (guard.day, guard.put, dict(guard.guards), guard.local_guard_at_most) == (MAY_4, None, {}, 2)


def test_a_move_to_the_next_local_day_frees_the_old_time_and_moves_the_guard_in_one_write_a_row() -> None:
    old, new = a_claim(MIDNIGHT + 20 * HOUR), a_claim(MIDNIGHT + 44 * HOUR)  # 5 and 6 May UTC; 4 and 5 May in Bogota
    changes = move(release("agent-1", old), agent_days([old]).take(new, NOW))
    assert [
        (change.day.day, change.put is not None, change.drop, change.local_guard_at_most) for change in changes
    ] == [
        (6, True, (), None),
        (5, False, ("wanted",), 2),
    ]


@tried(100)
@given(st.lists(st.integers(0, 47), min_size=1, max_size=12, unique=True), st.integers(1, 4), st.data())
def test_bookings_that_decide_on_old_readings_never_fill_a_day_beyond_its_cap(
    halves: list[int], most: int, data: st.DataObject
) -> None:
    """Each decides on some earlier state; its write goes through as long as its guards allow."""
    states = [agent_days(cap=DayCap(most, "America/Bogota"))]
    refused = 0
    for number, half in enumerate(halves):
        wanted = a_claim(MIDNIGHT + half * HOUR / 2, f"call-{number}")
        seen = states[data.draw(st.integers(0, len(states) - 1))]
        now = states[-1]
        if seen.is_full_for(wanted, NOW):
            refused += 1
            assert now.is_full_for(wanted, NOW)
            continue
        changes = seen.take(wanted, NOW)
        lost = any(
            change.local_guard_at_most is not None and now.days[change.day].local_guard > change.local_guard_at_most
            for change in changes
        )
        if lost:
            assert now.is_full_for(wanted, NOW), "who loses finds the day full"
            continue
        days = dict(now.days)
        for change in changes:
            day = days[change.day]
            claims = (*day.claims, change.put) if change.put else day.claims
            moved = day.local_guard + (change.local_guard_at_most is not None)
            days[change.day] = replace(day, claims=claims, local_guard=moved)
        states.append(replace(now, days=days))
    assert len(states[-1].claims) == min(most, len(halves))
