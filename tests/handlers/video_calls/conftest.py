"""A website at the real handlers of instant calls."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.domain.access.identity import RateLimits, secret_hash
from slotline.store.access.credentials import DynamoAccess
from slotline.store.booking.items import scheduled_room_item
from slotline.store.dynamodb import keys
from slotline.wiring import common
from slotline.wiring.booking import calls
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import put_app
from tests.support.handlers import APP_ID, Endpoint, Reply
from tests.support.memory.access import MemoryAccess
from tests.support.memory.wiring import MemoryPorts

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
KEY = "slw_example-example-example-example-example-123"
OTHER_KEY = "slw_another-another-another-another-another-123"
CREDENTIALS = {"x-app-id": APP_ID, "x-widget-key": KEY}
BOOKING = {
    "guestName": "Jane Doe",
    "guestEmail": "jane@example.com",
    "scheduledAtUtc": "2026-05-01T15:00:00.000Z",
    "appTimezone": "UTC",
}
WIDE = RateLimits(minute=1_000, hour=10_000, day=100_000)


@dataclass
class Site:
    """A website of the test's app, and what it may send."""

    ports: MemoryPorts | TablePorts
    headers: dict[str, str] = field(default_factory=lambda: dict(CREDENTIALS))
    secrets: dict[str, str] = field(default_factory=dict)

    def create(self, body: Any = None, **how: Any) -> Reply:
        """POST /api/calls."""
        reply = self._send("create", "POST", "/api/calls", body, **how)
        if reply.status == 201:
            self.secrets[reply.json["data"]["callId"]] = reply.json["data"]["callSecret"]
        return reply

    def get(self, call_id: str, **how: Any) -> Reply:
        """GET /api/calls/{id}, with the secret of a call that this site started."""
        return self._send("get", "GET", f"/api/calls/{call_id}", None, **self._opening(call_id, how))

    def end(self, call_id: str, body: Any = None, **how: Any) -> Reply:
        """POST /api/calls/{id}/end, likewise."""
        return self._send("end", "POST", f"/api/calls/{call_id}/end", body, **self._opening(call_id, how))

    def started(self, body: Any = None, **how: Any) -> str:
        """The id of a call that was just made."""
        reply = self.create(body, **how)
        assert reply.status == 201, reply.text
        return reply.json["data"]["callId"]

    @property
    def access(self) -> MemoryAccess | DynamoAccess:
        """Where widget keys are kept."""
        return self.ports.access

    def rows(self) -> list[dict[str, Any]]:
        """The rooms that there are."""
        return [row for row in self.ports.rows() if row["pk"].startswith("ROOM#")]

    def put_preset(self, preset_id: str, **fields: object) -> None:
        """A preset of the app that is not the active one."""
        self.ports.put({**keys.preset(APP_ID, preset_id), "preset_id": preset_id, "name": preset_id, **fields})

    def _opening(self, call_id: str, how: dict[str, Any]) -> dict[str, Any]:
        secret = self.secrets.get(call_id)
        shown = {"x-call-secret": secret} if secret else {}
        return {**how, "headers": shown | how.get("headers", {})}

    def _send(self, folder: str, method: str, path: str, body: Any, **how: Any) -> Reply:
        headers = how.pop("credentials", self.headers) | how.pop("headers", {})
        caller, address = how.pop("caller", None), how.pop("address", "127.0.0.1")
        return Endpoint(f"video_calls/{folder}", method, caller, address)(path, body, headers=headers, **how)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race is tried again at once."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that was logged and measured so far, with everything that hangs on a record."""
    return lambda: capsys.readouterr().out + "\n".join(str(vars(record)) for record in caplog.records)


@pytest.fixture
def site(ports: MemoryPorts | TablePorts, app: str) -> Site:
    """A website with a key of the app; another app has a key of its own."""
    put_app(ports, OTHER_APP_ID, agents=())
    access = ports.access
    access.add_widget_key(secret_hash(KEY), app, "2026-04-01T12:00:00.000Z", WIDE)
    access.add_widget_key(secret_hash(OTHER_KEY), OTHER_APP_ID, "2026-04-01T12:00:00.000Z")
    return Site(ports)


@pytest.fixture
def booked(ports: MemoryPorts | TablePorts, app: str) -> dict[str, Any]:
    """Book a call of May; what its partner is told of it."""
    reply = Endpoint("scheduled_calls/create", "POST")(f"/api/v1/video/{app}/scheduled-calls", BOOKING)
    shown: dict[str, Any] = reply.json["data"]["call"]
    call, _ = calls.calls().get(app, shown["id"])
    ports.put(scheduled_room_item(call))
    return shown


@dataclass
class Tab:
    """A page in a room, by its tab's secret."""

    call_id: str
    side: str = "guest"
    token: str | None = None
    seat: str = "a-seat-that-nobody-else-finds-1234567"
    tab: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def enter(self, **said: Any) -> Reply:
        """Ask for the seat."""
        body = {"side": self.side, "seat": self.seat, **({"token": self.token} if self.token else {}), **said}
        reply = self.ask("enter", body)
        if reply.status == 200 and reply.json["data"]["state"] == "in":
            self.tab = reply.json["data"]["tab"]
        return reply

    def sync(self, **said: Any) -> Reply:
        """Say that the page is there."""
        return self.ask("sync", self._page() | said)

    def leave(self, how: str = "leave") -> Reply:
        """Go."""
        return self.ask("leave", self._page() | {"how": how})

    def ask(self, verb: str, body: Any) -> Reply:
        """Any of the room's requests."""
        folder = "enter" if verb == "ways" else verb
        headers = {"host": "video.example.com", **self.headers}
        return Endpoint(f"rooms/{folder}", "POST", None)(f"/c/{self.call_id}/{verb}", body, headers=headers)

    def _page(self) -> dict[str, Any]:
        return {"side": self.side, "seat": self.seat, "tab": self.tab or 1}
