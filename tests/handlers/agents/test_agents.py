"""Agents: read, added, changed, deactivated; each change leaves alone what it does not name."""

import pytest

from slotline.domain.shared.audit import AuditEntry
from slotline.ports.apps import AgentChange
from slotline.store.dynamodb import keys
from slotline.wiring.booking.agents import agents as the_agents
from tests.handlers.agents.conftest import OTHER_APP_ID, book, path, reading, writing
from tests.support.builders.provisioned import OFFICE, provision
from tests.support.handlers import APP_ID

pytestmark = pytest.mark.usefixtures("app")

WINDOW = {"weekday": 0, "start": "09:00", "end": "12:00", "zone": "Europe/Berlin"}
AFTERNOON = WINDOW | {"start": "12:00", "end": "24:00"}
ADA = {
    "name": "Ada Park",
    "email": "ada@example.com",
    "timezone": "Europe/Berlin",
    "tags": ["Spanish", "level 2"],
    "maxCallsPerDay": 6,
    "photoUrl": "https://example.com/ada.jpg",
    "weight": 3,
    "workingHours": [WINDOW, AFTERNOON],
}


def give_turns(ports, agent_id, turns):
    ports.change(keys.agent(APP_ID, agent_id), turns=turns, last_turn_at="2026-04-20T10:00:00.000Z")


def agent(agent_id):
    return reading()(path(agent_id)).json["data"]["agent"]


class TestReading:
    def test_the_list_is_in_order_of_ids(self):
        reply = reading()(path())
        assert reply.status == 200
        assert [found["agent_id"] for found in reply.json["data"]["agents"]] == ["agent-1", "agent-2"]
        assert reply.json["pagination"] == {
            "total": 2,
            "limit": 50,
            "offset": 0,
            "hasMore": False,
            "nextCursor": None,
        }

    def test_a_page_of_the_list(self):
        reply = reading()(path(), query={"limit": "1", "offset": "0"})
        assert len(reply.json["data"]["agents"]) == 1
        assert reply.json["pagination"]["hasMore"] is True

    def test_one_agent_as_the_command_line_made_them(self):
        assert agent("agent-1") == {
            "agent_id": "agent-1",
            "name": "Agent-1",
            "email": None,
            "timezone": None,
            "tags": [],
            "max_calls_per_day": None,
            "photo_url": None,
            "weight": 1,
            "active": True,
            "working_hours": [
                {"weekday": window.weekday, "start": "09:00", "end": "17:00", "zone": "UTC"} for window in OFFICE
            ],
            "turns": 0,
            "last_turn_at": None,
        }

    def test_the_working_hours_alone(self):
        reply = reading()(path("agent-1", "working-hours"))
        assert reply.json["data"]["working_hours"] == agent("agent-1")["working_hours"]


class TestAdding:
    def test_an_agent_without_an_id_gets_one(self):
        reply = writing("POST")(path(), ADA)
        assert reply.status == 201
        added = reply.json["data"]["agent"]
        assert added["agent_id"][14] == "7"
        assert added == agent(added["agent_id"])
        assert [window["end"] for window in added["working_hours"]] == ["12:00", "24:00"]

    def test_an_agent_with_an_id_keeps_it(self):
        assert writing("POST")(path(), ADA | {"agentId": "user_abc"}).json["data"]["agent"]["agent_id"] == "user_abc"

    def test_an_id_is_taken_once(self):
        reply = writing("POST")(path(), ADA | {"agentId": "agent-1"})
        assert (reply.status, reply.error["details"][0]["code"]) == (409, "agent_exists")
        assert agent("agent-1")["name"] == "Agent-1"

    def test_another_app_may_have_the_same_id(self, ports):
        provision(ports, OTHER_APP_ID, agents=())
        endpoint = writing("POST", app_ids=OTHER_APP_ID)
        assert endpoint(path(app_id=OTHER_APP_ID), ADA | {"agentId": "agent-1"}).status == 201

    def test_a_new_agent_can_be_booked(self):
        writing("POST")(path(), {"agentId": "new", "name": "New"})
        assert book("2026-05-04T10:00:00Z", "new").status == 201

    def test_the_same_key_adds_one_agent(self):
        replies = [writing("POST")(path(), ADA, headers={"idempotency-key": "k-1"}) for _ in range(2)]
        assert [reply.status for reply in replies] == [201, 201]
        assert replies[0].text == replies[1].text
        assert [reply.headers.get("Idempotency-Replayed") for reply in replies] == [None, "true"]
        assert len(reading()(path()).json["data"]["agents"]) == 3

    def test_the_same_key_with_another_body_is_refused(self):
        writing("POST")(path(), ADA, headers={"idempotency-key": "k-1"})
        assert writing("POST")(path(), ADA | {"weight": 4}, headers={"idempotency-key": "k-1"}).status == 422

    def test_the_same_key_finds_its_answer_even_where_the_id_is_taken_by_now(self):
        body = ADA | {"agentId": "user_abc"}
        writing("POST")(path(), body, headers={"idempotency-key": "k-1"})
        writing("PATCH")(path("user_abc"), {"name": "Changed"})
        again = writing("POST")(path(), body, headers={"idempotency-key": "k-1"})
        assert (again.status, again.json["data"]["agent"]["name"]) == (201, "Ada Park")


class TestTurns:
    def test_a_newcomer_starts_at_the_least_share(self, ports):
        give_turns(ports, "agent-1", 10)
        give_turns(ports, "agent-2", 7)
        assert writing("POST")(path(), {"name": "New", "weight": 3}).json["data"]["agent"]["turns"] == 21

    def test_the_first_agent_starts_at_none(self, ports):
        provision(ports, OTHER_APP_ID, agents=())
        reply = writing("POST", app_ids=OTHER_APP_ID)(path(app_id=OTHER_APP_ID), {"name": "New"})
        assert reply.json["data"]["agent"]["turns"] == 0

    def test_those_who_left_do_not_count(self, ports):
        give_turns(ports, "agent-1", 10)
        writing("DELETE")(path("agent-2"))
        assert writing("POST")(path(), {"name": "New"}).json["data"]["agent"]["turns"] == 10

    def test_another_weight_keeps_the_share(self, ports):
        give_turns(ports, "agent-1", 10)
        assert writing("PATCH")(path("agent-1"), {"weight": 5}).json["data"]["agent"]["turns"] == 50
        assert writing("PATCH")(path("agent-1"), {"weight": 2}).json["data"]["agent"]["turns"] == 20

    def test_who_comes_back_does_not_catch_up(self, ports):
        writing("DELETE")(path("agent-1"))
        give_turns(ports, "agent-2", 30)
        back = writing("PATCH")(path("agent-1"), {"active": True}).json["data"]["agent"]
        assert (back["active"], back["turns"]) == (True, 30)

    def test_round_robin_takes_a_newcomer_in_turn(self):
        for _ in range(2):
            writing("POST")(path(), {"name": "New", "workingHours": [WINDOW | {"zone": "UTC"}]})
        mondays = ["2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"]
        got = [
            book(f"{day}T09:00:00Z", None, assignmentMethod="round_robin").json["data"]["call"]["assigned_agent_id"]
            for day in mondays
        ]
        assert len(set(got)) == 4


class TestChanging:
    def test_what_is_not_sent_stays(self):
        before = agent("agent-1")
        reply = writing("PATCH")(path("agent-1"), {"name": "Somebody"})
        assert reply.json["data"]["agent"] == before | {"name": "Somebody"} == agent("agent-1")

    def test_an_email_is_cleared_by_null(self):
        writing("PATCH")(path("agent-1"), {"email": "a@example.com"})
        assert writing("PATCH")(path("agent-1"), {"email": None}).json["data"]["agent"]["email"] is None

    def test_working_hours_are_replaced_whole(self):
        expected = [WINDOW]
        reply = writing("PATCH")(path("agent-1"), {"workingHours": [WINDOW]})
        assert reply.json["data"]["agent"]["working_hours"] == expected
        reply = writing("PUT")(path("agent-1", "working-hours"), {"workingHours": []})
        assert (reply.status, reply.json["data"]["working_hours"]) == (200, [])
        assert agent("agent-1")["working_hours"] == []

    def test_a_turn_given_meanwhile_is_not_lost(self, ports, monkeypatch):
        agents = the_agents()
        given = []
        real = type(agents).change

        def change(self, app_id: str, agent_id: str, wanted: AgentChange, entry: AuditEntry):
            if not given:
                given.append(give_turns(ports, agent_id, 4))
            return real(self, app_id, agent_id, wanted, entry)

        give_turns(ports, "agent-1", 3)
        monkeypatch.setattr(type(agents), "change", change)
        assert writing("PATCH")(path("agent-1"), {"weight": 2}).json["data"]["agent"]["turns"] == 8

    def test_deactivating_twice_answers_the_same(self):
        first, second = (writing("DELETE")(path("agent-1")) for _ in range(2))
        assert (first.status, second.status) == (200, 200)
        assert first.json["data"] == second.json["data"]
        assert first.json["data"]["agent"]["active"] is False

    def test_a_deactivated_agent_keeps_calls_and_gets_no_new_one(self):
        assert book("2026-05-04T10:00:00Z").status == 201
        writing("DELETE")(path("agent-1"))
        assert book("2026-05-04T12:00:00Z").status == 400
        assert len(reading()(path()).json["data"]["agents"]) == 2


def test_windows_of_other_zones_or_days_may_share_time():
    week = [WINDOW, WINDOW | {"weekday": 1}, WINDOW | {"zone": "Europe/Paris"}]
    assert writing("PUT")(path("agent-1", "working-hours"), {"workingHours": week}).status == 200


@pytest.mark.parametrize(("method", "rest"), [("PATCH", ()), ("DELETE", ()), ("PUT", ("working-hours",))])
def test_an_agent_of_another_app_is_not_there(ports, method, rest):
    provision(ports, OTHER_APP_ID, agents=("theirs",))
    body = {"PATCH": {"name": "Mine"}, "DELETE": None, "PUT": {"workingHours": []}}[method]
    reply = writing(method)(path("theirs", *rest), body)
    assert (reply.status, reply.error["type"]) == (404, "not_found")
    assert reply.error["message"] == writing(method)(path("never", *rest), body).error["message"]


@pytest.mark.parametrize("rest", [(), ("working-hours",), ("exceptions",), ("do-not-disturb",)])
def test_nothing_of_an_agent_of_another_app_is_read(ports, rest):
    provision(ports, OTHER_APP_ID, agents=("theirs",))
    assert reading()(path("theirs", *rest)).status == 404
    assert reading()(path("theirs", *rest, app_id=OTHER_APP_ID)).status == 403


def test_an_app_that_is_gone_is_said_to_be():
    gone = "01890000-0000-7000-8000-000000000009"
    for endpoint, where, body in (
        (reading(app_ids=gone), path(app_id=gone), None),
        (reading(app_ids=gone), path("agent-1", app_id=gone), None),
        (writing("POST", app_ids=gone), path(app_id=gone), ADA),
        (writing("PATCH", app_ids=gone), path("agent-1", app_id=gone), {"name": "Ada"}),
    ):
        assert endpoint(where, body).error["type"] == "app_not_found"


def test_a_reader_may_not_write():
    assert writing("POST", scopes="scheduling:read")(path(), ADA).status == 403
    assert writing("DELETE", scopes="scheduling:read")(path("agent-1")).status == 403
    assert reading(scopes="scheduling:write")(path()).status == 403


def test_who_asks_too_often_changes_nothing():
    endpoint = writing("PATCH", limit_minute="1")
    assert [endpoint(path("agent-1"), {"name": name}).status for name in ("First", "Second")] == [200, 429]
    assert agent("agent-1")["name"] == "First"
