"""A number never starts more calls in a second than it may, nor holds more at once; and is hardly ever idle."""

import random
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.dialing.pace import (
    CROWDING,
    LINE_LASTS,
    SECOND,
    SLACK,
    Pace,
    Start,
    Wait,
    ask,
    gap_between,
    give_back,
    wait_in_line,
)
from tests.support.builders.dialing import MONDAY
from tests.support.properties import tried

HOLD = timedelta(minutes=11)
MILLISECOND = timedelta(milliseconds=1)


def most_in_a_second(starts: list[datetime]) -> int:
    """The most starts that any second has, wherever it begins: some fullest one begins with a start."""
    ordered = sorted(starts)
    return max(
        sum(first <= other < first + SECOND for other in ordered[n : n + 200]) for n, first in enumerate(ordered)
    )


asks = st.lists(
    st.tuples(st.integers(-300, 1500), st.integers(0, 12), st.booleans(), st.sampled_from([0, 0, 400, 3000])),
    max_size=60,
)


@tried(400)
@given(asks, st.integers(1, 7), st.integers(1, 4), st.integers(1, 4000))
def test_no_second_has_too_many_starts_and_no_moment_too_many_lines(
    events: list[tuple[int, int, bool, int]], rate: int, lines: int, hold_ms: int
) -> None:
    """Askers whose clocks disagree by up to 300 ms, patient and not, that come again and give lines back or do not."""
    pace, now, hold = Pace(), MONDAY, hold_ms * MILLISECOND
    starts: dict[str, datetime] = {}
    leases: dict[str, tuple[datetime, datetime]] = {}
    for n, (passed, who, gives_back, patience) in enumerate(events):
        now += passed * MILLISECOND
        name = str(who)
        if gives_back:
            pace = give_back(pace, name)
            if name in leases:
                leases[name] = (leases[name][0], min(leases[name][1], now))
            continue
        held = name in pace.leases and pace.leases[name].until > now
        answer = ask(pace, name, now, calls_per_second=rate, lines=lines, hold=hold, patience=patience * MILLISECOND)
        if isinstance(answer, Wait):
            assert answer.until > now
            continue
        assert answer.at <= now + patience * MILLISECOND or held
        pace = answer.pace
        if held:
            assert answer.at == leases[name][0], "who asks again gets what it got"
        else:
            starts[f"{name}/{n}"] = answer.at
            leases[name] = (answer.at, answer.at + hold)
        assert len(pace.leases) <= lines
    if starts:
        assert most_in_a_second(list(starts.values())) <= rate


@pytest.mark.parametrize("rate", [1, 2, 5, 30])
def test_the_rate_is_kept_within_four_percent_while_there_is_work(rate: int) -> None:
    pace, now, starts = Pace(), MONDAY, []
    while now < MONDAY + 60 * SECOND:
        answer = ask(pace, str(len(starts)), now, calls_per_second=rate, lines=10_000, hold=HOLD)
        if isinstance(answer, Wait):
            now = answer.until
        else:
            pace = answer.pace
            starts.append(answer.at)
    assert most_in_a_second(starts) <= rate
    assert len(starts) >= 60 * rate * 0.96


@pytest.mark.parametrize("rate", [1, 5])
def test_starts_that_happen_a_little_late_are_still_in_order(rate: int) -> None:
    chance = random.Random(7)
    planned = [MONDAY + n * gap_between(rate) for n in range(500)]
    happened = [at + chance.random() * SLACK for at in planned]
    assert most_in_a_second(happened) <= rate


def test_whoever_waits_until_it_is_told_to_is_let_through() -> None:
    first = ask(Pace(), "a", MONDAY, calls_per_second=5, lines=2, hold=HOLD)
    assert isinstance(first, Start)
    second = ask(first.pace, "b", MONDAY, calls_per_second=5, lines=2, hold=HOLD)
    assert second == Wait(until=MONDAY + gap_between(5))
    third = ask(first.pace, "b", second.until, calls_per_second=5, lines=2, hold=HOLD)
    assert isinstance(third, Start)
    assert third.at == second.until


def test_the_patient_get_a_start_ahead_of_time_and_the_next_one_comes_after_it() -> None:
    pace, given_out = Pace(), []
    for name in "abc":
        answer = ask(pace, name, MONDAY, calls_per_second=1, lines=9, hold=HOLD, patience=3 * SECOND)
        assert isinstance(answer, Start)
        pace, given_out = answer.pace, [*given_out, answer.at]
    assert given_out == [MONDAY, MONDAY + gap_between(1), MONDAY + 2 * gap_between(1)]
    fourth = ask(pace, "d", MONDAY, calls_per_second=1, lines=9, hold=HOLD, patience=3 * SECOND)
    assert fourth == Wait(until=MONDAY + 3 * gap_between(1) - 3 * SECOND)


def test_with_all_lines_taken_one_asks_again_until_one_is_given_back_or_runs_out() -> None:
    answer = ask(Pace(), "a", MONDAY, calls_per_second=5, lines=1, hold=HOLD)
    assert isinstance(answer, Start)
    later = MONDAY + 5 * SECOND
    assert ask(answer.pace, "b", later, calls_per_second=5, lines=1, hold=HOLD) == Wait(until=later + SECOND)
    assert isinstance(ask(give_back(answer.pace, "a"), "b", later, calls_per_second=5, lines=1, hold=HOLD), Start)
    end = MONDAY + HOLD
    assert ask(answer.pace, "b", end - MILLISECOND, calls_per_second=5, lines=1, hold=HOLD) == Wait(until=end)
    taken = ask(answer.pace, "b", end, calls_per_second=5, lines=1, hold=HOLD)
    assert isinstance(taken, Start)
    assert set(taken.pace.leases) == {"b"}


def test_giving_back_what_one_does_not_have_changes_nothing() -> None:
    pace = Pace(free_at=MONDAY)
    assert give_back(pace, "a") is pace


def in_line(pace: Pace, until: datetime, now: datetime = MONDAY) -> Start:
    return wait_in_line(pace, Wait(until=until), now, calls_per_second=5)


def test_those_who_must_wait_come_again_one_after_the_other_a_little_faster_than_starts_are_given_out() -> None:
    until = MONDAY + SECOND
    first = in_line(Pace(free_at=until), until)
    assert (first.at, first.pace) == (until, Pace(free_at=until, asked_at=until))
    second = in_line(first.pace, until)
    assert second.at == second.pace.asked_at == until + CROWDING * gap_between(5)
    third = in_line(second.pace, until)
    assert third.at == until + 2 * CROWDING * gap_between(5)


def test_nobody_is_told_to_come_before_there_may_be_a_start() -> None:
    asked_long_ago = Pace(asked_at=MONDAY - LINE_LASTS)
    assert in_line(asked_long_ago, MONDAY + SECOND).at == MONDAY + SECOND


def test_where_the_line_is_too_long_the_next_one_is_told_to_come_first() -> None:
    gap = CROWDING * gap_between(5)
    full = Pace(asked_at=MONDAY + LINE_LASTS - gap)
    assert in_line(full, MONDAY + SECOND).at == MONDAY + LINE_LASTS
    fuller = Pace(asked_at=MONDAY + LINE_LASTS - gap + MILLISECOND)
    begun_anew = in_line(fuller, MONDAY + SECOND)
    assert begun_anew.at == begun_anew.pace.asked_at == MONDAY + SECOND
