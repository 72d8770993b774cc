"""A guest's link on the whole system: followed through every door, and then looked for in all that was written."""

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from local.process import running_system
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.apps import AgentMessage
from tests.support.worlds.api import own_app, text
from tests.support.worlds.hooks import a_receiver, hooks
from tests.support.worlds.later import Later, until
from tests.support.worlds.written import everything_kept

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

GUEST = {"guestEmail": "jane@example.com", "guestPhone": "+57 300 555 0100"}
CORRECTED = "joan@example.com"
AGENT = "ada@example.com"
TOLD = {kind: ["email", "sms"] for kind in ("invitation", "cancellation", "reminder_24h", "reminder_1h")}
EVENTS = [f"scheduled.{name}" for name in ("created", "confirmed", "rescheduled", "assigned", "updated", "cancelled")]
EVENTS += ["reminder.sent", "reminder.failed"]
PROOF = 21
"""The letters of a token that nobody could make up: the rest says which call it is."""


@pytest.fixture
def later() -> Iterator[Later]:
    """A system of the test's own: everything that it wrote is read."""
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as system:
        yield Later(system)


def test_a_guests_link_opens_every_door_and_is_written_nowhere_but_in_messages_to_the_guest(later: Later) -> None:
    app = own_app(
        later.system,
        reminders=TOLD,
        agent_messages=tuple(AgentMessage),
        guest_can_cancel=True,
        guest_can_reschedule=True,
    )
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=48)
    with app.client() as api, a_receiver() as receiver, app.client(Scope.SCHEDULING_READ) as reader:
        hooks(api, "POST", body={"url": receiver.url, "events": EVENTS})
        path = f"/api/v1/video/{app.app_id}/agents/{app.agent_ids[0]}"
        assert api.client.patch(path, json={"email": AGENT}).status_code == 200
        answers = [api.create(app.agent_ids[0], start, key="book", requireConfirmation=True, **GUEST) for _ in range(2)]
        first, again = (answer.json()["data"]["call"] for answer in answers)
        assert first["guest_url"] == again["guest_url"]
        call_id, old = first["id"], token_of(first)
        until(lambda: len(later.messages([call_id])) == 3, "the invitations")

        follow(later, old, start + timedelta(hours=2))
        corrected = api.ask("PATCH", call_id, {"guestEmail": CORRECTED}).json()["data"]["call"]
        new = token_of(corrected)
        tokens = [old, new]
        with httpx.Client(base_url=later.system.base_url, timeout=60) as guest:
            assert guest.get(f"/b/{old}").status_code == 404
            assert guest.post(f"/api/v1/guest/{old}/cancel").status_code == 404
            assert guest.get(f"/api/v1/guest/{new}").status_code == 200
        shown = [reader.ask("GET", path).raise_for_status().text for path in (call_id, "")]  # who may not write
        later.advance_to(start + timedelta(minutes=70))
        until(lambda: later.kinds(call_id)["reminder_1h.sms"] == 1, "the reminders")
        with httpx.Client(base_url=later.system.base_url, timeout=60) as guest:
            assert guest.post(f"/api/v1/guest/{new}/cancel", json={"reason": "ill"}).status_code == 200
        until(lambda: later.kinds(call_id)["cancellation.sms"] == 1, "word of the cancellation")
        until(lambda: any(one.event["event"] == "scheduled.cancelled" for one in receiver.taken), "the last webhook")
        delivered = [f"{one.headers}{one.body.decode()}" for one in receiver.arrivals]

    assert call_id in "".join(shown)
    assert call_id in "".join(delivered)
    written = {"reader": "".join(shown), "webhooks": "".join(delivered), **everything_kept(later)}
    assert "GET    /b/{token} 200" in written["output.log"]
    assert "POST /api/v1/guest/{token}/reschedule" in written["functions.log"]
    assert call_id in written["scheduling"]
    found = {(name, spelled) for name, said in written.items() for spelled in spellings(tokens) if spelled in said}
    assert not found

    messages = later.messages([call_id])
    with_link = {message["to"] for message in messages if any(token in json.dumps(message) for token in tokens)}
    assert with_link == {GUEST["guestEmail"], CORRECTED, "+573005550100"}
    assert AGENT in {message["to"] for message in messages} - with_link
    assert not [one for one in messages if one["to"] == CORRECTED and old in json.dumps(one)]
    assert not [one for one in messages if one["to"] == GUEST["guestEmail"] and new in json.dumps(one)]


def follow(later: Later, token: str, new_start: datetime) -> None:
    """Every door once as it is meant, and once as it is not."""
    page, json_at = f"/b/{token}", f"/api/v1/guest/{token}"
    altered = token[:-1] + ("A" if token[-1] != "A" else "B")
    moved_to, later_on = text(new_start), text(new_start + timedelta(hours=6))
    asked = {"fromUtc": moved_to, "toUtc": later_on}
    as_json = {"content-type": "application/json"}
    doors: list[tuple[int, str, str, dict[str, Any]]] = [
        (200, "GET", page, {}),
        (200, "HEAD", page, {}),
        (200, "GET", json_at, {}),
        (200, "HEAD", json_at, {}),
        (200, "GET", f"{json_at}/calendar.ics", {}),
        (200, "GET", f"{json_at}/availability", {"params": asked}),
        (400, "GET", f"{json_at}/availability", {"params": {"fromUtc": token}}),
        (400, "GET", json_at, {"params": {token: token}}),
        (303, "POST", f"{page}/confirm", {"data": {"token": token}}),
        (200, "POST", f"{json_at}/confirm", {}),
        (400, "POST", f"{json_at}/confirm", {"content": f'{{"{token}"', "headers": as_json}),
        (400, "POST", f"{json_at}/reschedule", {"json": {"scheduledAtUtc": token}}),
        (400, "POST", f"{json_at}/cancel", {"json": {token: token}}),
        (415, "POST", f"{json_at}/reschedule", {"content": token, "headers": {"content-type": "text/plain"}}),
        (413, "POST", f"{json_at}/cancel", {"json": {"reason": token * 30_000}}),
        (200, "POST", f"{json_at}/reschedule", {"json": {"scheduledAtUtc": moved_to}, "headers": {KEY: "move"}}),
        (200, "POST", f"{json_at}/reschedule", {"json": {"scheduledAtUtc": moved_to}, "headers": {KEY: "move"}}),
        (422, "POST", f"{json_at}/reschedule", {"json": {"scheduledAtUtc": later_on}, "headers": {KEY: "move"}}),
        (405, "PUT", page, {}),
        (405, "DELETE", json_at, {}),
        (405, "GET", f"{json_at}/cancel", {}),
        (308, "GET", f"{page}/", {}),
        (404, "GET", f"{page}/nothing", {}),
        (404, "GET", f"{json_at}/nothing", {}),
        (404, "GET", f"/b/{altered}", {}),
        (404, "GET", f"/api/v1/guest/{altered}", {}),
        (404, "POST", f"/api/v1/guest/{altered}/confirm", {}),
        (404, "GET", f"/b/{token}{token}", {}),
        (404, "GET", f"/c/{token}", {}),
        (431, "GET", page, {"headers": {"x-filler": "x" * 10_240}}),
    ]
    with httpx.Client(base_url=later.system.base_url, timeout=60) as guest:
        answered = [guest.request(method, path, **more) for _, method, path, more in doors]
    for (status, method, path, _), answer in zip(doors, answered, strict=True):
        assert answer.status_code == status, (method, path, answer.text)


KEY = "Idempotency-Key"


def token_of(call: dict[str, Any]) -> str:
    return str(call["guest_url"]).rpartition("/")[2]


def spellings(tokens: Sequence[str]) -> set[str]:
    """The proof of each token as it could be written: as it is, in Base64 at any place of three, in hexadecimal."""
    found = set()
    for token in tokens:
        proof = token[-PROOF:]
        told = base64.urlsafe_b64decode(token)[20:]
        encoded = {base64.b64encode(b" " * shift + proof.encode()).decode()[4:-4] for shift in range(3)}
        found |= {proof, told.hex(), *encoded}
    return found
