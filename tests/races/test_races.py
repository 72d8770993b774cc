"""Sixty-four clients want the same time at the same instant, through the API and through the store.

Each kind of race runs some rounds; after them the stored state is checked by tests/support/oracles/invariants.py.
RACE_ROUNDS_SLOW says how many rounds of each kind there are.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from tests.races.conftest import ROUNDS, Arena
from tests.support.oracles.invariants import (
    Slot,
    days_equal_their_calls,
    every_booking_exists,
    every_refusal_was_true,
    no_two_calls_collide,
    one_booking_a_key,
)
from tests.support.worlds.crowd import CLIENTS, Outcome, Wish, statuses

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3600)]
Round = Callable[[Arena, int], list[Wish]]


def text(instant: datetime) -> str:
    return instant.isoformat()


def one_slot(arena: Arena, number: int) -> list[Wish]:
    """All want the same half hour."""
    agent_id, midnight = arena.fresh_day()
    return [Wish(agent_id, text(midnight + timedelta(hours=number % 24)))] * CLIENTS


def lengths_and_buffers(arena: Arena, number: int) -> list[Wish]:
    """Meetings of all lengths, with all buffers, that all hold one minute."""
    agent_id, midnight = arena.fresh_day()
    chance = random.Random(number)
    shared = midnight + timedelta(minutes=chance.randrange(9 * 60, 15 * 60))
    wishes = []
    for _ in range(CLIENTS):
        minutes = chance.choice([5, 7, 15, 30, 45, 60, 90, 240, 480])
        start = shared - timedelta(minutes=chance.randrange(minutes))
        before, after = chance.choice([0, 0, 5, 15, 240]), chance.choice([0, 0, 5, 15, 240])
        wishes.append(Wish(agent_id, text(start), minutes, before, after))
    return wishes


def over_midnight(arena: Arena, number: int) -> list[Wish]:
    """Meetings over midnight UTC, up to it with a buffer after, and from it on."""
    del number
    agent_id, midnight = arena.fresh_day()
    kinds = [
        Wish(agent_id, text(midnight - timedelta(minutes=15)), 30),
        Wish(agent_id, text(midnight), 30),
        Wish(agent_id, text(midnight - timedelta(minutes=30)), 30, after=10),
        Wish(agent_id, text(midnight - timedelta(minutes=5)), 480, before=30),
    ]
    return [kinds[client % len(kinds)] for client in range(CLIENTS)]


COLLIDING: list[Round] = [one_slot, lengths_and_buffers, over_midnight]


def report(arena: Arena, kind: str, outcomes: Sequence[Outcome], seconds: float, retries: int) -> None:
    counts = statuses(outcomes)
    print(  # noqa: T201 - the figures of the run, shown by pytest -s
        f"\nrace {kind} ({arena.kind}): {ROUNDS} rounds, {len(outcomes)} attempts, {counts.get(201, 0)} winners, "
        f"{counts.get(409, 0)} of 409, {counts.get(503, 0)} of 503, {retries} retries, "
        f"{sum(outcome.busy for outcome in outcomes)} sent again to a busy store, {seconds:.1f} s"
    )


def run(arena: Arena, kind: Round, check: Callable[[list[Outcome]], None]) -> list[Outcome]:
    """Every round of one kind, each checked as it ends."""
    outcomes: list[Outcome] = []
    before, started = arena.retries(), time.perf_counter()
    for number in range(ROUNDS):
        answers = arena.crowd.rush(kind(arena, number))
        unexpected = [answer for answer in answers if answer.status not in (201, 409, 503)]
        assert not unexpected, unexpected[0]
        check(answers)
        outcomes += answers
    seconds = time.perf_counter() - started
    tried_again = sum(answer.tries - 1 for answer in outcomes if answer.tries is not None)
    report(arena, kind.__name__, outcomes, seconds, tried_again + arena.retries() - before)
    return outcomes


def check_invariants(arena: Arena, outcomes: Sequence[Outcome]) -> None:
    """I1 to I4 on all that is stored, whoever wrote it."""
    state = arena.state()
    no_two_calls_collide(state)
    every_booking_exists(state, {answer.call_id: slot_of(answer.wish) for answer in outcomes if answer.call_id})
    every_refusal_was_true(state, {slot_of(answer.wish) for answer in outcomes if answer.status == 409})
    days_equal_their_calls(state)


def slot_of(wish: Wish) -> Slot:
    return Slot.at(wish.agent_id, wish.start, wish.minutes, wish.before, wish.after)


@pytest.mark.parametrize("kind", COLLIDING)
def test_of_all_who_want_colliding_times_exactly_one_gets_it(arena: Arena, kind: Round) -> None:
    def one_winner(answers: list[Outcome]) -> None:
        assert statuses(answers) == {201: 1, 409: CLIENTS - 1}
        assert {answer.code for answer in answers if answer.status == 409} == {"slot_taken"}

    check_invariants(arena, run(arena, kind, one_winner))


def different_hours(arena: Arena, number: int) -> list[Wish]:
    """Every client another hour, of three agents' days."""
    del number
    days = [arena.fresh_day() for _ in arena.agents]
    return [
        Wish(days[client // 24][0], text(days[client // 24][1] + timedelta(hours=client % 24)))
        for client in range(CLIENTS)
    ]


def test_those_who_want_different_hours_of_a_day_all_get_them(arena: Arena) -> None:
    def all_win(answers: list[Outcome]) -> None:
        assert statuses(answers) == {201: CLIENTS}

    check_invariants(arena, run(arena, different_hours, all_win))


def anything(arena: Arena, number: int) -> list[Wish]:
    """Whatever comes to mind on one day of one agent: some collide, some do not."""
    agent_id, midnight = arena.fresh_day()
    chance = random.Random(number)
    return [
        Wish(
            agent_id,
            text(midnight + timedelta(minutes=5 * chance.randrange(24 * 12))),
            chance.choice([5, 15, 30, 60]),
            chance.choice([0, 0, 10]),
            chance.choice([0, 0, 10]),
        )
        for _ in range(CLIENTS)
    ]


def test_a_day_booked_at_random_ends_in_some_legal_order(arena: Arena) -> None:
    def all_are_told(answers: list[Outcome]) -> None:
        assert any(answer.status == 201 for answer in answers)

    check_invariants(arena, run(arena, anything, all_are_told))


def one_key(arena: Arena, number: int) -> list[Wish]:
    """One request, sent by all, with one key."""
    agent_id, midnight = arena.fresh_day()
    name = f"{agent_id}-{midnight.date()}"
    return [Wish(agent_id, text(midnight + timedelta(hours=number % 24)), guest=name, key=name)] * CLIENTS


def test_all_who_send_one_key_get_the_one_booking(arena: Arena) -> None:
    def same_answer(answers: list[Outcome]) -> None:
        assert statuses(answers) == {201: CLIENTS}
        assert len({answer.call_id for answer in answers}) == 1
        assert sum(not answer.replayed for answer in answers) == 1

    outcomes = run(arena, one_key, same_answer)
    check_invariants(arena, outcomes)
    state = arena.state()
    answers: dict[str, list[str]] = {}
    for answer in outcomes:
        answers.setdefault(answer.wish.key or "", []).append(answer.call_id or "")
    made = {key: sum(row["guest_name"] == key for row in state.calls.values()) for key in answers}
    one_booking_a_key(answers, state, made)
