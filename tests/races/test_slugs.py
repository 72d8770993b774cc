"""Many want one slug at once, by new presets and by changes of those that are there: one has it, and its row says so.

While they do, calls are booked under presets that change: each call is ruled by what its preset was at its revision.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.process import RunningSystem
from tests.support.worlds.api import Api, OwnApp, own_app

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = 4
AT_ONCE = 12


@pytest.fixture(scope="module")
def place(system: RunningSystem) -> OwnApp:
    return own_app(system)


@pytest.fixture(scope="module")
def api(place: OwnApp) -> Iterator[Api]:
    with place.client() as client:
        yield client


def presets(api: Api, method: str, preset_id: str = "", **fields: Any) -> Any:
    path = f"/api/v1/video/{api.app_id}/presets/{preset_id}".rstrip("/")
    return api.client.request(method, path, json=fields or None)


def added(api: Api, **fields: Any) -> str:
    preset_id: str = presets(api, "POST", name="Service", **fields).json()["data"]["preset"]["preset_id"]
    return preset_id


def with_slug(api: Api, slug: str) -> list[str]:
    found = api.client.get(f"/api/v1/video/{api.app_id}/services", params={"limit": 200}).json()["data"]["services"]
    return [service["preset_id"] for service in found if service["slug"] == slug]


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_one_of_many_gets_a_slug_and_the_others_a_409(api: Api, place: OwnApp, turn: int) -> None:
    slug, there = f"wanted-{turn}", [added(api) for _ in range(AT_ONCE // 2)]

    def want(number: int) -> Any:
        if number < len(there):
            return presets(api, "PATCH", there[number], slug=slug)
        return presets(api, "POST", name="Service", slug=slug)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(want, range(AT_ONCE)))
    refused = [answer for answer in answers if answer.status_code == 409]
    assert len(refused) == AT_ONCE - 1, Counter(answer.status_code for answer in answers)
    assert {answer.json()["error"]["details"][0]["code"] for answer in refused} == {"slug_exists"}
    (owner,) = with_slug(api, slug)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2, hours=turn)
    booked = api.create(place.agent_ids[0], start, presetId=slug)
    assert booked.json()["data"]["call"]["preset_id"] == owner


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_a_slug_that_is_given_up_while_others_want_it_ends_with_one_preset_or_none(api: Api, turn: int) -> None:
    slug = f"given-up-{turn}"
    owner = added(api, slug=slug)

    def act(number: int) -> int:
        if number == 0:
            return int(presets(api, "DELETE", owner).status_code)
        return int(presets(api, "POST", name="Service", slug=slug).status_code)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        statuses = Counter(crowd.map(act, range(AT_ONCE)))
    assert statuses[200] == 1
    assert statuses[201] == len(with_slug(api, slug)) <= 1
    assert statuses[201] + statuses[409] == AT_ONCE - 1


def test_calls_booked_while_their_preset_changes_have_the_length_of_their_revision(api: Api, place: OwnApp) -> None:
    preset_id = added(api, slug="moving", durationMinutes=10)
    first = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=10)

    def act(number: int) -> Any:
        if number % 3 == 0:
            return presets(api, "PATCH", preset_id, durationMinutes=10 + number)
        name = preset_id if number % 3 == 1 else "moving"
        return api.create(place.agent_ids[1], first + timedelta(hours=number), presetId=name, durationMinutes=None)

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(act, range(45)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    lengths = {1: 10}
    shown = [answer.json()["data"] for answer in answers]
    lengths |= {data["preset"]["revision"]: data["preset"]["duration_minutes"] for data in shown if "preset" in data}
    calls = [data["call"] for data in shown if "call" in data]
    assert len(calls) == 30
    assert all(lengths[call["preset_revision"]] == call["duration_minutes"] for call in calls)
