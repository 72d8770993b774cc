"""A website's own booking form at the real handlers: a widget key in headers, before services of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.store.dynamodb import keys
from slotline.wiring import common
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import put_app
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tests.support.memory.wiring import MemoryPorts

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
KEY = "slw_example-example-example-example-example-123"
OTHER_KEY = "slw_another-another-another-another-another-123"
WIDE = RateLimits(minute=1_000, hour=10_000, day=100_000)
MONDAY = "2026-05-04"
OFFICE = [{"weekday": day, "start": "09:00", "end": "17:00", "zone": "UTC"} for day in range(5)]
ADDRESS = "jane@example.com"


@dataclass
class Site:
    """A website of the test's app, and what it may send."""

    ports: MemoryPorts | TablePorts
    headers: dict[str, str] = field(default_factory=lambda: {"x-app-id": APP_ID, "x-widget-key": KEY})
    address: str = "192.0.2.1"
    app_id: str = APP_ID

    @property
    def video(self) -> str:
        return f"/api/v1/video/{self.app_id}"

    def send(
        self,
        folder: str,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **how: Any,
    ) -> Reply:
        """As the authorizer lets it through: it names nobody."""
        sent = {**self.headers, **(headers or {})}
        endpoint = Endpoint(folder, method, how.pop("caller", None), self.address)
        return endpoint(f"{self.video}{path}", body, query=dict(query or {}), headers=sent, **how)

    def services(self, **how: Any) -> Reply:
        return self.send("presets/read", "GET", "/services", **how)

    def search(self, headers: Mapping[str, str] | None = None, **query: str) -> Reply:
        asked = {"fromUtc": f"{MONDAY}T09:00:00Z", "toUtc": f"{MONDAY}T12:00:00Z", **query}
        return self.send("availability/search", "GET", "/availability", query=asked, headers=headers)

    def asking(self, at: str = "10:00", headers: Mapping[str, str] | None = None, **fields: Any) -> Reply:
        body = {
            "guestName": "Jane Doe",
            "guestEmail": ADDRESS,
            "appTimezone": "UTC",
            "scheduledAtUtc": f"{MONDAY}T{at}:00Z",
            "assignedAgentId": "agent-1",
            **fields,
        }
        said = {name: value for name, value in body.items() if value is not None}
        return self.send("scheduled_calls/create", "POST", "/scheduled-calls", said, headers=headers)

    def booked(self, at: str = "10:00", **fields: Any) -> dict[str, Any]:
        reply = self.asking(at, **fields)
        assert reply.status == 201, reply.text
        call: dict[str, Any] = reply.json["data"]["call"]
        return call

    def hold(self, at: str = "10:00", headers: Mapping[str, str] | None = None, **fields: Any) -> Reply:
        body = {"agentId": "agent-1", "startUtc": f"{MONDAY}T{at}:00Z", **fields}
        said = {name: value for name, value in body.items() if value is not None}
        return self.send("availability/hold", "POST", "/holds", said, headers=headers)

    def send_for_code(self, headers: Mapping[str, str] | None = None, **fields: Any) -> Reply:
        body = {"guestEmail": ADDRESS, **fields}
        said = {name: value for name, value in body.items() if value is not None}
        return self.send("scheduled_calls/send_code", "POST", "/verifications", said, headers=headers)

    def calls(self) -> list[dict[str, Any]]:
        """The rows of the app's calls."""
        return [row for row in self.ports.rows() if row["sk"] == "CALL" and row["pk"].startswith(f"APP#{self.app_id}#")]

    def set_preset(self, **fields: Any) -> None:
        """The app's active preset, with the defaults but for these."""
        put_app(self.ports, self.app_id, agents=(), **fields)

    def add_preset(self, **fields: Any) -> str:
        """The id of a preset that rules nothing by itself."""
        reply = Endpoint("presets/write", "POST", partner())(f"{self.video}/presets", {"name": "First visit", **fields})
        assert reply.status == 201, reply.text
        return str(reply.json["data"]["preset"]["preset_id"])

    def set_agent(self, agent_id: str, **attributes: Any) -> None:
        key = keys.agent(self.app_id, agent_id)
        self.ports.put({**key, "agent_id": agent_id, "name": agent_id.title(), "working_hours": OFFICE, **attributes})


def problem(reply: Reply) -> tuple[int, str | None, str | None]:
    """Status, and the first detail's field and code."""
    first = (reply.error["details"] or [{}])[0]
    return reply.status, first.get("field"), first.get("code")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race is tried again at once."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))


@pytest.fixture
def site(ports: MemoryPorts | TablePorts) -> Site:
    """A website of an app whose guests choose between two agents who work in an office, and a key of another app."""
    provision(ports, APP_ID)
    provision(ports, OTHER_APP_ID)
    ports.access.add_widget_key(secret_hash(KEY), APP_ID, "2026-04-01T00:00:00.000Z", WIDE)
    ports.access.add_widget_key(secret_hash(OTHER_KEY), OTHER_APP_ID, "2026-04-01T00:00:00.000Z", WIDE)
    site = Site(ports)
    for agent_id in ("agent-1", "agent-2"):
        site.set_agent(agent_id, email=f"{agent_id}@example.com", tags=["secret-tag"])
    return site
