"""The handlers of webhooks, on an app as the command line makes it, with a receiver and the queues in memory."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.store.dynamodb.client import to_values
from slotline.wiring import common
from slotline.wiring.shared import queues
from slotline.wiring.webhooks import receivers
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, load_function, partner
from tests.support.memory.timing import MemoryDeadLetters, MemoryQueues
from tests.support.memory.webhooks import Receiver
from tests.support.memory.wiring import MemoryPorts

NEW = {"url": "https://example.com/hooks", "events": ["scheduled.created", "scheduled.cancelled"]}


def path(*parts: str, app_id: str = APP_ID) -> str:
    """An address under the app's webhooks."""
    return "/".join((f"/api/v1/video/{app_id}/webhooks", *parts))


def reading(**caller: str) -> Endpoint:
    return Endpoint("webhooks/read", "GET", partner(**caller))


def writing(method: str, **caller: str) -> Endpoint:
    return Endpoint("webhooks/write", method, partner(**caller))


def sending(**caller: str) -> Endpoint:
    return Endpoint("webhooks/resend", "POST", partner(**caller))


def subscribe(**changes: Any) -> dict[str, Any]:
    """A webhook, as its creation answers."""
    reply = writing("POST")(path(), {**NEW, **changes})
    assert reply.status == 201, reply.text
    webhook: dict[str, Any] = reply.json["data"]["webhook"]
    return webhook


def book(**changes: Any) -> dict[str, Any]:
    """A call, as its booking answers."""
    body = {
        "guestName": "Zoë Doe",
        "guestEmail": "jane@example.com",
        "scheduledAtUtc": "2026-05-04T10:00:00Z",
        "appTimezone": "UTC",
        "assignedAgentId": "agent-1",
        **changes,
    }
    reply = Endpoint("scheduled_calls/create", "POST", partner())(f"/api/v1/video/{APP_ID}/scheduled-calls", body)
    assert reply.status == 201, reply.text
    call: dict[str, Any] = reply.json["data"]["call"]
    return call


def cancel(call: Mapping[str, Any]) -> None:
    reply = Endpoint("scheduled_calls/cancel", "DELETE", partner())(
        f"/api/v1/video/{APP_ID}/scheduled-calls/{call['id']}"
    )
    assert reply.status == 200


def events_of(ports: MemoryPorts | TablePorts) -> list[dict[str, Any]]:
    """A stream record for the insertion of each event of a timeline."""
    return [record(to_values(row)) for row in ports.rows() if row["sk"].startswith("EVENT#")]


def record(row: Mapping[str, Any], name: str = "INSERT", **more: Any) -> dict[str, Any]:
    """What the stream brings for a row in DynamoDB's own types."""
    images = {"Keys": {"pk": row["pk"], "sk": row["sk"]}, "NewImage": row, "SequenceNumber": "1", **more}
    return {"eventID": "1", "eventName": name, "eventSourceARN": "arn", "dynamodb": images}


def fan_out(records: list[dict[str, Any]]) -> None:
    load_function("webhooks/fan_out").handler({"Records": records}, None)


def due_rows(ports: MemoryPorts | TablePorts) -> list[dict[str, Any]]:
    """The deliveries that are due some time."""
    found = [row for row in ports.rows() if "due_at" in row and row["sk"].startswith("DELIVERY#")]
    return sorted(found, key=lambda row: (row["due_at"], row["sk"]))


def message(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the queue brings for a row."""
    body = {"kind": "delivery", "pk": row["pk"], "sk": row["sk"], "due_at": row["due_at"]}
    return {"messageId": f"m-{row['sk']}", "body": json.dumps(body)}


def deliver(messages: list[dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = load_function("webhooks/deliver").handler({"Records": messages}, None)
    return answer


def deliver_all(ports: MemoryPorts | TablePorts) -> None:
    """Bring everything that is due now, until nothing is."""
    while now := [row for row in due_rows(ports) if row["due_at"] <= common.clock().now().isoformat()[:19] + ".999Z"]:
        assert deliver([message(now[0])]) == {"batchItemFailures": []}


def deliveries(webhook_id: str, **query: str) -> list[dict[str, Any]]:
    reply = reading()(path(webhook_id, "deliveries"), query=query)
    assert reply.status == 200, reply.text
    found: list[dict[str, Any]] = reply.json["data"]["deliveries"]
    return found


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def dead_letters() -> MemoryDeadLetters:
    return MemoryDeadLetters()


@pytest.fixture
def app(
    ports: MemoryPorts | TablePorts,
    receiver: Receiver,
    dead_letters: MemoryDeadLetters,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """An app with two agents; its id."""
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    monkeypatch.setattr(receivers, "egress", lambda: receiver)
    monkeypatch.setattr(queues, "queues", MemoryQueues)
    monkeypatch.setattr(queues, "dead_letters", lambda: dead_letters)
    provision(ports, APP_ID)
    return APP_ID
