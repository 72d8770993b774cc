"""What time does to a call, and when."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.calls import FINAL, AssignmentMethod, Call, CallStatus
from slotline.domain.booking.lifecycle import is_missed, is_over, is_to_be_handed_over, next_step_at
from slotline.usecases.booking.advance_call import advance
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import APP_ID, TOMORROW, a_call, an_agent, an_app, minutes
from tests.support.memory.store import MemoryStore
from tests.support.properties import tried

OPEN = [CallStatus.SCHEDULED, CallStatus.PENDING_CONFIRMATION, CallStatus.CONFIRMED]
INSTANT = timedelta(microseconds=1)


def a_pool_call(**changes: Any) -> Call:
    """A call that nobody of the pool has claimed."""
    return a_call(
        **{
            "assignment_method": AssignmentMethod.POOL,
            "assigned_agent_id": None,
            "held_agent_id": "agent-2",
            **changes,
        }
    )


def a_team(*agents: Agent) -> MemoryStore:
    """Bookings of an app that has these agents."""
    store = MemoryStore(SetClock())
    store.agents.update({(APP_ID, agent.agent_id): agent for agent in agents})
    return store


TEAM = a_team(an_agent("agent-2"))


def nobody_came(_call_id: str, _now: datetime) -> str:
    """What the room knows of a call that nobody joined."""
    return "both"


def after(call: Call, now: datetime) -> Call:
    """What time makes of the call then, with what every change writes."""
    change = advance(TEAM, call, an_app(), now, nobody_came)
    return replace(change.call, updated_at=now) if change else call


@pytest.mark.parametrize("status", OPEN)
def test_a_call_that_nobody_joined_is_missed_when_its_grace_is_over(status: CallStatus) -> None:
    call = a_call(status=status, no_show_grace_minutes=20)
    over = TOMORROW + minutes(20)
    assert next_step_at(call) == over
    assert not is_missed(call, over - INSTANT)
    assert is_missed(call, over)
    assert after(call, over).status is CallStatus.NO_SHOW


def test_the_grace_is_the_presets_when_the_call_was_booked() -> None:
    assert next_step_at(a_call(no_show_grace_minutes=1)) == TOMORROW + minutes(1)


def test_a_started_call_is_over_with_the_buffer_that_follows_it() -> None:
    call = a_call(status=CallStatus.STARTED, duration_minutes=45, buffer_before_minutes=30, buffer_after_minutes=10)
    end = TOMORROW + minutes(55)
    assert next_step_at(call) == end
    assert not is_over(call, end - INSTANT)
    assert not is_missed(call, end)
    assert after(call, end).status is CallStatus.COMPLETED


def test_a_call_of_the_pool_goes_to_the_agent_held_for_it_a_quarter_of_an_hour_before() -> None:
    call = a_pool_call()
    soon = TOMORROW - minutes(15)
    assert next_step_at(call) == soon
    assert not is_to_be_handed_over(call, soon - INSTANT)
    handed = after(call, soon)
    assert (handed.assigned_agent_id, handed.held_agent_id) == ("agent-2", None)
    assert next_step_at(handed) == TOMORROW + minutes(15)


def test_a_call_of_the_pool_that_was_claimed_is_handed_to_nobody() -> None:
    claimed = a_pool_call(assigned_agent_id="agent-1", held_agent_id=None)
    assert next_step_at(claimed) == TOMORROW + minutes(15)
    assert not is_to_be_handed_over(claimed, TOMORROW)


def test_a_call_of_the_pool_that_was_overlooked_until_nobody_came_is_missed() -> None:
    assert after(a_pool_call(), TOMORROW + minutes(15)).status is CallStatus.NO_SHOW


def test_a_call_of_the_pool_booked_at_the_last_minute_is_handed_over_at_once() -> None:
    booked = TOMORROW - minutes(5)
    call = a_pool_call(created_at=booked, updated_at=booked)
    assert next_step_at(call) == booked
    assert is_to_be_handed_over(call, booked)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_nothing_happens_to_a_call_that_is_over(status: CallStatus) -> None:
    for call in (a_call(status=status), a_pool_call(status=status)):
        assert next_step_at(call) is None
        assert advance(TEAM, call, an_app(), TOMORROW + timedelta(days=1), nobody_came) is None


def test_a_step_that_was_overdue_at_a_change_is_due_at_that_change() -> None:
    """A row that is due in the past could lie behind the sweep's watermark for ever."""
    late = TOMORROW + minutes(40)
    assert next_step_at(a_call(updated_at=late)) == late


calls = st.builds(
    a_call,
    status=st.sampled_from(list(CallStatus)),
    assignment_method=st.sampled_from([AssignmentMethod.MANUAL, AssignmentMethod.POOL]),
    assigned_agent_id=st.sampled_from([None, "agent-1"]),
    held_agent_id=st.sampled_from([None, "agent-2"]),
    duration_minutes=st.sampled_from([5, 30, 480]),
    buffer_after_minutes=st.sampled_from([0, 240]),
    no_show_grace_minutes=st.sampled_from([1, 15, 240]),
    updated_at=st.integers(-60, 48 * 60).map(lambda late: NOW + minutes(late)),
)


@given(call=calls)
@tried(300)
def test_whatever_is_due_changes_the_call_and_three_steps_at_most_end_it(call: Call) -> None:
    """A step that changed nothing would stay due for ever, and wake the call again and again."""
    for _ in range(4):
        due = next_step_at(call)
        if due is None:
            break
        assert due >= call.updated_at
        assert advance(TEAM, call, an_app(), due, nobody_came) is not None
        call = after(call, due)
    assert call.is_final


@given(call=calls, early=st.integers(1, 3_000).map(minutes))
@tried(300)
def test_nothing_happens_before_its_time(call: Call, early: timedelta) -> None:
    due = next_step_at(replace(call, updated_at=NOW - timedelta(days=9)))
    if due is not None:
        assert advance(TEAM, call, an_app(), due - early, nobody_came) is None
