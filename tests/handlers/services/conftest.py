"""The doors at which a preset is named, before an app with an active preset and two agents who work in an office."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.wiring import common
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tests.support.memory.wiring import MemoryPorts

VIDEO = f"/api/v1/video/{APP_ID}"
MONDAY = "2026-05-04"
ADDRESS = "jane@example.com"


@dataclass
class Shop:
    """An app whose partner sets up services and books them."""

    ports: MemoryPorts | TablePorts

    def write(self, method: str, path: str, body: Any = None) -> Reply:
        return Endpoint("presets/write", method, partner())(f"{VIDEO}/presets{path}", body)

    def add(self, **fields: Any) -> str:
        """The id of a new preset."""
        reply = self.write("POST", "", {"name": "First visit", **fields})
        assert reply.status == 201, reply.text
        return str(reply.json["data"]["preset"]["preset_id"])

    def change(self, preset_id: str, **fields: Any) -> Reply:
        return self.write("PATCH", f"/{preset_id}", fields)

    def activate(self, preset_id: str) -> Reply:
        return self.write("POST", f"/{preset_id}/activate")

    def remove(self, preset_id: str) -> Reply:
        return self.write("DELETE", f"/{preset_id}")

    def services(self, query: Mapping[str, str] | None = None, **caller: str) -> Reply:
        return Endpoint("presets/read", "GET", partner(**caller))(f"{VIDEO}/services", query=dict(query or {}))

    def book(self, at: str = "10:00", headers: Mapping[str, str] | None = None, **fields: Any) -> Reply:
        body = {
            "guestName": "Jane Doe",
            "guestEmail": ADDRESS,
            "appTimezone": "UTC",
            "scheduledAtUtc": f"{MONDAY}T{at}:00Z",
            "assignedAgentId": "agent-1",
            **fields,
        }
        return Endpoint("scheduled_calls/create", "POST", partner())(f"{VIDEO}/scheduled-calls", body, headers=headers)

    def booked(self, at: str = "10:00", **fields: Any) -> dict[str, Any]:
        """A call that was booked."""
        reply = self.book(at, **fields)
        assert reply.status == 201, reply.text
        call: dict[str, Any] = reply.json["data"]["call"]
        return call

    def move(self, call_id: str, **fields: Any) -> Reply:
        return Endpoint("scheduled_calls/update", "PATCH", partner())(f"{VIDEO}/scheduled-calls/{call_id}", fields)

    def cancel(self, call_id: str) -> Reply:
        return Endpoint("scheduled_calls/cancel", "DELETE", partner())(f"{VIDEO}/scheduled-calls/{call_id}")

    def hold(self, at: str = "10:00", **fields: Any) -> Reply:
        body = {"agentId": "agent-1", "startUtc": f"{MONDAY}T{at}:00Z", **fields}
        return Endpoint("availability/hold", "POST", partner())(f"{VIDEO}/holds", body)

    def search(self, **query: str) -> Reply:
        asked = {"fromUtc": f"{MONDAY}T09:00:00Z", "toUtc": f"{MONDAY}T12:00:00Z", **query}
        return Endpoint("availability/search", "GET", partner())(f"{VIDEO}/availability", query=asked)


def details(reply: Reply) -> list[tuple[str | None, str]]:
    """What was wrong: field and code."""
    return [(detail.get("field"), detail["code"]) for detail in reply.error["details"]]


@pytest.fixture
def shop(ports: MemoryPorts | TablePorts, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Its active preset has 30 minutes."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    provision(ports, APP_ID)
    return Shop(ports)
