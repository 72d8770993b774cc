"""The documented errors of booking and changing a call, over HTTP on the whole local system."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from local.process import RunningSystem
from slotline.domain.access.identity import RateLimits
from slotline.domain.access.scopes import Scope
from tests.support import patient
from tests.support.worlds.api import Api, OwnApp, own_app, said, target_of, text

pytestmark = pytest.mark.system
_hours = count()


def fresh_start() -> datetime:
    """A start that no other test of the run asks for: nights of a year far ahead."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=600, hours=next(_hours))


@pytest.fixture(scope="module")
def place(system: RunningSystem) -> OwnApp:
    """An app whose agents always work."""
    return own_app(system)


@pytest.fixture(scope="module")
def api(place: OwnApp) -> Iterator[Api]:
    """A client of the app with every scope."""
    with place.client() as api:
        yield api


@pytest.fixture(scope="module")
def other(system: RunningSystem) -> Iterator[Api]:
    """The client of the other app, whose preset is strict."""
    with Api(system, system.demo["other_app"], system.demo["other_app"]["app_id"]) as other:
        yield other


@pytest.fixture(scope="module")
def agent(place: OwnApp) -> str:
    return place.agent_ids[0]


def set_status(system: RunningSystem, api: Api, call_id: str, status: str) -> None:
    """Write a call's status behind the product's back."""
    target_of(system).client("dynamodb").update_item(
        TableName=system.tables["scheduling"],
        Key={"pk": {"S": f"APP#{api.app_id}#CALL#{call_id}"}, "sk": {"S": "CALL"}},
        UpdateExpression="SET #status = :status",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": {"S": status}},
    )


def test_the_documented_change_works_and_is_on_the_timeline(api: Api, agent: str) -> None:
    call_id, later = api.book(agent, fresh_start()), fresh_start()
    answer = api.ask("PATCH", call_id, {"scheduledAtUtc": text(later), "reason": "Customer requested new time"})
    assert answer.status_code == 200
    call = answer.json()["data"]["call"]
    assert (call["id"], call["scheduled_at"], call["status"]) == (call_id, text(later), "scheduled")
    events = api.ask("GET", call_id).json()["data"]["events"]
    assert [event["event_type"] for event in events] == ["created", "rescheduled"]
    assert events[1]["payload"]["reason"] == "Customer requested new time"
    assert answer.headers["x-ratelimit-window"] in ("minute", "hour", "day")


class TestChanging:
    """The rows of the change's table of errors."""

    @pytest.mark.parametrize(
        "body", [{}, {"reason": "alone"}, {"durationMinutes": 4}, {"guestName": None}, {"guestEmail": "x"}, []]
    )
    def test_400_nothing_to_change_or_a_bad_payload(self, api: Api, agent: str, body: Any) -> None:
        assert said(api.ask("PATCH", api.book(agent, fresh_start()), body))[:2] == (400, "invalid_request")

    def test_401_without_a_credential(self, api: Api, system: RunningSystem) -> None:
        answer = patient.patch(f"{system.base_url}{api.path}/x", json={"guestName": "Joe"})
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers

    def test_403_without_the_scope_or_the_app(self, place: OwnApp, api: Api, other: Api, agent: str) -> None:
        call_id = api.book(agent, fresh_start())
        with place.client(Scope.SCHEDULING_READ) as reader:
            assert said(reader.ask("PATCH", call_id, {"guestName": "Joe"}))[:2] == (403, "forbidden")
        answer = other.client.patch(f"{api.path}/{call_id}", json={"guestName": "Joe"})
        assert said(answer)[:2] == (403, "forbidden")

    def test_404_of_another_app(self, api: Api, other: Api) -> None:
        theirs = other.book(None, fresh_start(), guestPhone="+573005550111", guestEmail=None, requireConfirmation=None)
        answers = [
            api.ask(*ask) for ask in (("PATCH", theirs, {"guestName": "J"}), ("DELETE", theirs), ("GET", theirs))
        ]
        assert [said(answer)[:2] for answer in answers] == [(404, "not_found")] * 3
        assert other.ask("GET", theirs).json()["data"]["call"]["status"] == "pending_confirmation"

    def test_409_the_new_slot_is_not_available(self, api: Api, agent: str) -> None:
        call_id, taken = api.book(agent, fresh_start()), fresh_start()
        api.book(agent, taken)
        body = {"scheduledAtUtc": text(taken)}
        assert said(api.ask("PATCH", call_id, body)) == (409, "conflict", "slot_taken")

    @pytest.mark.parametrize("status", ["cancelled", "completed", "no_show"])
    def test_409_a_final_state(self, api: Api, system: RunningSystem, agent: str, status: str) -> None:
        call_id = api.book(agent, fresh_start())
        if status == "cancelled":
            assert api.ask("DELETE", call_id).status_code == 200
        else:
            set_status(system, api, call_id, status)
        assert said(api.ask("PATCH", call_id, {"guestName": "Joe"})) == (409, "conflict", "final_state")

    def test_429_too_many_requests(self, place: OwnApp, api: Api, agent: str) -> None:
        call_id = api.book(agent, fresh_start())
        with place.client(limits=RateLimits(minute=2, hour=1000, day=1000)) as limited:
            answers = [limited.ask("PATCH", call_id, {"guestName": f"Joe {n}"}) for n in range(5)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(refused) >= 1, "two a minute: and at most one minute turns between five requests"
        assert said(refused[-1]) == (429, "rate_limit_exceeded", "client_limit")
        assert int(refused[-1].headers["retry-after"]) >= 1

    def test_500_what_is_stored_cannot_be_read(self, api: Api, system: RunningSystem, agent: str) -> None:
        call_id = api.book(agent, fresh_start())
        set_status(system, api, call_id, "no such status")
        answer = api.ask("PATCH", call_id, {"guestName": "Joe"})
        assert said(answer)[:2] == (500, "server_error")
        assert "no such status" not in answer.text


class TestBooking:
    """The rows of the booking's table of errors."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"scheduledAtUtc": "2020-01-01T00:00:00Z"},
            {"guestName": None},
            {"guestPhone": None, "guestEmail": None},
            {"appTimezone": None},
            {"scheduledAtUtc": None},
        ],
    )
    def test_400_a_bad_request(self, api: Api, agent: str, changes: dict[str, Any]) -> None:
        assert said(api.create(agent, fresh_start(), **changes))[:2] == (400, "invalid_request")

    def test_403_without_the_scope(self, place: OwnApp, agent: str) -> None:
        with place.client(Scope.SCHEDULING_READ) as reader:
            assert said(reader.create(agent, fresh_start()))[:2] == (403, "forbidden")

    def test_409_the_slot_is_taken(self, api: Api, agent: str) -> None:
        start = fresh_start()
        api.book(agent, start)
        assert said(api.create(agent, start)) == (409, "conflict", "slot_taken")

    def test_409_nobody_is_free(self, api: Api) -> None:
        start = fresh_start()
        answers = [api.create(None, start, assignmentMethod="round_robin") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 409]
        assert said(answers[-1]) == (409, "conflict", "no_agent_available")

    def test_429_a_customer_s_limit(self, other: Api) -> None:
        guest = {"guestPhone": "+57 300 555 0999", "guestEmail": "often@example.com"}
        answers = [other.create(None, fresh_start(), **guest) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
        assert said(answers[-1]) == (429, "rate_limit_exceeded", "customer_limit")
        first = answers[0].json()["data"]["call"]["created_at"]
        allowed = datetime.fromisoformat(answers[-1].json()["error"]["details"][0]["nextAllowedAt"])
        assert allowed == datetime.fromisoformat(first) + timedelta(days=1)


def test_bulk_claim_confirm_and_holds_answer_too(api: Api, agent: str) -> None:
    first, second = api.book(agent, fresh_start()), api.book(agent, fresh_start(), requireConfirmation=True)
    assert api.client.post(f"{api.path}/{second}/confirm", json={}).json()["data"]["call"]["status"] == "confirmed"
    assert said(api.client.post(f"{api.path}/{first}/claim", json={"agentId": agent}))[2] == "not_in_pool"
    results = api.client.post(f"{api.path}/bulk", json={"action": "cancel", "ids": [first, second, "x"]}).json()
    assert [one["ok"] for one in results["data"]["results"]] == [True, True, False]
    start = fresh_start()
    holds = f"/api/v1/video/{api.app_id}/holds"
    held = api.client.post(holds, json={"agentId": agent, "startUtc": text(start)})
    assert held.status_code == 201
    assert said(api.create(agent, start))[2] == "slot_taken"
    assert api.book(agent, start, holdId=held.json()["data"]["hold"]["id"])
