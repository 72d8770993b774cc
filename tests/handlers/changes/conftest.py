"""The handlers that change calls, and what stands in rows behind them."""

from datetime import date
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.store.dynamodb import keys
from slotline.wiring import common
from tests.support.aws.requests import Requests, counted
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import put_app
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tests.support.memory.wiring import MemoryPorts
from tests.support.oracles.invariants import State, days_equal_their_calls, no_two_calls_collide

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
START = "2026-05-01T15:00:00.000Z"
"""A Friday; the present is the Wednesday of the week before, at noon."""
LATER = "2026-05-01T16:00:00.000Z"
NEXT_DAY = "2026-05-02T15:00:00.000Z"
GUEST = {"guestName": "Jane Doe", "guestEmail": "jane@example.com", "appTimezone": "UTC"}
ALWAYS = [{"weekday": day, "start": "00:00", "end": "24:00", "zone": "UTC"} for day in range(7)]


class Calls:
    """One app's calls, through their handlers."""

    def __init__(self, ports: MemoryPorts | TablePorts, app_id: str = APP_ID) -> None:
        self.ports, self.app_id = ports, app_id

    @property
    def path(self) -> str:
        return f"/api/v1/video/{self.app_id}/scheduled-calls"

    def at(self, call: Any, action: str = "") -> str:
        call_id = call["id"] if isinstance(call, dict) else call
        return f"{self.path}/{call_id}" + (f"/{action}" if action else "")

    def endpoint(self, folder: str, method: str, **caller: str) -> Endpoint:
        return Endpoint(f"scheduled_calls/{folder}", method, partner(**{"app_ids": self.app_id, **caller}))

    def asking(
        self, headers: dict[str, str] | None = None, caller: dict[str, str] | None = None, **changes: Any
    ) -> Reply:
        """Ask for a call with the first agent; None leaves a field out."""
        wanted = {**GUEST, "scheduledAtUtc": START, "assignedAgentId": "agent-1", **changes}
        body = {name: value for name, value in wanted.items() if value is not None}
        return self.endpoint("create", "POST", **(caller or {}))(self.path, body, headers=headers)

    def book(self, **changes: Any) -> dict[str, Any]:
        reply = self.asking(**changes)
        assert reply.status == 201, reply.text
        call: dict[str, Any] = reply.json["data"]["call"]
        return call

    def patch(self, call: Any, body: Any, **caller: str) -> Reply:
        return self.endpoint("update", "PATCH", **caller)(self.at(call), body)

    def cancel(self, call: Any, body: Any = None, query: dict[str, str] | None = None, **caller: str) -> Reply:
        return self.endpoint("cancel", "DELETE", **caller)(self.at(call), body, query=query)

    def confirm(self, call: Any, headers: dict[str, str] | None = None, **caller: str) -> Reply:
        return self.endpoint("confirm", "POST", **caller)(self.at(call, "confirm"), {}, headers=headers)

    def claim(self, call: Any, agent_id: str, headers: dict[str, str] | None = None, **caller: str) -> Reply:
        return self.endpoint("claim", "POST", **caller)(self.at(call, "claim"), {"agentId": agent_id}, headers=headers)

    def attend(
        self, call: Any, action: str, body: Any = None, headers: dict[str, str] | None = None, **caller: str
    ) -> Reply:
        """Say what became of a meeting: start, complete or no-show."""
        return self.endpoint("attendance", "POST", **caller)(self.at(call, action), body, headers=headers)

    def remind(self, call: Any, body: Any = None, headers: dict[str, str] | None = None, **caller: str) -> Reply:
        return self.endpoint("remind", "POST", **caller)(self.at(call, "reminders"), body, headers=headers)

    def bulk(self, body: Any, headers: dict[str, str] | None = None, **caller: str) -> Reply:
        return self.endpoint("bulk", "POST", **caller)(f"{self.path}/bulk", body, headers=headers)

    def hold(
        self, headers: dict[str, str] | None = None, caller: dict[str, str] | None = None, **changes: Any
    ) -> Reply:
        body = {"agentId": "agent-1", "startUtc": START, **changes}
        endpoint = Endpoint("availability/hold", "POST", partner(**{"app_ids": self.app_id, **(caller or {})}))
        return endpoint(f"/api/v1/video/{self.app_id}/holds", body, headers=headers)

    def kept_hold(self, method: str, hold_id: str, **caller: str) -> Reply:
        """Read a hold, or let it go."""
        endpoint = Endpoint("availability/hold", method, partner(**{"app_ids": self.app_id, **caller}))
        return endpoint(f"/api/v1/video/{self.app_id}/holds/{hold_id}")

    def read(self, call: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The call and its timeline."""
        reply = self.endpoint("get", "GET")(self.at(call))
        assert reply.status == 200, reply.text
        return reply.json["data"]["call"], reply.json["data"]["events"]

    def events(self, call: Any) -> list[str]:
        return [event["event_type"] for event in self.read(call)[1]]

    def stored(self, call: Any) -> dict[str, Any]:
        """The call's row."""
        call_id = call["id"] if isinstance(call, dict) else call
        row = self.ports.row(keys.call(self.app_id, call_id))
        assert row
        return row

    def messages(self, call: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of the call's messages, as they lie there."""
        pk = keys.call(self.app_id, call["id"])["pk"]
        return [row for row in self.ports.rows() if row["pk"] == pk and row["sk"].startswith("REMINDER#")]

    def overwrite(self, call: dict[str, Any], **attributes: Any) -> None:
        """Put a call into another state, as other parts of the system do."""
        self.ports.put(self.stored(call) | attributes)

    def day(self, agent_id: str, day: str) -> dict[str, Any]:
        """The claims of an agent's day by id."""
        row = self.ports.row(keys.agent_day(self.app_id, agent_id, date.fromisoformat(day))) or {}
        return {name.removeprefix("claim_"): value for name, value in row.items() if name.startswith("claim_")}

    def check_days(self) -> None:
        """Every agent's days are what the calls make them."""
        state = State.of(self.ports.rows(), self.app_id)
        days_equal_their_calls(state)
        no_two_calls_collide(state)

    def set_agent(self, agent_id: str, **attributes: Any) -> None:
        self.ports.put({**keys.agent(self.app_id, agent_id), "agent_id": agent_id, "name": agent_id, **attributes})

    def set_reminders(self, **channels: list[str]) -> None:
        """The kinds of messages that the app's preset lists, each with its channels."""
        put_app(self.ports, self.app_id, agents=(), reminders=channels)

    def set_preset(self, **values: object) -> None:
        """The app's preset, with the defaults but for these."""
        put_app(self.ports, self.app_id, agents=(), **values)

    def counted(self) -> Any:
        """Count the requests to DynamoDB."""
        return counted(common.dynamodb())


def writes(requests: Requests) -> list[str]:
    """The requests but for the reading and the rate's counter."""
    return [name for name in requests.operations if name not in ("BatchGetItem", "UpdateItem", "Query", "GetItem")]


def code_of(reply: Reply) -> tuple[int, str, str | None]:
    """Status, type and the first detail's code."""
    return reply.status, reply.error["type"], (reply.error["details"] or [{}])[0].get("code")


@pytest.fixture
def calls(ports: MemoryPorts | TablePorts, app: str) -> Calls:
    """The app's calls. Its two agents always work."""
    calls = Calls(ports, app)
    for agent_id in ("agent-1", "agent-2"):
        calls.set_agent(agent_id, working_hours=ALWAYS)
    return calls


@pytest.fixture
def others(ports: MemoryPorts | TablePorts, app: str) -> Calls:
    """The calls of another app."""
    del app
    put_app(ports, OTHER_APP_ID)
    return Calls(ports, OTHER_APP_ID)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race is tried again at once."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
