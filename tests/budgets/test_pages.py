"""What the first view of the booking page costs: a team's beside one agent's, in one run (docs/performance.md)."""

from collections.abc import Mapping

import pytest

from bench.pages import MODES, TEAM, Cost, costs, measure

ROUNDS = 20
MOST_TIMES_ONE_AGENT = 3
MOST_REQUESTS = 5
"""Of one agent's page: two rate counters, the key with the app and its service, the agents, and their days."""
MOST_REQUESTS_MORE = 4
"""Of a team's: days that only turn out to matter once others were read."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def spent() -> Mapping[str, Cost]:
    """By mode and number of agents."""
    return costs()


def test_the_page_of_a_team_of_fifty_takes_at_most_three_times_as_long_as_that_of_one_agent() -> None:
    figures = measure(ROUNDS)
    ratios = {mode: figures.ratio(f"{mode}-{TEAM}", f"{mode}-1") for mode in MODES}
    print(f"\n{figures.medians}, {ratios}")  # noqa: T201 - shown by pytest -s
    assert all(ratio <= MOST_TIMES_ONE_AGENT for ratio in ratios.values()), ratios


@pytest.mark.parametrize("mode", MODES)
def test_a_first_view_asks_the_store_few_times(spent: Mapping[str, Cost], mode: str) -> None:
    print(f"\n{spent}")  # noqa: T201 - shown by pytest -s
    one, team = spent[f"{mode}-1"], spent[f"{mode}-{TEAM}"]
    assert one.requests <= MOST_REQUESTS
    assert team.requests <= one.requests + MOST_REQUESTS_MORE


@pytest.mark.parametrize("mode", MODES)
def test_of_a_team_a_fraction_of_its_calendars_is_read(spent: Mapping[str, Cost], mode: str) -> None:
    assert spent[f"{mode}-{TEAM}"].bytes_read <= TEAM / 3 * spent[f"{mode}-1"].bytes_read
