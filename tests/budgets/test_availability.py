"""What a search for free slots costs, against loops: by the lock's rule for every start of the grid, and by dayjs.

Processor time of one run, so that other work on the machine changes both sides alike.
"""

import shutil

import pytest

from bench.availability import measure, milliseconds, one_by_one, search, team

pytestmark = pytest.mark.slow


@pytest.mark.skipif(not shutil.which("npm"), reason="the loop with dayjs needs Node and npm")
@pytest.mark.parametrize(("agents", "most"), [(1, 0.4), (20, 0.25)])
def test_a_whole_search_takes_a_fraction_of_a_loop_with_dayjs_that_finds_the_same(agents: int, most: float) -> None:
    figures = measure(agents, 5)
    ratio, kernel = figures.ratio("ours", "dayjs"), figures.ratio("kernel", "dayjs")
    print(f"\n{agents} agents: {ratio:.2f}, its kernel 1/{1 / kernel:.0f}")  # noqa: T201 - shown by pytest -s
    assert ratio <= most
    assert kernel <= 1 / 15


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
