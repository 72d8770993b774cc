"""A thousand bookings by the engine, one after the other and many at a time: how far the agents' counts part.

Who is sent away with a 503 sends the same request again with the same key, as the contract says. FAIR_BOOKINGS_SLOW
says how many bookings are made in each app.
"""

import os
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count

import pytest

from local.process import RunningSystem
from tests.support.worlds.api import Api, OwnApp, own_app

BOOKINGS = int(os.environ.get("FAIR_BOOKINGS_SLOW", "1000"))
BOOKERS = 32
MOST_SENDINGS = 50
SENT_AWAY = (500, 503)
"""Too many lost races; or so long in them that the function ran out of its time."""
TEAMS = {
    "three equal agents": (1, 1, 1),
    "eight equal agents": (2,) * 8,
    "weights of one to five": (1, 2, 3, 4, 5),
    "one heavy agent among light ones": (5, 1, 1, 1, 1),
}
pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(3600)]


class Engine:
    """Bookings that leave the choice of the agent to the engine, each at a time of its own: everybody is free."""

    def __init__(self, place: OwnApp, api: Api) -> None:
        self.place, self.api = place, api
        self.given: Counter[str] = Counter()
        self.sent_away: Counter[str] = Counter()
        self._numbers, self._lock = count(), threading.Lock()
        self._first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)

    def book(self, _: int = 0) -> None:
        with self._lock:
            number = next(self._numbers)
        start, key = self._first + timedelta(hours=number), f"{self.place.app_id}-{number}"
        for _sending in range(MOST_SENDINGS):
            answer = self.api.create(None, start, key=key, assignmentMethod="round_robin")
            if answer.status_code == 201:
                break
            assert answer.status_code in SENT_AWAY, answer.text
            with self._lock:
                self.sent_away[answer.json()["error"]["message"]] += 1
        with self._lock:
            self.given[answer.json()["data"]["call"]["assigned_agent_id"]] += 1

    @property
    def counts(self) -> list[int]:
        return [self.given[agent_id] for agent_id in self.place.agent_ids]


def off_their_share(weights: Sequence[int], counts: Sequence[int]) -> Fraction:
    """By how many calls somebody is off their exact share."""
    shares = [Fraction(sum(counts) * weight, sum(weights)) for weight in weights]
    return max(abs(got - share) for got, share in zip(counts, shares, strict=True))


@pytest.mark.parametrize("weights", TEAMS.values(), ids=TEAMS.keys())
def test_one_after_the_other_everybody_is_within_one_call_of_their_share_at_every_moment(
    system: RunningSystem, weights: tuple[int, ...]
) -> None:
    place = own_app(system, weights)
    with place.client() as api:
        engine = Engine(place, api)
        for _ in range(BOOKINGS):
            engine.book()
            assert off_their_share(weights, engine.counts) < 1
            if len(set(weights)) == 1:
                assert max(engine.counts) - min(engine.counts) <= 1


@pytest.mark.parametrize("weights", TEAMS.values(), ids=TEAMS.keys())
def test_many_at_a_time_everybody_ends_within_one_call_of_their_share(
    system: RunningSystem, weights: tuple[int, ...]
) -> None:
    place = own_app(system, weights)
    with place.client() as api, ThreadPoolExecutor(BOOKERS) as pool:
        engine = Engine(place, api)
        for _ in pool.map(engine.book, range(BOOKINGS)):
            pass
    counts = engine.counts
    off = off_their_share(weights, counts)
    found = f"weights {weights}, {BOOKERS} at a time: {counts}, off by {float(off):.2f}"
    print(f"\n{found}, sent away: {dict(engine.sent_away)}")  # noqa: T201 - shown by pytest -s
    assert sum(counts) == BOOKINGS
    if len(set(weights)) == 1:
        assert max(counts) - min(counts) <= 1
    assert off <= 1
