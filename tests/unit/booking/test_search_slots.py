"""Searching free slots: what is asked, what stands in for what was not, and why a start is not offered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.agent_time import ExceptionKind, ScheduleException
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.booking.requests import check_start
from slotline.domain.shared.errors import AppNotFound, Forbidden, InvalidRequest, NotFound
from slotline.usecases.booking.search_slots import MOST_EXPLAINED
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, APP_ID, an_app, minutes
from tests.support.builders.directories import NINE, OFFICE, Directory, shown
from tests.support.properties import tried


def test_what_is_not_said_comes_from_the_preset_and_the_step_from_the_duration() -> None:
    there = Directory(duration_minutes=120, buffer_before_minutes=30, buffer_after_minutes=15)
    assert there.starts() == ["09:00", "11:00", "13:00", "15:00"]
    assert there.starts(buffer_before_minutes=0, buffer_after_minutes=0) == ["09:00", "11:00", "13:00", "15:00"]
    assert there.starts(length=240, duration_minutes=60, step_minutes=30, buffer_before_minutes=0) == [
        *("09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00"),
    ]
    there.take(NINE + minutes(130), 5)
    assert there.starts() == ["13:00", "15:00"], "the call is in the buffer after the first and in the second meeting"


def test_slots_come_by_start_and_then_by_agent_and_first_stops_after_so_many() -> None:
    there = Directory(*(Agent(agent_id=name, name="A", working_hours=OFFICE) for name in ("agent-2", AGENT)))
    found = there.search(length=90)
    assert found.agent_ids == [AGENT, "agent-2"]
    assert [place for _, place in found.starts] == [0, 1] * 3
    assert [(start - found.starts[0][0], place) for start, place in there.search(first=3).starts] == [
        (0, 0),
        (0, 1),
        (30, 0),
    ]


def test_one_agent_may_be_asked_for_and_must_be_there() -> None:
    gone = Agent(agent_id="gone", name="G", working_hours=OFFICE, active=False)
    there = Directory(*(Agent(agent_id=name, name="A", working_hours=OFFICE) for name in (AGENT, "agent-2")), gone)
    assert there.search(agent_id="agent-2").agent_ids == ["agent-2"]
    assert there.search().agent_ids == [AGENT, "agent-2"]
    for nobody in ("gone", "nobody"):
        with pytest.raises(NotFound):
            there.search(agent_id=nobody)


def test_without_working_hours_an_agent_is_offered_only_where_hours_do_not_bind() -> None:
    there = Directory(Agent(agent_id=AGENT, name="A"))
    assert there.starts() == []
    assert there.starts(length=60, respect_working_hours=False) == ["09:00", "09:30"]


def test_extra_time_adds_and_blocked_time_beats_it() -> None:
    sunday = date(2026, 5, 3)
    hours = {"start": "10:00", "end": "11:30", "zone": "UTC"}
    extra = ScheduleException(id="extra", kind=ExceptionKind.AVAILABLE_EXTRA, first=sunday, last=sunday, **hours)
    there = Directory(Agent(agent_id=AGENT, name="A", working_hours=OFFICE, exceptions=(extra,)))
    start = datetime(2026, 5, 3, 9, tzinfo=UTC)
    assert there.starts(start) == ["10:00", "10:30", "11:00"]
    there.take(start + minutes(90), 30, kind=ClaimKind.BLOCKED, id="blocked.0")
    assert there.starts(start) == ["10:00", "11:00"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"length": 0}, "toUtc"),
        ({"length": -60}, "toUtc"),
        ({"length": 92 * 1440 + 1 / 60}, "toUtc"),
    ],
)
def test_a_span_goes_forward_and_is_at_most_92_days(change: dict[str, Any], error: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Directory().search(**change)
    assert refused.value.details[0].field == error


def test_exactly_92_days_may_be_searched() -> None:
    assert Directory().search(length=92 * 1440)


def test_an_app_that_is_gone_or_switched_off() -> None:
    there = Directory()
    with pytest.raises(AppNotFound):
        there.search(app_id="gone")
    there.store.apps[APP_ID] = an_app(APP_ID, scheduling_enabled=False)
    with pytest.raises(Forbidden):
        there.search()


@tried(60)
@given(
    st.integers(0, 60_000_000).map(lambda us: NOW + timedelta(microseconds=us)),
    st.sampled_from([0, 1, 7, 60]),
    st.integers(-90, 60),
    st.integers(0, 59),
    st.integers(1, 45),
)
def test_the_first_and_the_last_start_offered_are_those_that_a_booking_may_have(
    now: datetime, notice: int, begin: int, seconds: int, step: int
) -> None:
    """Past, notice and horizon bind a search as they bind a booking, at any moment of a minute."""
    agent = Agent(agent_id=AGENT, name="A")
    there = Directory(agent, minimum_notice_minutes=notice, horizon_days=1)
    there.clock.instant = now
    start = NOW + timedelta(minutes=begin, seconds=seconds)
    wanted = {"step_minutes": step, "duration_minutes": 5, "respect_working_hours": False}
    found = there.search(start, 27 * 60, **wanted, explain=True)
    assert found.refused is not None
    offered = {datetime.fromtimestamp(minute * 60, UTC) for minute, _ in found.starts}
    grid = datetime(2026, 4, 22, tzinfo=UTC)  # the day of the span's start, of which the grid hangs
    while grid < start:
        grid += minutes(step)
    while grid + minutes(5) <= start + timedelta(hours=27):
        try:
            check_start(grid, there.app.preset, now)
            rule = None
        except InvalidRequest as refused:
            rule = refused.details[0].code
        assert (grid in offered) == (rule is None), (grid, rule)
        assert [one.rule for one in found.refused if one.start == grid] == ([rule] if rule else [])
        midnight = datetime.combine(grid.date() + timedelta(days=1), datetime.min.time(), UTC)
        grid = min(grid + minutes(step), midnight)


def test_a_search_explains_each_start_it_does_not_offer_by_the_rule_and_the_record() -> None:
    there = Directory(minimum_notice_minutes=0, horizon_days=730)
    there.take(NINE + minutes(30), 30, id="call-1")
    there.take(NINE + minutes(60), 30, id="hold-1", kind=ClaimKind.HOLD, expires_at=NOW + minutes(5))
    there.take(NINE + minutes(90), 30, id="dnd-1", kind=ClaimKind.DO_NOT_DISTURB)
    there.take(NINE + minutes(120), 30, id="blocked-1.3", kind=ClaimKind.BLOCKED)
    there.take(NINE + minutes(150), 30, id="hold-2", kind=ClaimKind.HOLD, expires_at=NOW)
    found = there.search(NINE - minutes(30), 240, explain=True)
    assert shown(found) == ["09:00", "11:30", "12:00"]
    assert found.refused is not None
    assert [(f"{one.start:%H:%M}", one.agent_id, one.rule, one.record_id) for one in found.refused] == [
        ("08:30", AGENT, "outside_working_hours", None),
        ("09:30", AGENT, "slot_taken", "call-1"),
        ("10:00", AGENT, "slot_taken", "hold-1"),
        ("10:30", AGENT, "dnd", "dnd-1"),
        ("11:00", AGENT, "blocked", "blocked-1"),
    ]


def test_nothing_is_explained_where_nobody_asked() -> None:
    assert Directory().search().refused is None


def test_an_explanation_has_a_bound() -> None:
    there = Directory()
    with pytest.raises(InvalidRequest) as refused:
        there.search(length=(MOST_EXPLAINED + 30) * 1.0, step_minutes=1, explain=True)
    assert (refused.value.details[0].field, refused.value.details[0].code) == ("explain", "too_many")
    assert there.search(length=MOST_EXPLAINED + 29, step_minutes=1, explain=True)


def test_a_claim_far_outside_the_span_whose_buffer_reaches_into_it_is_seen() -> None:
    there = Directory()
    there.take(NINE - minutes(240 + 30), 30, after=minutes(240))
    there.take(NINE + minutes(120 + 239), 30, before=minutes(240))
    assert there.starts(length=120) == ["09:00", "09:30", "10:00"]
