"""Calls by their external id: an index read that every filter goes with, and that follows the calls."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.call_lists import CallQuery, Position
from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from tests.contract.booking.test_search import counting, derive, rewrite, write
from tests.contract.conftest import Backend, backend_of
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, TOMORROW, a_call, write_call

CRM = "CRM #42 / äöü"
DAY = timedelta(days=1)


def found(backend: Backend, external_id: str = CRM, **query: Any) -> list[str]:
    return [call.id for call in backend.calls.find(CallQuery(app_id=APP_ID, external_id=external_id, **query)).calls]


@pytest.fixture(params=["dynamodb", "direct"])
def stored(request: pytest.FixtureRequest) -> Iterator[Backend]:
    with backend_of(request.param) as backend:
        yield backend


@pytest.fixture
def three(backend: Backend) -> list[Call]:
    """Three calls of one external id, and some that are nearly so."""
    calls = [
        a_call(external_id=CRM, scheduled_at=TOMORROW),
        a_call(external_id=CRM, scheduled_at=TOMORROW + 40 * DAY, assigned_agent_id="agent-2", name="Ana Díaz"),
        a_call(external_id=CRM, scheduled_at=TOMORROW + 400 * DAY, booking_source=BookingSource.ADMIN),
    ]
    others = [
        a_call(external_id=CRM.upper()),
        a_call(external_id=f"{CRM}0"),
        a_call(name="CRM Åäöü"),
        a_call(app_id=OTHER_APP_ID, external_id=CRM),
    ]
    write(backend, *others, *calls)
    return calls


def test_all_calls_of_an_id_and_no_others_are_listed_by_start(backend: Backend, three: list[Call]) -> None:
    page = backend.calls.find(CallQuery(app_id=APP_ID, external_id=CRM))
    assert ([call.id for call in page.calls], page.total, page.next) == ([call.id for call in three], 3, None)
    assert found(backend, "nobody's") == []
    assert found(backend, CRM[:-1]) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"agent_ids": frozenset({"agent-2"})}, [1]),
        ({"statuses": frozenset({CallStatus.SCHEDULED})}, [0, 1, 2]),
        ({"statuses": frozenset({CallStatus.CANCELLED})}, []),
        ({"sources": frozenset({BookingSource.ADMIN})}, [2]),
        ({"date_from": TOMORROW + DAY}, [1, 2]),
        ({"date_to": TOMORROW + DAY}, [0]),
        ({"date_from": TOMORROW, "date_to": TOMORROW + 90 * DAY}, [0, 1]),
        ({"search": "diaz ana"}, [1]),
        ({"search": CRM}, [0, 1, 2]),
        ({"search": "crm #42 / ÄÖÜ", "agent_ids": frozenset({"agent-2"})}, [1]),
        ({"search": "íaz", "date_from": TOMORROW, "date_to": TOMORROW + 90 * DAY}, [1]),
        ({"search": "nobody"}, []),
        ({"limit": 1, "offset": 1}, [1]),
        ({"limit": 1, "with_total": False}, [0]),
    ],
)
def test_every_other_filter_goes_with_it(
    backend: Backend, three: list[Call], filters: dict[str, Any], expected: list[int]
) -> None:
    assert found(backend, **filters) == [three[number].id for number in expected]


def test_pages_go_on_by_cursor(backend: Backend, three: list[Call]) -> None:
    after: Position | None = None
    seen: list[str] = []
    for _ in range(5):
        page = backend.calls.find(CallQuery(app_id=APP_ID, external_id=CRM, limit=1, after=after))
        seen += [call.id for call in page.calls]
        if (after := page.next) is None:
            break
    assert seen == [call.id for call in three]


def test_it_follows_the_call_to_another_id_and_to_none(stored: Backend) -> None:
    (call,) = write(stored, a_call(external_id="before"))
    after = replace(call, external_id="after", revision=2)
    rewrite(stored, after)
    assert found(stored, "before") == [], "the call has another one by now, though its rows have not followed"
    derive(stored, after)
    assert found(stored, "after") == [call.id]
    rewrite(stored, replace(after, external_id=None, revision=3))
    assert found(stored, "after") == []


def test_until_all_calls_have_rows_the_calls_themselves_are_read(stored: Backend) -> None:
    call = write_call(stored.bookings, a_call(external_id=CRM))
    write_call(stored.bookings, a_call(external_id="other"))
    assert found(stored) == [call.id]
    assert found(stored, agent_ids=frozenset({call.assigned_agent_id or ""})) == [call.id]
    assert found(stored, statuses=frozenset({CallStatus.SCHEDULED})) == [call.id]
    assert found(stored, statuses=frozenset({CallStatus.CANCELLED})) == []


def test_a_call_is_found_by_one_read_of_an_index_and_one_of_the_call(stored: Backend) -> None:
    one, *_ = write(stored, a_call(external_id=CRM), *(a_call(external_id=f"other {number}") for number in range(30)))
    calls, counted = counting(stored)
    page = calls.find(CallQuery(app_id=APP_ID, external_id=CRM))
    assert (list(page.calls), page.total) == ([one], 1)
    assert dict(counted.requests) == {"query": 1, "batch_get_item": 1}
