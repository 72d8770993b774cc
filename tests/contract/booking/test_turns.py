"""Candidates for the engine, and turns: one counts with its booking, on condition that no other was given meanwhile."""

from dataclasses import replace

import pytest

from slotline.domain.booking.assignment import Candidate
from slotline.domain.booking.calls import Call
from slotline.domain.shared.intervals import Interval
from slotline.ports.apps import AgentChange
from slotline.ports.booking import Turn
from slotline.ports.shared import RaceLost
from tests.contract.conftest import AGENTS, Backend
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    TOMORROW,
    a_call,
    minutes,
    new_id,
    read_for,
    write_call,
    write_of,
)

AROUND = Interval.starting(TOMORROW, minutes(30))


def give_turn(backend: Backend, call: Call, turn: Turn) -> None:
    backend.bookings.commit(replace(write_of(call, read_for(backend.bookings, call)), turn=turn))


def candidate(backend: Backend, agent_id: str = AGENT) -> Candidate:
    found = backend.bookings.candidate(APP_ID, agent_id, AROUND)
    assert found
    return found


def test_a_candidate_is_an_agent_with_the_days_around_the_time(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    found = backend.bookings.candidate(APP_ID, AGENT, Interval.starting(TOMORROW, minutes(24 * 60)))
    assert found
    assert (found.agent.agent_id, found.agent_days.agent_id, found.agent_days.claims) == (AGENT, AGENT, (call.claim,))
    assert sorted(found.agent_days.days) == [TOMORROW.date(), (TOMORROW + minutes(24 * 60)).date()]


def test_nobody_is_no_candidate(backend: Backend) -> None:
    assert backend.bookings.candidate(APP_ID, "nobody", AROUND) is None
    assert backend.bookings.candidate(new_id(), AGENT, AROUND) is None


def test_candidates_are_all_agents_of_the_app_inactive_ones_too_each_with_their_own_days(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(assigned_agent_id="agent-2"))
    backend.agents.change(APP_ID, AGENT, AgentChange(values={"active": False}))
    found = backend.bookings.candidates(APP_ID, AROUND)
    assert [(one.agent.agent_id, one.agent.active, one.agent_days.claims) for one in found] == [
        (AGENT, False, ()),
        ("agent-2", True, (call.claim,)),
    ]
    assert all(one.agent_days.agent_id == one.agent.agent_id for one in found)


def test_no_app_has_no_candidates(backend: Backend) -> None:
    assert list(backend.bookings.candidates(new_id(), AROUND)) == []


def test_a_turn_counts_with_its_booking_and_for_nobody_else(backend: Backend) -> None:
    give_turn(backend, a_call(), Turn(agent_id=AGENT, turns=0, counted=0))
    assert (candidate(backend).agent.turns, candidate(backend).agent.last_turn_at) == (1, backend.clock.now())
    backend.clock.advance(minutes=5)
    give_turn(backend, a_call(scheduled_at=TOMORROW + minutes(120)), Turn(agent_id=AGENT, turns=1, counted=1))
    assert (candidate(backend).agent.turns, candidate(backend).agent.last_turn_at) == (2, backend.clock.now())
    other = candidate(backend, AGENTS[1]).agent
    assert (other.turns, other.last_turn_at) == (0, None)


@pytest.mark.parametrize("turns", [0, 1], ids=["the first turn", "a later one"])
def test_of_two_given_the_same_turn_the_second_loses_and_writes_nothing(backend: Backend, turns: int) -> None:
    for number in range(turns + 1):
        give_turn(
            backend,
            a_call(scheduled_at=TOMORROW + minutes(60 * number)),
            Turn(agent_id=AGENT, turns=number, counted=number),
        )
    late = a_call(scheduled_at=TOMORROW + minutes(300))
    with pytest.raises(RaceLost):
        give_turn(backend, late, Turn(agent_id=AGENT, turns=turns, counted=turns))
    assert backend.calls.get(APP_ID, late.id) is None
    assert candidate(backend).agent.turns == turns + 1


def test_a_turn_of_one_agent_does_not_disturb_the_turn_of_another(backend: Backend) -> None:
    give_turn(backend, a_call(), Turn(agent_id=AGENT, turns=0, counted=0))
    give_turn(backend, a_call(assigned_agent_id=AGENTS[1]), Turn(agent_id=AGENTS[1], turns=0, counted=0))
    assert [candidate(backend, agent_id).agent.turns for agent_id in AGENTS] == [1, 1]
