"""A guest with the link of a call that was just booked, at the real handlers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from slotline.clock import FullJitter
from slotline.ports.apps import AgentChange
from slotline.wiring import common
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, Reply
from tests.support.memory.wiring import MemoryPorts

START = "2026-05-04T10:00:00.000Z"
"""A Monday."""
SECRET_THINGS = ("joe.agent@example.com", "internal remark", "t-1234", "+57 300 555 0100", "jane@example.com")
"""What no answer to a guest holds: the agent's address, what partners note, the guest's own address and number."""
HERE = "/api/v1/guest/"


@dataclass
class Guest:
    """Who has a link, and what it leads to."""

    token: str
    call: dict[str, Any]
    address: str = "192.0.2.7"

    def get(self, below: str = "", **query: str) -> Reply:
        """A GET of the API."""
        return self._send("guest/read", "ANY", below, None, query)

    def head(self, below: str = "") -> Reply:
        """A HEAD of the API."""
        return self._send("guest/read", "ANY", below, None, {}, method="HEAD")

    def post(self, name: str, body: Any = None, **headers: str) -> Reply:
        """A POST of the API."""
        sent = {key.replace("_", "-"): value for key, value in headers.items()}
        return self._send("guest/change", "POST", f"/{name}", body, {}, headers=sent)

    def page(self, method: str = "GET", step: str = "", language: str | None = None, **query: str) -> Reply:
        """The page, or a step of it. `language`: what the browser asks for."""
        below, route = (f"/{step}", "ANY /b/{token}/{step}") if step else ("", "ANY /b/{token}")
        endpoint = Endpoint("pages/guest", method, None, self.address, route)
        headers = {"accept-language": language} if language else None
        return endpoint(f"/b/{self.token}{below}", query=query, headers=headers)

    def press(self, step: str = "confirm", query: dict[str, str] | None = None, **form: str) -> Reply:
        """A button of the page."""
        endpoint = Endpoint("pages/guest", "POST", None, self.address, "POST /b/{token}/{step}")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        return endpoint(f"/b/{self.token}/{step}", raw=urlencode(form), query=query, headers=headers)

    def times(self, day: str = "2026-05-05") -> list[str]:
        """The starts of a day that they may choose."""
        reply = self.get("/availability", fromUtc=f"{day}T00:00:00.000Z", toUtc=f"{day}T23:59:00.000Z")
        assert reply.status == 200, reply.text
        return [slot["startUtc"] for slot in reply.json["data"]["slots"]]

    def now(self) -> dict[str, Any]:
        """The call as a partner sees it, with its timeline."""
        path = f"/api/v1/video/{APP_ID}/scheduled-calls/{self.call['id']}"
        found: dict[str, Any] = Endpoint("scheduled_calls/get", "GET")(path).json["data"]
        return found

    def _send(
        self,
        folder: str,
        prefix: str,
        below: str,
        body: Any,
        query: dict[str, str],
        *,
        method: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        asked = method or ("GET" if prefix == "ANY" else prefix)
        endpoint = Endpoint(folder, asked, None, self.address, f"{prefix} {HERE}{{token}}{below}")
        return endpoint(f"{HERE}{self.token}{below}", body, query=query, headers=headers)


Invite = Callable[..., Guest]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race is tried again at once."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))


@pytest.fixture
def invite(ports: MemoryPorts | TablePorts) -> Invite:
    """Books a call under a preset that is set up so, and gives its guest the link."""

    def book(
        preset: dict[str, Any] | None = None, agents: tuple[str, ...] = ("agent-1", "agent-2"), **body: Any
    ) -> Guest:
        provision(ports, APP_ID, agents=agents, **(preset or {}))
        for agent_id in agents:
            ports.agents.change(APP_ID, agent_id, AgentChange(values={"email": "joe.agent@example.com"}))
        return booked(**body)

    return book


def booked(**body: Any) -> Guest:
    """One more call of the app."""
    said = {
        "guestName": "Jane Doe",
        "guestEmail": "jane@example.com",
        "guestPhone": "+57 300 555 0100",
        "guestTimezone": "America/Bogota",
        "guestIntakeNotes": "internal remark",
        "metadata": {"ticket": "t-1234"},
        "scheduledAtUtc": START,
        "assignedAgentId": "agent-1",
        "appTimezone": "UTC",
        **body,
    }
    sent = {name: value for name, value in said.items() if value is not None}
    reply = Endpoint("scheduled_calls/create", "POST")(f"/api/v1/video/{APP_ID}/scheduled-calls", sent)
    assert reply.status == 201, reply.text
    call = reply.json["data"]["call"]
    return Guest(call["guest_url"].rpartition("/")[2], call)
