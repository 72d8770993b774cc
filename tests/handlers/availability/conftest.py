"""The handler that searches, before agents who work in an office."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from slotline.store.dynamodb import keys
from slotline.wiring import common
from tests.support.aws.requests import Requests, counted
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import put_app
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tests.support.memory.wiring import MemoryPorts

OFFICE = [{"weekday": day, "start": "09:00", "end": "17:00", "zone": "UTC"} for day in range(5)]
MONDAY = "2026-05-04"


def times(reply: Reply) -> list[str]:
    """The starts offered, as clocks show them in UTC."""
    assert reply.status == 200, reply.text
    return [slot["startUtc"][11:16] for slot in reply.json["data"]["slots"]]


class Office:
    """An app whose agents work Monday to Friday from nine to five."""

    def __init__(self, ports: MemoryPorts | TablePorts) -> None:
        self.ports = ports
        self.path = f"/api/v1/video/{APP_ID}/availability"

    def agents(self, *agent_ids: str, **attributes: Any) -> None:
        for agent_id in agent_ids:
            row = {"agent_id": agent_id, "name": agent_id, "working_hours": OFFICE, **attributes}
            self.ports.put({**keys.agent(APP_ID, agent_id), **row})

    def preset(self, **preset: Any) -> None:
        put_app(self.ports, APP_ID, agents=(), **preset)

    def search(self, start: str = f"{MONDAY}T09:00:00Z", end: str = f"{MONDAY}T12:00:00Z", **query: Any) -> Reply:
        asked = {"fromUtc": start, "toUtc": end} | {name: str(value) for name, value in query.items()}
        return Endpoint("availability/search", "GET", partner())(self.path, query=asked)

    def book(self, start: str, agent_id: str = "agent-1", **changes: Any) -> str:
        body = {
            "guestName": "Jane Doe",
            "guestEmail": "jane@example.com",
            "appTimezone": "UTC",
            "scheduledAtUtc": start,
            "assignedAgentId": agent_id,
            **changes,
        }
        reply = Endpoint("scheduled_calls/create", "POST", partner())(f"/api/v1/video/{APP_ID}/scheduled-calls", body)
        assert reply.status == 201, reply.text
        call_id: str = reply.json["data"]["call"]["id"]
        return call_id

    def put_claim(self, name: str, kind: str, start: int, end: int, agent_id: str = "agent-1", **more: Any) -> None:
        """Something that stands in the Monday of an agent, in minutes since 1970."""
        claim = {"kind": kind, "start": start, "end": end, "before": 0, "after": 0, **more}
        day = keys.agent_day(APP_ID, agent_id, date.fromisoformat(MONDAY))
        self.ports.change(day, **{f"claim_{name}": claim})

    def requests_of(self, ask: Callable[[], Reply]) -> Requests:
        with counted(common.dynamodb()) as requests:
            assert ask().status == 200
        return requests


@pytest.fixture
def office(ports: MemoryPorts | TablePorts, app: str) -> Office:
    """One agent; more are added by the tests."""
    del app
    ports.drop(keys.agent(APP_ID, "agent-2"))
    office = Office(ports)
    office.agents("agent-1")
    return office
