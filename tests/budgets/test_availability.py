"""What a search for free slots costs, against a loop that asks the lock's rule about every start of the grid.

Processor time of one run, so that other work on the machine changes both sides alike.
"""

import pytest

from bench.availability import milliseconds, one_by_one, search, team

pytestmark = pytest.mark.slow


def test_a_search_is_at_least_fifty_times_as_fast_as_the_loop_and_finds_the_same() -> None:
    calendars = team(3)
    assert search(calendars).starts == one_by_one(calendars)
    naive = milliseconds(lambda: one_by_one(calendars), times=1)
    own = milliseconds(lambda: search(calendars))
    print(f"\n{naive:.0f} ms against {own:.1f} ms: {naive / own:.0f} times")  # noqa: T201 - shown by pytest -s
    assert naive / own >= 50


def test_a_search_of_ten_times_as_many_agents_takes_about_ten_times_as_long() -> None:
    few, many = (_own_work(size) for size in (20, 200))
    print(f"\n20 agents: {few:.1f} ms, 200 agents: {many:.1f} ms")  # noqa: T201 - shown by pytest -s
    assert 4 <= many / few <= 20


def _own_work(size: int) -> float:
    calendars = team(size)
    return milliseconds(lambda: search(calendars))
