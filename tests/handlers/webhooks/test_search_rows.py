"""The stream's batches keep the search rows of each call what its guest's details are by now."""

from typing import Any

import pytest

from slotline.domain.booking.call_json import call_from_json
from slotline.store.booking.found_calls import search_rows
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from tests.handlers.webhooks.conftest import book, cancel, events_of, fan_out, record
from tests.support.aws.table_ports import TablePorts
from tests.support.handlers import APP_ID, Endpoint, partner
from tests.support.memory.wiring import MemoryPorts

pytestmark = pytest.mark.usefixtures("app")
Ports = MemoryPorts | TablePorts
CALLS = f"/api/v1/video/{APP_ID}/scheduled-calls"


def change(call: dict[str, Any], **fields: Any) -> None:
    reply = Endpoint("scheduled_calls/update", "PATCH", partner())(f"{CALLS}/{call['id']}", fields)
    assert reply.status == 200, reply.text


def found(ports: Ports) -> dict[tuple[Any, Any], Any]:
    """The search rows that are there, by place, with what each is found by."""
    rows = ports.derivations.rows.values() if isinstance(ports, MemoryPorts) else ports.rows()
    return {(row["pk"], row["sk"]): row.get("found_by") for row in rows if "#FOUND#" in str(row["pk"])}


def expected(ports: Ports, *calls: dict[str, Any]) -> dict[tuple[Any, Any], Any]:
    """Those that follow from the calls as they are."""
    rows = [ports.row(keys.call(APP_ID, call["id"])) for call in calls]
    return {
        (row["pk"], row["sk"]): row.get("found_by")
        for call in rows
        if call
        for row in search_rows(call_from_json(call))
    }


def test_a_booking_is_found_once_the_stream_has_told_of_it(ports: Ports) -> None:
    calls = book(), book(scheduledAtUtc="2026-05-04T12:00:00Z", guestPhone="+57 300 555 0100", guestEmail=None)
    assert found(ports) == {}
    fan_out(events_of(ports))
    assert len(found(ports)) == 5 + 5
    assert found(ports) == expected(ports, *calls)


@pytest.mark.parametrize(
    "fields",
    [
        {"guestName": "Ana O'Neill"},
        {"guestName": "Zoë Roe"},
        {"guestEmail": "ana@example.com"},
        {"guestPhone": "+57 300 555 0100"},
        {"guestPhone": "+57 300 555 0100", "guestEmail": None},
        {"scheduledAtUtc": "2026-05-04T15:00:00Z"},
        {"guestName": "-", "scheduledAtUtc": "2026-06-04T15:00:00Z"},
    ],
)
def test_rows_follow_what_is_corrected_moved_or_cleared(ports: Ports, fields: dict[str, Any]) -> None:
    call = book()
    fan_out(events_of(ports))
    before = found(ports)
    change(call, **fields)
    fan_out(events_of(ports))
    assert found(ports) == expected(ports, call) != before


def test_what_changes_nothing_about_the_guest_rewrites_no_row(ports: Ports) -> None:
    call = book()
    fan_out(events_of(ports))
    before = found(ports)
    cancel(call)
    fan_out(events_of(ports))
    assert found(ports) == before == expected(ports, call)


def test_older_changes_that_come_again_bring_no_former_name_back(ports: Ports) -> None:
    call = book()
    older = events_of(ports)
    change(call, guestName="Ana Roe")
    fan_out(events_of(ports))
    fan_out(older)
    assert found(ports) == expected(ports, call)


def test_a_call_that_is_deleted_leaves_no_row(ports: Ports) -> None:
    call = book()
    fan_out(events_of(ports))
    row = to_values(ports.row(keys.call(APP_ID, call["id"])) or {})
    ports.drop(keys.call(APP_ID, call["id"]))
    gone = record(row, "REMOVE", OldImage=row)
    del gone["dynamodb"]["NewImage"]
    fan_out([gone])
    assert found(ports) == {}


def test_search_rows_ask_for_nothing_themselves(ports: Ports) -> None:
    call = book()
    rows = search_rows(call_from_json(ports.row(keys.call(APP_ID, call["id"])) or {}))
    fan_out([record(to_values(row)) for row in rows])
    assert found(ports) == {}
    assert all("due_at" not in row for row in rows)
