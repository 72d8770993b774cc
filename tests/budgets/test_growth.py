"""What a request costs the store does not grow with the number of calls (docs/performance.md has 1,000 to 100,000)."""

from collections.abc import Mapping

import pytest

from bench.growth import DASHBOARD, Cost, measure

FEW, MANY = 300, 900
MOST_REQUESTS = 4
"""Of a request to the API, with the one that counts its client's rate."""
OF_THE_CONSOLE = "console: "
MOST_OF_A_PAGE = 7
"""Of a page of the console, with its session, account, app and the names that it shows."""
BY_MONTH = ("audit log", "instant calls")
OF_MONTHS = 15
"""These have a partition a month, and a first page looks through the months until it is full."""
MOST_KB = 1.25
"""How much more it may read of three times as many calls: a page's rows are not all of one length."""
KB_A_ROW = 2
"""What each row more in the answer may add: a short page fills."""

SKIPS = "list: from the"
"""A page by its offset reads what it skips; a page by its cursor does not."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def costs() -> Mapping[int, Mapping[str, Cost]]:
    """By the number of calls, and by what is asked."""
    return measure((FEW, MANY))


def test_every_request_succeeds(costs: Mapping[int, Mapping[str, Cost]]) -> None:
    assert {what: cost.status for what, cost in costs[MANY].items() if cost.status >= 300} == {}


def test_no_request_asks_the_store_more_often(costs: Mapping[int, Mapping[str, Cost]]) -> None:
    grown = {
        what: (cost.requests, costs[MANY][what].requests)
        for what, cost in costs[FEW].items()
        if costs[MANY][what].requests > min(cost.requests, _most(what))
    }
    assert grown == {}


def test_no_request_reads_more(costs: Mapping[int, Mapping[str, Cost]]) -> None:
    grown = {
        what: (round(cost.kilobytes), round(more.kilobytes))
        for what, cost in costs[FEW].items()
        if (more := costs[MANY][what]).kilobytes > MOST_KB * cost.kilobytes + KB_A_ROW * (1 + _rows(more) - _rows(cost))
        and not what.startswith(SKIPS)
    }
    assert grown == {}


def test_a_dashboard_reads_a_hundred_rows_at_most(costs: Mapping[int, Mapping[str, Cost]]) -> None:
    assert 0 < costs[MANY][DASHBOARD].rows <= 100


def _most(what: str) -> int:
    if not what.startswith(OF_THE_CONSOLE):
        return MOST_REQUESTS
    return OF_MONTHS if what.endswith(BY_MONTH) else MOST_OF_A_PAGE


def _rows(cost: Cost) -> int:
    return cost.found or 0
