"""Who finds the guest's link in a call: whoever may change the call anyway, and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.guest_links import GuestLink
from tests.handlers.scheduled_calls.conftest import LEAST, creating, getting, listing, path
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.apps import SetClock
from tests.support.builders.guest_links import opened
from tests.support.handlers import Endpoint, forget_wiring, partner
from tests.support.memory.everything import everything_kept
from tests.support.memory.wiring import MemoryPorts

PAGES = "https://video.example.com/b/"
CHANGES: dict[str, tuple[str, str, str]] = {
    "update": ("update", "PATCH", ""),
    "confirm": ("confirm", "POST", "/confirm"),
    "start": ("attendance", "POST", "/start"),
    "cancel": ("cancel", "DELETE", ""),
}


def _book(app: str, **fields: Any) -> dict[str, Any]:
    reply = creating()(path(app), LEAST | fields)
    assert reply.status == 201, reply.text
    call: dict[str, Any] = reply.json["data"]["call"]
    return call


def test_a_booking_is_answered_with_the_link_of_its_guest(app: str):
    call = _book(app)
    assert call["guest_url"].startswith(PAGES)
    assert opened(call["guest_url"]) == GuestLink(call_id=call["id"], epoch=0)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_answered_with_it(app: str, name: str, clock: SetClock):
    soon = clock.now() + timedelta(minutes=45)  # as a call may be started
    call = _book(app, scheduledAtUtc=soon.isoformat())
    folder, method, below = CHANGES[name]
    body = {"guestName": "Ana"} if method == "PATCH" else None
    reply = Endpoint(f"scheduled_calls/{folder}", method)(path(app, call["id"]) + below, body)
    assert reply.json["data"]["call"]["guest_url"] == call["guest_url"]


@pytest.mark.parametrize(
    "read",
    [
        lambda app, call, **caller: getting(**caller)(path(app, call["id"])).json["data"]["call"],
        lambda app, _call, **caller: listing(**caller)(path(app)).json["data"]["calls"][0],
    ],
    ids=["get", "list"],
)
def test_who_may_only_read_is_shown_a_call_without_it(app: str, read: Callable[..., dict[str, Any]]):
    call = _book(app)
    assert read(app, call)["guest_url"] == call["guest_url"]
    shown = read(app, call, scopes="scheduling:read")
    assert shown["id"] == call["id"]
    assert shown["guest_url"] is None


def test_a_reader_costs_no_reading_of_the_keys(ports: MemoryPorts, app: str):
    call = _book(app)
    forget_wiring()
    before = ports.secrets.asked
    assert getting(scopes="scheduling:read")(path(app, call["id"])).status == 200
    assert ports.secrets.asked == before
    assert getting()(path(app, call["id"])).status == 200
    assert ports.secrets.asked == before + 1, "who may write costs one"


def test_the_same_booking_asked_for_again_is_answered_with_the_same_link(app: str):
    once, again = (creating()(path(app), LEAST, headers={"idempotency-key": "k"}).json for _ in range(2))
    assert once["data"]["call"]["guest_url"] == again["data"]["call"]["guest_url"]


def test_no_link_is_kept_in_a_row_or_in_the_answer_to_a_key(ports: MemoryPorts, app: str):
    calls = [_book(app)]
    body = LEAST | {"scheduledAtUtc": "2026-05-02T15:00:00.000Z"}
    calls.append(creating()(path(app), body, headers={"idempotency-key": "k"}).json["data"]["call"])
    assert ports.store.receipts
    kept = everything_kept(ports)
    assert [call["id"] for call in calls if call["id"] not in kept] == []
    assert PAGES not in kept
    assert [call for call in calls if call["guest_url"].removeprefix(PAGES) in kept] == []


def test_a_booking_is_made_although_the_keys_cannot_be_read(ports: MemoryPorts, app: str):
    del ports.secrets.kept[ENVIRONMENT["GUEST_LINK_SECRET_ID"]]
    assert _book(app)["guest_url"] is None


def test_callers_of_other_apps_learn_nothing_by_it(app: str):
    call = _book(app)
    other = partner(app_ids="01890000-0000-7000-8000-000000000002")
    reply = Endpoint("scheduled_calls/get", "GET", other)(path(app, call["id"]))
    assert reply.status == 403
    assert "guest_url" not in reply.text


@pytest.mark.parametrize("changes", [{"guestEmail": "joan@example.com"}, {"guestPhone": "+57 300 555 0199"}])
def test_a_corrected_contact_gets_another_link(app: str, changes: dict[str, str]):
    call = _book(app, guestPhone="+57 300 555 0100")
    reply = Endpoint("scheduled_calls/update", "PATCH")(path(app, call["id"]), changes)
    changed = reply.json["data"]["call"]
    assert opened(changed["guest_url"]) == GuestLink(call_id=call["id"], epoch=2)
    again = Endpoint("scheduled_calls/update", "PATCH")(path(app, call["id"]), {"guestName": "Joan"})
    assert again.json["data"]["call"]["guest_url"] == changed["guest_url"]
