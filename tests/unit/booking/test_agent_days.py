"""The slot lock as a decision: what a claim writes, and on which guards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.agent_days import AgentDay, AgentDays, move, release
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.intervals import Interval
from tests.support.builders.strategies import MIDNIGHT, claims, minutes_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
FIRST = date(2026, 5, 1)


def a_claim(start: datetime = NOON, minutes: int = 30, claim_id: str = "wanted", **changes: object) -> Claim:
    made = Claim(id=claim_id, kind=ClaimKind.CALL, meeting=Interval.starting(start, timedelta(minutes=minutes)))
    return replace(made, **changes)  # type: ignore[arg-type]


def days_of(*days: AgentDay) -> AgentDays:
    return AgentDays(agent_id="agent-1", days={day.day: day for day in days})


def empty_days_of(claim: Claim) -> AgentDays:
    return days_of(*(AgentDay(day=day) for day in claim.padded.utc_days()))


@given(claims(), st.integers(0, 5))
def test_taking_touches_exactly_the_hours_of_the_padded_time(claim: Claim, guard: int) -> None:
    days = [AgentDay(day=day, guards=dict.fromkeys(range(24), guard)) for day in claim.padded.utc_days()]
    changes = days_of(*days).take(claim, MIDNIGHT)
    moments = {MIDNIGHT + timedelta(minutes=minute) for minute in minutes_of(claim.padded)}
    touched = {(change.day, hour) for change in changes for hour in change.guards}
    assert touched == {(moment.date(), moment.hour) for moment in moments}
    assert {seen for change in changes for seen in change.guards.values()} == {guard}
    assert all(change.put == claim for change in changes)
    assert len({change.day for change in changes}) == len(changes), "no row twice in a transaction"


def test_an_hour_never_claimed_has_a_guard_of_nothing() -> None:
    day = AgentDay(day=FIRST, guards={12: 7})
    (change,) = days_of(day).take(a_claim(minutes=90), NOON)
    assert change.guards == {12: 7, 13: 0}


def test_holds_that_ran_out_go_in_passing_and_live_ones_stay() -> None:
    over = a_claim(NOON + timedelta(hours=5), claim_id="over", kind=ClaimKind.HOLD, expires_at=NOON)
    live = replace(over, id="live", expires_at=NOON + timedelta(seconds=1))
    (change,) = days_of(AgentDay(day=FIRST, claims=(over, live))).take(a_claim(), NOON)
    assert change.drop == ("over",)


def test_the_hold_that_is_spent_goes_too() -> None:
    hold = a_claim(claim_id="hold", kind=ClaimKind.HOLD, expires_at=NOON + timedelta(minutes=5))
    agent_days = days_of(AgentDay(day=FIRST, claims=(hold,)))
    assert agent_days.collision(a_claim(), NOON) == hold
    assert agent_days.collision(a_claim(), NOON, spending="hold") is None
    assert agent_days.hold("hold", NOON) == hold
    assert agent_days.hold("hold", NOON + timedelta(minutes=5)) is None
    (change,) = agent_days.take(a_claim(), NOON, spent="hold")
    assert change.drop == ("hold",)


def test_a_hold_is_found_by_its_own_id_and_a_call_is_none() -> None:
    hold = a_claim(claim_id="hold", kind=ClaimKind.HOLD, expires_at=NOON + timedelta(minutes=5))
    agent_days = days_of(AgentDay(day=FIRST, claims=(hold, a_claim(claim_id="call"))))
    assert agent_days.hold("another", NOON) is None
    assert agent_days.hold("call", NOON) is None


def test_a_claim_over_midnight_is_one_claim_and_two_writes() -> None:
    claim = a_claim(NOON + timedelta(hours=11, minutes=45))
    agent_days = days_of(*(AgentDay(day=day, claims=(claim,)) for day in claim.padded.utc_days()))
    assert agent_days.claims == (claim,)
    assert [dict(change.guards) for change in agent_days.take(claim, NOON)] == [{23: 0}, {0: 0}]


def test_a_day_that_was_not_read_is_no_empty_day() -> None:
    with pytest.raises(KeyError):
        days_of().collision(a_claim(), NOON)
    with pytest.raises(KeyError):
        days_of().take(a_claim(), NOON)


@given(claims(), claims())
def test_of_two_that_collide_the_second_finds_a_guard_of_the_firsts_moved(one: Claim, other: Claim) -> None:
    """Both decided on empty days; applying the first leaves the second no condition that all still hold."""
    taken = {(c.day, hour) for c in empty_days_of(one).take(one, MIDNIGHT) for hour in c.guards}
    wanted = {(c.day, hour) for c in empty_days_of(other).take(other, MIDNIGHT) for hour in c.guards}
    assert taken & wanted or not one.collides(other)


def test_giving_time_back_moves_no_guard() -> None:
    claim = a_claim(NOON + timedelta(hours=11, minutes=45))
    changes = release("agent-1", claim)
    assert [(change.day.day, dict(change.guards), change.drop) for change in changes] == [
        (1, {}, ("wanted",)),
        (2, {}, ("wanted",)),
    ]


def test_a_move_within_a_day_is_one_write_that_puts_the_claim_anew() -> None:
    old, new = a_claim(), a_claim(NOON + timedelta(hours=3))
    changes = move(release("agent-1", old), empty_days_of(new).take(new, NOON))
    assert [(change.put, change.drop, dict(change.guards)) for change in changes] == [(new, (), {15: 0})]


def test_a_move_to_another_day_or_agent_gives_back_what_it_leaves() -> None:
    old, new = a_claim(), a_claim(NOON + timedelta(days=1))
    changes = move(release("agent-1", old), empty_days_of(new).take(new, NOON))
    assert [(change.day.day, change.put, change.drop) for change in changes] == [(2, new, ()), (1, None, ("wanted",))]
    same_day = move(release("agent-2", old), empty_days_of(old).take(old, NOON))
    assert [(change.agent_id, change.put, change.drop) for change in same_day] == [
        ("agent-1", old, ()),
        ("agent-2", None, ("wanted",)),
    ]
