"""Calls whose wall time is another than was promised, as they are shown and listed."""

from typing import Any

import pytest

from slotline.domain.booking.call_json import call_from_json
from slotline.store.booking.derived import derived_of_call
from slotline.store.dynamodb import keys
from tests.handlers.scheduled_calls.conftest import SEED, creating, getting, listing, path
from tests.support.aws.table_ports import TablePorts
from tests.support.memory.wiring import MemoryPorts

FOUND = {
    "outcome": "told",
    "before": {"app_time": "2026-05-01T09:00", "guest_time": None, "zone_data": "2025b"},
    "after": {"app_time": "2026-05-01T10:00", "guest_time": "2026-05-01T10:00", "zone_data": "2026f"},
    "found_at": "2026-04-22T12:00:00.000Z",
    "reason": None,
}
SHOWN = {
    "outcome": "told",
    "reason": None,
    "old_app_time": "2026-05-01T09:00",
    "new_app_time": "2026-05-01T10:00",
    "old_guest_time": None,
    "new_guest_time": "2026-05-01T10:00",
    "old_zone_data": "2025b",
    "new_zone_data": "2026f",
    "found_at": "2026-04-22T12:00:00.000Z",
}


def _book(app: str, **changes: Any) -> dict[str, Any]:
    reply = creating()(path(app), SEED | changes)
    assert reply.status == 201, reply.text
    call: dict[str, Any] = reply.json["data"]["call"]
    return call


def test_a_booking_keeps_what_it_promised_in_both_zones_and_by_which_rules(
    app: str, ports: MemoryPorts | TablePorts
) -> None:
    call = _book(app, guestTimezone="Asia/Kathmandu")
    row = ports.row(keys.call(app, call["id"]))
    assert row is not None
    assert row["promised"] == {
        "app_time": "2026-05-01T10:00",
        "guest_time": "2026-05-01T20:45",
        "zone_data": "2026f",
    }
    assert call["zone_change"] is None


def test_a_call_shows_how_its_wall_time_changed_and_the_list_has_it(app: str, ports: Any) -> None:
    found = _book(app)
    _book(app, scheduledAtUtc="2026-05-02T15:00:00.000Z")
    ports.change(keys.call(app, found["id"]), zone_change=FOUND)
    row = ports.row(keys.call(app, found["id"]))
    for derived in derived_of_call(call_from_json(row)).rows if isinstance(ports, TablePorts) else ():
        ports.put(dict(derived))
    assert getting()(path(app, found["id"])).json["data"]["call"]["zone_change"] == SHOWN
    reply = listing()(path(app), query={"zoneChanged": "true"})
    assert [call["zone_change"] for call in reply.json["data"]["calls"]] == [SHOWN]
    assert reply.json["pagination"]["total"] == 1
    assert len(listing()(path(app)).json["data"]["calls"]) == 2


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"zoneChanged": "false"}, "must be true, or left out"),
        ({"zoneChanged": "true", "search": "Jane"}, "zoneChanged and search"),
        ({"zoneChanged": "maybe"}, "zoneChanged"),
    ],
)
def test_what_is_no_list_is_refused(app: str, query: dict[str, str], said: str) -> None:
    reply = listing()(path(app), query=query)
    assert reply.status == 400
    assert said in reply.json["error"]["message"] + str(reply.json["error"]["details"])
