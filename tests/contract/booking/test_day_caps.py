"""The cap of an agent's local day, eligible candidates and given-back turns, alike in every store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking.agent_days import move, release
from slotline.domain.booking.calls import Call
from slotline.domain.booking.eligibility import Terms
from slotline.domain.shared.intervals import Interval
from slotline.ports.apps import AgentChange
from slotline.ports.booking import Turn
from slotline.ports.shared import RaceLost
from tests.contract.conftest import AGENTS, Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, APP_ID, a_call, minutes, read_for, write_call, write_of

MIDNIGHT = datetime(2026, 5, 4, 5, tzinfo=UTC)
"""Of 4 May in Bogota."""
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _capped(backend: Backend) -> None:
    cap = {"max_calls_per_day": 2, "timezone": "America/Bogota", "tags": ("senior",)}
    backend.agents.change(APP_ID, AGENT, AgentChange(values=cap))


def test_a_capped_agent_comes_with_all_of_the_local_day_and_no_other_agent_does(backend: Backend) -> None:
    evening = MIDNIGHT + 20 * HOUR  # 5 May UTC
    call = write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT + 2 * HOUR))
    around = Interval.starting(evening, minutes(30))
    capped, other = backend.bookings.candidates(APP_ID, around)
    assert [day.day for day in sorted(capped.agent_days.days)] == [4, 5]
    assert [day.day for day in sorted(other.agent_days.days)] == [5]
    for found in (capped, backend.bookings.candidate(APP_ID, AGENT, around)):
        assert found
        assert found.agent_days.claims == (call.claim,)
        assert found.agent_days.cap == found.agent.day_cap
    seen = backend.bookings.read_for_booking(APP_ID, AGENT, around, None)
    assert seen.agent_days == capped.agent_days


def test_of_those_who_decided_on_one_reading_as_many_get_through_as_fit(backend: Backend) -> None:
    calls = [a_call(scheduled_at=MIDNIGHT + hours * HOUR) for hours in (1, 8, 20)]
    seen = [read_for(backend.bookings, call) for call in calls]
    backend.bookings.commit(write_of(calls[0], seen[0]))
    backend.bookings.commit(write_of(calls[1], seen[1]))
    with pytest.raises(RaceLost):
        backend.bookings.commit(write_of(calls[2], seen[2]))
    assert backend.calls.get(APP_ID, calls[2].id) is None
    days = read_for(backend.bookings, calls[2]).agent_days
    assert days
    assert days.is_full_for(calls[2].claim, NOW)
    next_day = a_call(scheduled_at=MIDNIGHT + 24 * HOUR)
    backend.bookings.commit(write_of(next_day, read_for(backend.bookings, next_day)))


def test_a_call_that_moves_on_frees_its_local_day_and_counts_on_the_next(backend: Backend) -> None:
    write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT + HOUR))
    call = write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT + 20 * HOUR))  # 5 May UTC
    wanted = a_call(scheduled_at=MIDNIGHT + 10 * HOUR)
    assert _is_full_for(backend, wanted)
    moved = replace(call, scheduled_at=MIDNIGHT + 44 * HOUR, revision=2)  # the local day of 5 May, on 6 May UTC
    write = write_of(moved, read_for(backend.bookings, moved))
    backend.bookings.commit(replace(write, replaces=1, days=move(release(AGENT, call.claim), write.days)))
    assert not _is_full_for(backend, wanted)
    write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT + 30 * HOUR))
    assert _is_full_for(backend, a_call(scheduled_at=MIDNIGHT + 40 * HOUR))


def test_a_call_that_is_over_gives_its_time_back_and_still_counts(backend: Backend) -> None:
    for hours in (1, 20):
        call = write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT + hours * HOUR))
        over = replace(write_of(replace(call, revision=2), read_for(backend.bookings, call)), replaces=1)
        backend.bookings.commit(replace(over, days=release(AGENT, call.claim, is_over=True)))
    wanted = a_call(scheduled_at=MIDNIGHT + 20 * HOUR)
    days = read_for(backend.bookings, wanted).agent_days
    assert days
    assert days.claims == ()
    assert days.collision(wanted.claim, NOW) is None
    assert days.is_full_for(wanted.claim, NOW)
    found = backend.calendars.read(APP_ID, AGENT, wanted.claim.padded, NOW)
    first = int(MIDNIGHT.timestamp()) // 60
    assert sorted(found.ended[AGENT]) == [first + 60, first + 20 * 60]
    (agent,) = backend.calendars.agents(APP_ID, AGENT)
    (taken,) = backend.calendars.taken(APP_ID, [(agent, agent.utc_days_for(wanted.claim.padded))], NOW)
    assert (list(taken.busy), sorted(taken.ended)) == ([], [first + 60, first + 20 * 60])


def test_candidates_are_those_who_are_eligible_and_calendars_name_the_others(backend: Backend) -> None:
    around = Interval.starting(MIDNIGHT, minutes(30))
    terms = Terms(required_tags=frozenset({"senior"}))
    assert [found.agent.agent_id for found in backend.bookings.candidates(APP_ID, around, terms)] == [AGENT]
    found = backend.calendars.read(APP_ID, None, around, NOW, None, terms)
    assert [agent.agent_id for agent, _ in found.agents] == [AGENT]
    assert [agent.agent_id for agent in found.not_eligible] == [AGENTS[1]]


def test_whom_a_booking_asks_for_is_kept_with_the_call(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(required_tags=("senior",), agent_ids=(AGENT,)))
    kept = backend.calls.get(APP_ID, call.id)
    assert kept
    assert (kept[0].required_tags, kept[0].agent_ids) == (("senior",), (AGENT,))


def test_a_turn_stores_what_the_agent_was_counted_with_and_a_cancelled_call_gives_it_back(backend: Backend) -> None:
    call = a_call(turn_agent_id=AGENT)
    turn = Turn(agent_id=AGENT, turns=0, counted=11)
    backend.bookings.commit(replace(write_of(call, read_for(backend.bookings, call)), turn=turn))
    assert _turns(backend) == 12
    kept = backend.calls.get(APP_ID, call.id)
    assert kept
    assert kept[0].turn_agent_id == AGENT
    cancelled = replace(call, revision=2, turn_agent_id=None)
    write = replace(write_of(cancelled, read_for(backend.bookings, call)), replaces=1, days=(), turn_back=AGENT)
    backend.bookings.commit(write)
    assert _turns(backend) == 11
    candidate = backend.bookings.candidate(APP_ID, AGENT, Interval.starting(MIDNIGHT, minutes(30)))
    assert candidate
    assert candidate.agent.turns_back == 1


def test_a_turn_that_was_given_back_is_given_again_once(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    for revision in (2, 3):
        write = replace(write_of(replace(call, revision=revision), read_for(backend.bookings, call)), days=())
        backend.bookings.commit(replace(write, replaces=revision - 1, turn_back=AGENT))
    stale = a_call(scheduled_at=MIDNIGHT)
    with pytest.raises(RaceLost):
        _give(backend, stale, Turn(agent_id=AGENT, turns=0, counted=0, turns_back=1))
    for number, left in enumerate((1, 0, 0)):
        again = a_call(scheduled_at=MIDNIGHT + 24 * number * HOUR)
        _give(backend, again, Turn(agent_id=AGENT, turns=number, counted=number, turns_back=max(0, 2 - number)))
        agent = backend.agents.find(APP_ID, AGENT)[1]
        assert agent
        assert (agent.turns, agent.turns_back) == (number + 1, left)


def test_turns_given_back_are_never_less_than_none_and_the_next_turn_counts_from_there(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    for revision in (2, 3):
        again = replace(call, revision=revision)
        write = replace(write_of(again, read_for(backend.bookings, call)), replaces=revision - 1, days=())
        backend.bookings.commit(replace(write, turn_back=AGENT))
    assert _turns(backend) == 0
    backend.agents.change(APP_ID, AGENT, AgentChange(values={"weight": 2}, turns=(0, 0)))
    next_call = a_call(scheduled_at=MIDNIGHT)
    _give(backend, next_call, Turn(agent_id=AGENT, turns=0, counted=0, turns_back=2))
    assert _turns(backend) == 1


def _is_full_for(backend: Backend, call: Call) -> bool:
    days = read_for(backend.bookings, call).agent_days
    assert days
    return days.is_full_for(call.claim, NOW)


def _turns(backend: Backend) -> int:
    found = backend.bookings.candidate(APP_ID, AGENT, Interval.starting(MIDNIGHT, minutes(30)))
    assert found
    return found.agent.turns


def _give(backend: Backend, call: Call, turn: Turn) -> None:
    backend.bookings.commit(replace(write_of(call, read_for(backend.bookings, call)), turn=turn))
