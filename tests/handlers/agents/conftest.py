"""The handlers of agents, with those that book, on an app as the command line makes it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.wiring import common
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tests.support.memory.wiring import MemoryPorts

OTHER_APP_ID = "01890000-0000-7000-8000-000000000002"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def path(*parts: str, app_id: str = APP_ID) -> str:
    """An address under the app's agents."""
    return "/".join((f"/api/v1/video/{app_id}/agents", *parts))


def reading(**caller: str) -> Endpoint:
    return Endpoint("agents/read", "GET", partner(**caller))


def writing(method: str, **caller: str) -> Endpoint:
    return Endpoint("agents/write", method, partner(**caller))


def excepting(method: str = "POST", **caller: str) -> Endpoint:
    return Endpoint("agents/exceptions", method, partner(**caller))


def quieting(method: str = "POST", **caller: str) -> Endpoint:
    return Endpoint("agents/do_not_disturb", method, partner(**caller))


def book(start: str, agent_id: str | None = "agent-1", **more: Any) -> Reply:
    """Book half an hour by the handler that books."""
    body = {
        "guestName": "Jane Doe",
        "guestEmail": "jane@example.com",
        "scheduledAtUtc": start,
        "appTimezone": "UTC",
        **({"assignedAgentId": agent_id} if agent_id else {}),
        **more,
    }
    return Endpoint("scheduled_calls/create", "POST", partner())(f"/api/v1/video/{APP_ID}/scheduled-calls", body)


def cancel(call_id: str) -> None:
    endpoint = Endpoint("scheduled_calls/cancel", "DELETE", partner())
    assert endpoint(f"/api/v1/video/{APP_ID}/scheduled-calls/{call_id}").status == 200


def free_slots(start: str, end: str, agent_id: str = "agent-1") -> list[str]:
    """What a search offers."""
    query = {"fromUtc": start, "toUtc": end, "agentId": agent_id}
    reply = Endpoint("availability/search", "GET", partner())(f"/api/v1/video/{APP_ID}/availability", query=query)
    return [slot["startUtc"] for slot in reply.json["data"]["slots"]]


@pytest.fixture
def app(ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch) -> str:
    """An app with two presets and two agents; its id."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    provision(ports, APP_ID)
    return APP_ID


@pytest.fixture
def check_days(ports: MemoryPorts) -> Callable[[], None]:
    """Every claim is of something that is there, on every day it touches; everything that blocks has its claims."""

    def check() -> None:
        found = ports.rows()
        claims = {
            (row["pk"], row["sk"].removeprefix("DAY#"), name.removeprefix("claim_"))
            for row in found
            if row["sk"].startswith("DAY#")
            for name in row
            if name.startswith("claim_")
        }
        assert claims == {place for row in found for place in _expected(row)}

    return check


def _expected(row: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """The claims that this row stands for, told from the row alone, minute by minute where zones are odd."""
    if row["sk"] == "CALL" and row["status"] != "cancelled" and row.get("assigned_agent_id"):
        start = datetime.fromisoformat(row["scheduled_at"])
        first = start - timedelta(minutes=row["buffer_before_minutes"])
        last = start + timedelta(minutes=row["duration_minutes"] + row["buffer_after_minutes"])
        return {(_pk(row["app_id"], row["assigned_agent_id"]), day, row["id"]) for day in _days(first, last)}
    if row["sk"].startswith("DND#"):
        first, last = datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])
        return {(row["pk"], day, row["id"]) for day in _days(first, last)}
    if row["sk"].startswith("AGENT#"):
        pk = f"{row['pk']}#{row['sk']}"
        return {place for one in row.get("exceptions", {}).values() for place in _of_exception(pk, one)}
    return set()


def _of_exception(pk: str, fields: Mapping[str, str]) -> set[tuple[str, str, str]]:
    """Of blocked ones on the clocks of UTC, which are all that these tests make."""
    if fields["kind"] != "blocked":
        return set()
    assert fields["zone"] == "UTC"
    first, last = (datetime.fromisoformat(fields[name]).replace(tzinfo=UTC) for name in ("first", "last"))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    whole = (fields["start"], fields["end"]) == ("00:00", "24:00")
    return {(pk, day.date().isoformat(), f"{fields['id']}.{0 if whole else number}") for number, day in enumerate(days)}


def _pk(app_id: str, agent_id: str) -> str:
    return f"APP#{app_id}#AGENT#{agent_id}"


def _days(first: datetime, last: datetime) -> list[str]:
    minutes = range((last - first) // timedelta(minutes=1))
    return sorted({(first + timedelta(minutes=n)).date().isoformat() for n in minutes})
