"""Many bookings at once for one local day with a cap, and for a team of which some are eligible, over HTTP."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import httpx
import pytest

from local.process import RunningSystem
from tests.support.worlds.api import Api, own_app, said

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(900)]
BOOKERS = 32
TAGGED_BOOKINGS = 200
MOST_SENDINGS = 50


def change_agent(api: Api, agent_id: str, **changes: object) -> None:
    answer = api.client.patch(f"/api/v1/video/{api.app_id}/agents/{agent_id}", json=changes)
    assert answer.status_code == 200, answer.text


def at_once(api: Api, agent_id: str, starts: Sequence[datetime]) -> list[httpx.Response]:
    """A booking of this agent at each start, all in the same instant; who is sent away asks again with the same key."""
    barrier = Barrier(len(starts))

    def book(start: datetime) -> httpx.Response:
        barrier.wait()
        for _ in range(MOST_SENDINGS):
            answer = api.create(agent_id, start, key=f"{agent_id}-{start.isoformat()}")
            if answer.status_code not in (500, 503):
                break
        return answer

    with ThreadPoolExecutor(len(starts)) as pool:
        return list(pool.map(book, starts))


@pytest.mark.parametrize("most", [3, 20])
def test_of_many_at_different_hours_of_one_local_day_exactly_as_many_get_through_as_fit(
    system: RunningSystem, most: int
) -> None:
    place = own_app(system)
    (agent_id, _), today = place.agent_ids, datetime.now(UTC).replace(hour=5, minute=0, second=0, microsecond=0)
    midnight = today + timedelta(days=10)  # in Bogota, whose day has the UTC midnight in it
    starts = [midnight + timedelta(minutes=45 * number) for number in range(BOOKERS)]
    with place.client() as api:
        change_agent(api, agent_id, maxCallsPerDay=most, timezone="America/Bogota")
        answers = at_once(api, agent_id, starts)
        assert Counter(answer.status_code for answer in answers) == {201: most, 409: BOOKERS - most}
        refused = {said(answer) for answer in answers if answer.status_code == 409}
        assert refused == {(409, "conflict", "agent_day_full")}
        assert api.create(agent_id, midnight + timedelta(hours=24, minutes=15)).status_code == 201, "the next day"
        given_back = next(answer.json()["data"]["call"]["id"] for answer in answers if answer.status_code == 201)
        assert api.ask("DELETE", given_back).status_code == 200
        again = [start for start, answer in zip(starts, answers, strict=True) if answer.status_code == 409][:1]
        assert api.create(agent_id, again[0]).status_code == 201, "the place of a cancelled call is free"


def test_many_round_robin_bookings_for_a_tag_go_to_those_who_carry_it_alike_and_a_cancelled_turn_is_given_back(
    system: RunningSystem,
) -> None:
    place = own_app(system, (1, 1, 1, 1, 1))
    tagged = place.agent_ids[:3]
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    with place.client() as api, ThreadPoolExecutor(BOOKERS) as pool:
        for agent_id in tagged:
            change_agent(api, agent_id, tags=["spanish", "senior"])
        change_agent(api, place.agent_ids[3], tags=["spanish"])

        def book(number: int) -> tuple[str, str]:
            for _ in range(MOST_SENDINGS):
                answer = api.create(
                    None,
                    first + timedelta(hours=number),
                    key=f"{place.app_id}-{number}",
                    assignmentMethod="round_robin",
                    requiredTags=["senior", "spanish"],
                )
                if answer.status_code not in (500, 503):
                    break
            assert answer.status_code == 201, answer.text
            call = answer.json()["data"]["call"]
            return call["assigned_agent_id"], call["id"]

        given = list(pool.map(book, range(TAGGED_BOOKINGS)))
        counts = Counter(agent_id for agent_id, _ in given)
        assert counts.keys() == set(tagged)
        assert max(counts.values()) - min(counts.values()) <= 1, counts
        number = TAGGED_BOOKINGS
        while len(set(counts.values())) > 1:
            counts[book(number)[0]] += 1
            number += 1
        agent_id, call_id = given[0]
        assert api.ask("DELETE", call_id).status_code == 200
        assert book(number)[0] == agent_id, "the turn of the cancelled call is theirs again"
