"""Instant calls over HTTP on the whole local system: the documented requests, and the documented errors."""

from typing import Any

import httpx
import pytest

from local.process import RunningSystem
from tests.support import patient
from tests.support.worlds.api import target_of

pytestmark = pytest.mark.system


@pytest.fixture
def site(system: RunningSystem) -> dict[str, str]:
    """The demo website's credentials, as headers."""
    return {"X-App-Id": system.demo["app_id"], "X-Widget-Key": system.demo["widget_key"]}


def start(system: RunningSystem, headers: dict[str, str], **rest: Any) -> httpx.Response:
    return patient.post(f"{system.base_url}/api/calls", headers=headers, **rest)


def test_the_minimal_call(system: RunningSystem, site: dict[str, str]) -> None:
    answer = start(system, {**site, "Content-Type": "application/json"})
    data = answer.json()["data"]
    assert (answer.status_code, answer.json()["ok"]) == (201, True)
    room = f"{system.base_url}/c/{data['callId']}"
    host = f"{room}?role=agent&appId={site['X-App-Id']}&widgetKey={site['X-Widget-Key']}"
    assert data == {
        "callId": data["callId"],
        "callSecret": data["callSecret"],
        "hostJoinUrl": host,
        "guestJoinUrl": room,
        "joinUrl": room,
        "agentJoinUrl": host,
        "previewEnabled": True,
        "metadata": {},
    }
    assert patient.get(room).status_code == 200


def test_the_call_with_metadata_and_config(system: RunningSystem, site: dict[str, str]) -> None:
    body = {
        "title": "Support Session #1234",
        "description": "Customer onboarding walkthrough",
        "metadata": {"ticketId": "T-1234", "priority": "high"},
        "hostName": "Sarah (Support)",
        "guestName": "John",
        "recordOnStart": True,
    }
    answer = start(system, site, json=body)
    data = answer.json()["data"]
    assert answer.status_code == 201
    assert {name: data[name] for name in ("title", "description", "metadata")} == {
        name: body[name] for name in ("title", "description", "metadata")
    }
    mine = site | {"X-Call-Secret": data["callSecret"]}
    assert patient.get(f"{system.base_url}/api/calls/{data['callId']}", headers=site).status_code == 404
    read = patient.get(f"{system.base_url}/api/calls/{data['callId']}", headers=mine).json()["data"]
    assert (read["hostName"], read["guestName"], read["recordOnStart"]) == ("Sarah (Support)", "John", True)


@pytest.mark.parametrize(
    "changes",
    [{"X-App-Id": ""}, {"X-Widget-Key": ""}, {"X-Widget-Key": "slw_wrong"}, {"X-App-Id": "another"}],
    ids=["no app", "no key", "a wrong key", "another app"],
)
def test_401_missing_or_invalid(system: RunningSystem, site: dict[str, str], changes: dict[str, str]) -> None:
    answer = start(system, site | changes)
    assert (answer.status_code, answer.json()["ok"], answer.json()["error"]["type"]) == (401, False, "unauthorized")


def test_500_what_is_stored_cannot_be_read(system: RunningSystem, site: dict[str, str]) -> None:
    call_id = start(system, site).json()["data"]["callId"]
    target_of(system).client("dynamodb").update_item(
        TableName=system.tables["scheduling"],
        Key={"pk": {"S": f"ROOM#{call_id}"}, "sk": {"S": "ROOM"}},
        UpdateExpression="SET kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "no such kind"}},
    )
    answer = patient.get(f"{system.base_url}/api/calls/{call_id}", headers=site)
    assert (answer.status_code, answer.json()["ok"], answer.json()["error"]["type"]) == (500, False, "server_error")
    assert "no such kind" not in answer.text
