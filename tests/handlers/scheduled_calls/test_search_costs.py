"""What a search of calls asks the store for: no more for one guest because a call may have an external id."""

import pytest

from slotline.domain.booking.call_json import call_from_json
from slotline.store.booking.found_calls import search_rows
from slotline.store.dynamodb import keys
from slotline.wiring import common
from tests.handlers.scheduled_calls.conftest import SEED, creating, listing, path
from tests.support.aws.requests import counted
from tests.support.aws.table_ports import TablePorts

GUESTS = [
    {"guestName": "Zelda Quintero", "guestEmail": "zelda@example.com", "guestPhone": "+57 300 555 0199"},
    {"guestName": "Jane Doe", "externalId": "CRM-4200"},
    {"guestName": "Ana Roe", "externalId": "+44 20 7946 0960"},
    {"guestName": "Bo Li", "externalId": "deal@example.org"},
    {"guestName": "Eva Haas", "externalId": "Order 81723"},
    {"guestName": "Mia Ito", "externalId": "···"},
]


@pytest.fixture
def six(ports: TablePorts, app: str) -> str:
    """An app with six calls, whose search rows have followed."""
    for day, guest in enumerate(GUESTS, start=1):
        body = SEED | {"scheduledAtUtc": f"2026-05-{day:02d}T15:00:00Z"} | guest
        assert creating()(path(app), body).status == 201
    calls = [call_from_json(row) for row in ports.rows() if keys.is_call(row["sk"])]
    for row in [keys.calls_are_counted(app), *(row for call in calls for row in search_rows(call))]:
        ports.put(row)
    return app


RATE, ROWS, CALLS = "UpdateItem", "Query", "BatchGetItem"
ONE_GUEST = [RATE, ROWS, CALLS]


@pytest.mark.usefixtures("tables")
def test_one_guest_or_external_id_is_found_by_three_requests_and_by_four_if_it_is_read_in_two_ways(six: str) -> None:
    for query, found, operations in (
        ({"search": "Zelda@Example.com"}, "Zelda Quintero", ONE_GUEST),
        ({"search": "+57 300 555 0199"}, "Zelda Quintero", ONE_GUEST),
        ({"search": "0300 5550199"}, "Zelda Quintero", ONE_GUEST),
        ({"search": "zelda quintero"}, "Zelda Quintero", ONE_GUEST),
        ({"search": "zelda"}, "Zelda Quintero", ONE_GUEST),
        ({"search": "ORDER 81723"}, "Eva Haas", ONE_GUEST),
        ({"search": "crm4200"}, "Jane Doe", ONE_GUEST),
        ({"search": "+44 20 7946 0960"}, "Ana Roe", ONE_GUEST),
        ({"search": "DEAL@example.org"}, "Bo Li", ONE_GUEST),
        ({"search": "···"}, "Mia Ito", ONE_GUEST),
        ({"externalId": "CRM-4200"}, "Jane Doe", ONE_GUEST),
        ({"search": "crm-4200"}, "Jane Doe", [RATE, ROWS, ROWS, CALLS]),
    ):
        with counted(common.dynamodb()) as requests:
            reply = listing()(path(six), query=query)
        assert [call["guest_name"] for call in reply.json["data"]["calls"]] == [found], query
        assert requests.operations == operations, query
