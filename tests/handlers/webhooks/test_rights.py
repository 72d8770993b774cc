"""A webhook is another way to read: whoever asks for what it tells must be able to read as much by the API."""

import json
from typing import Any

import pytest

from slotline.domain.access.scopes import Scope
from slotline.domain.webhooks.subscriptions import SUBSCRIBABLE, WebhookEvent, scope_to_hear
from slotline.wiring.webhooks.webhooks import webhooks
from tests.handlers.webhooks.conftest import (
    book,
    cancel,
    deliver_all,
    deliveries,
    events_of,
    fan_out,
    path,
    reading,
    sending,
    subscribe,
    writing,
)
from tests.support.handlers import APP_ID
from tests.support.memory.webhooks import Receiver
from tests.support.memory.wiring import MemoryPorts

pytestmark = pytest.mark.usefixtures("app")
BLIND = "webhooks:write"
SEEING = "webhooks:write scheduling:read"
DIALING = "webhooks:write dialing:read"
SINCE = {"since": "2026-04-01T00:00:00Z"}
ELSEWHERE = {"url": "https://example.com/elsewhere"}


def told(ports: MemoryPorts, **changes: Any) -> str:
    """A webhook that was told of a booking; its id."""
    webhook = subscribe(**changes)
    book()
    fan_out(events_of(ports))
    return str(webhook["id"])


@pytest.mark.parametrize("event", SUBSCRIBABLE)
def test_every_event_takes_the_scope_that_reads_what_it_tells(event: WebhookEvent) -> None:
    scope = "dialing:read" if event.startswith("dial.") else "scheduling:read"
    assert scope_to_hear(event) == scope
    body = {"url": "https://example.com/hooks", "events": [event]}
    others = " ".join(one for one in Scope if one != scope)
    for scopes in (BLIND, others):
        reply = writing("POST", scopes=scopes)(path(), body)
        assert (reply.status, reply.error["type"]) == (403, "forbidden")
        assert scope in reply.error["message"]
    assert reading()(path()).json["data"]["webhooks"] == []
    assert writing("POST", scopes=f"{BLIND} {scope}")(path(), body).status == 201


@pytest.mark.parametrize(
    "change", [{"events": ["scheduled.updated"]}, ELSEWHERE, {"events": ["scheduled.created"], **ELSEWHERE}]
)
def test_a_webhook_is_turned_elsewhere_by_whoever_may_read_only(change: dict[str, Any]) -> None:
    webhook = subscribe()
    for scopes in (BLIND, DIALING):
        assert writing("PATCH", scopes=scopes)(path(webhook["id"]), change).status == 403
    now = reading()(path(webhook["id"])).json["data"]["webhook"]
    assert (now["url"], now["events"]) == (webhook["url"], webhook["events"])
    assert writing("PATCH", scopes=SEEING)(path(webhook["id"]), change).status == 200


@pytest.mark.parametrize("change", [{"status": "paused"}, {"description": "Ours"}])
def test_what_tells_nobody_more_takes_no_more(change: dict[str, Any]) -> None:
    webhook = subscribe()
    assert writing("PATCH", scopes=BLIND)(path(webhook["id"]), change).status == 200
    assert writing("POST", scopes=BLIND)(path(webhook["id"], "rotate-secret")).status == 200
    assert sending(scopes=BLIND)(path(webhook["id"], "test")).status == 202
    assert writing("DELETE", scopes=BLIND)(path(webhook["id"])).status == 200


def test_the_body_of_a_delivery_is_shown_and_sent_again_to_whoever_may_read_only(ports: MemoryPorts) -> None:
    webhook_id = told(ports)
    (delivery,) = deliveries(webhook_id)
    place = path(webhook_id, "deliveries", delivery["id"])
    for scopes in (BLIND, DIALING):
        for reply in (
            reading(scopes=scopes)(place),
            sending(scopes=scopes)(f"{place}/resend"),
            sending(scopes=scopes)(path(webhook_id, "replay"), SINCE),
        ):
            assert (reply.status, reply.error["type"]) == (403, "forbidden")
            assert "jane@example.com" not in reply.text
    assert "jane@example.com" in reading(scopes=SEEING)(place).text
    assert sending(scopes=SEEING)(f"{place}/resend").status == 202
    assert sending(scopes=SEEING)(path(webhook_id, "replay"), SINCE).status == 202


def test_the_log_of_deliveries_tells_of_no_guest_and_is_shown_without_that_right(ports: MemoryPorts) -> None:
    webhook_id = told(ports)
    reply = reading(scopes=BLIND)(path(webhook_id, "deliveries"))
    assert reply.status == 200
    assert "jane@example.com" not in reply.text


def test_a_ping_tells_nothing_and_takes_no_more() -> None:
    webhook = subscribe()
    sent = sending(scopes=BLIND)(path(webhook["id"], "test")).json["data"]["delivery"]
    place = path(webhook["id"], "deliveries", sent["id"])
    assert reading(scopes=BLIND)(place).status == 200
    assert sending(scopes=BLIND)(f"{place}/resend").status == 202


def test_a_webhook_of_before_goes_on(ports: MemoryPorts, receiver: Receiver) -> None:
    """It was set up while `webhooks:write` was enough; whoever set it up has not become able to read."""
    told(ports)
    assert writing("PATCH", scopes=BLIND)(path(deliveries_of(ports)), {"description": "Still ours"}).status == 200
    deliver_all(ports)
    assert len(receiver.posts) == 1


def deliveries_of(ports: MemoryPorts) -> str:
    """The id of the one webhook there is."""
    del ports
    (found,) = reading()(path()).json["data"]["webhooks"]
    return str(found["id"])


def test_what_is_on_its_way_follows_nobody_who_may_not_read_it(ports: MemoryPorts, receiver: Receiver) -> None:
    """By way of events that they may hear of they could else turn the webhook, with all that waits, to themselves."""
    webhook_id = told(ports)
    turned = {"events": ["dial.call.updated"], **ELSEWHERE}
    assert writing("PATCH", scopes=DIALING)(path(webhook_id), turned).status == 200
    deliver_all(ports)
    assert receiver.posts == []
    assert [found["status"] for found in deliveries(webhook_id)] == ["held"]
    assert sending(scopes=DIALING)(path(webhook_id, "replay"), SINCE).status == 403


def test_a_right_that_is_missing_is_found_before_anything_is_sent_again(ports: MemoryPorts, receiver: Receiver) -> None:
    webhook_id = told(ports)
    deliver_all(ports)
    cancel({"id": ports_call(ports)})
    assert sending(scopes=DIALING)(path(webhook_id, "replay"), SINCE).status == 403
    deliver_all(ports)
    assert len(receiver.posts) == 1


def ports_call(ports: MemoryPorts) -> str:
    """The id of the one call there is."""
    ((_, call_id),) = ports.store.calls
    return str(call_id)


def test_a_change_of_the_address_and_one_of_the_events_at_once_are_judged_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    webhook = subscribe(events=["dial.call.updated"])
    kept = webhooks()
    find = type(kept).find

    def meanwhile(self: Any, app_id: str, webhook_id: str | None) -> Any:
        """Between the reading and the writing somebody who may has it told of bookings."""
        found = find(self, app_id, webhook_id)
        monkeypatch.setattr(type(kept), "find", find)
        changed = writing("PATCH")(path(webhook["id"]), {"events": ["dial.call.updated", "scheduled.created"]})
        assert changed.status == 200, changed.text
        return found

    monkeypatch.setattr(type(kept), "find", meanwhile)
    assert writing("PATCH", scopes=DIALING)(path(webhook["id"]), ELSEWHERE).status == 403
    assert json.loads(reading()(path(webhook["id"])).text)["data"]["webhook"]["url"] == webhook["url"]
    assert APP_ID
