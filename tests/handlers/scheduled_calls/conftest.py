"""The three handlers of scheduled calls, and the address they stand at."""

import pytest

from slotline.clock import FullJitter
from slotline.wiring import common
from tests.support.aws.table_ports import TablePorts
from tests.support.handlers import APP_ID, Endpoint, partner
from tests.support.memory.wiring import MemoryPorts

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
SEED = {
    "assignedAgentId": "agent-1",
    "assignmentMethod": "manual",
    "guestName": "Jane Doe",
    "guestPhone": "+57 300 555 0100",
    "guestEmail": "jane@example.com",
    "guestTimezone": "America/Bogota",
    "guestIntakeNotes": "Wants to discuss contract renewal",
    "scheduledAtUtc": "2026-05-01T15:00:00.000Z",
    "durationMinutes": 30,
    "appTimezone": "America/Bogota",
    "bufferBeforeMinutes": 5,
    "bufferAfterMinutes": 5,
    "requireConfirmation": False,
}
LEAST = {
    "guestName": "Jane Doe",
    "guestEmail": "jane@example.com",
    "scheduledAtUtc": "2026-05-01T15:00:00.000Z",
    "appTimezone": "America/Bogota",
}


def path(app_id: str = APP_ID, call_id: str | None = None) -> str:
    """Where an app's calls are, or one of them."""
    return f"/api/v1/video/{app_id}/scheduled-calls" + (f"/{call_id}" if call_id else "")


def creating(**caller: str) -> Endpoint:
    """The handler that books."""
    return Endpoint("scheduled_calls/create", "POST", partner(**caller))


def getting(**caller: str) -> Endpoint:
    """The handler that shows one call."""
    return Endpoint("scheduled_calls/get", "GET", partner(**caller))


def listing(**caller: str) -> Endpoint:
    """The handler that lists calls."""
    return Endpoint("scheduled_calls/list", "GET", partner(**caller))


def booked(ports: MemoryPorts | TablePorts) -> int:
    """How many calls there are."""
    return sum(row["sk"] == "CALL" for row in ports.rows())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost race is tried again at once."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
