"""Lists of calls: every filter, order, pages by offset and by cursor, totals."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.items import call_to_item
from slotline.store.dynamodb.client import to_values
from slotline.usecases.booking.read_calls import find_calls
from tests.contract.conftest import KINDS, Backend, backend_of, written_once
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, TOMORROW, a_call, minutes, new_id, write_call

APRIL, MAY, JULY = TOMORROW, datetime(2026, 5, 31, 23, 45, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
GUESTS: list[dict[str, Any]] = [
    {"name": "Jane Doe", "email": "Jane.Doe@Example.com", "scheduled_at": APRIL},
    {
        "name": "Straße 9",
        "email": None,
        "phone": "+57 (300) 555-0100",
        "phone_e164": "+573005550100",
        "scheduled_at": MAY,
        "assigned_agent_id": "agent-2",
        "status": CallStatus.PENDING_CONFIRMATION,
    },
    {
        "name": "100% _o'k\"",
        "email": "o@example.org",
        "scheduled_at": JULY,
        "booking_source": BookingSource.ADMIN,
        "status": CallStatus.CANCELLED,
    },
    {"name": "José", "email": "j@example.org", "scheduled_at": JULY + minutes(60), "assigned_agent_id": None},
]


Written = tuple[Backend, list[Call]]


@pytest.fixture(params=KINDS, scope="module")
def four(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Four calls in three months, written in no order; and one of another app. Nobody writes more."""
    with backend_of(request.param) as backend:
        written = [a_call(**guest) for guest in GUESTS]
        for number in (2, 0, 3, 1):
            write_call(backend.bookings, written[number])
        write_call(backend.bookings, a_call(app_id=OTHER_APP_ID))
        yield backend, written


@pytest.fixture(params=KINDS, scope="module")
def thirty(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Thirty calls over three months, some at one instant, in order. Nobody writes more."""
    starts = [datetime(2026, month, day, 9, tzinfo=UTC) for month in (5, 6, 8) for day in (1, 1, 2, 3, 30) * 2]
    with backend_of(request.param) as backend:
        written = [
            a_call(scheduled_at=start, assigned_agent_id=None, name=f"Guest {number % 3}")
            for number, start in enumerate(sorted(starts))
        ]
        for call in written:
            write_call(backend.bookings, call)
        yield backend, written


def find(backend: Backend, **query: Any) -> CallPage:
    return backend.calls.find(CallQuery(app_id=APP_ID, **query))


FILTERS: list[tuple[str, dict[str, Any], list[int]]] = [
    ("nothing asked", {}, [0, 1, 2, 3]),
    ("one agent", {"agent_ids": frozenset({"agent-1"})}, [0, 2]),
    ("two agents", {"agent_ids": frozenset({"agent-1", "agent-2"})}, [0, 1, 2]),
    ("an agent nobody has", {"agent_ids": frozenset({"agent-9"})}, []),
    ("one status", {"statuses": frozenset({CallStatus.SCHEDULED})}, [0, 3]),
    ("two statuses", {"statuses": frozenset({CallStatus.PENDING_CONFIRMATION, CallStatus.CANCELLED})}, [1, 2]),
    ("one source", {"sources": frozenset({BookingSource.ADMIN})}, [2]),
    ("two sources", {"sources": frozenset({BookingSource.ADMIN, BookingSource.API})}, [0, 1, 2, 3]),
    ("from, inclusive", {"date_from": MAY}, [1, 2, 3]),
    ("from, a minute later", {"date_from": MAY + minutes(1)}, [2, 3]),
    ("to, exclusive", {"date_to": JULY}, [0, 1]),
    ("to, a minute later", {"date_to": JULY + minutes(1)}, [0, 1, 2]),
    ("from and to", {"date_from": MAY, "date_to": JULY}, [1]),
    ("an empty stretch", {"date_from": MAY, "date_to": MAY}, []),
    ("a stretch turned round", {"date_from": JULY, "date_to": APRIL}, []),
    ("a month without calls", {"date_from": datetime(2026, 6, 5, tzinfo=UTC), "date_to": JULY}, []),
    ("agent within a stretch", {"agent_ids": frozenset({"agent-1"}), "date_from": MAY}, [2]),
    (
        "all at once",
        {
            "agent_ids": frozenset({"agent-1", "agent-2"}),
            "statuses": frozenset({CallStatus.CANCELLED}),
            "sources": frozenset({BookingSource.ADMIN}),
            "date_from": APRIL,
            "date_to": JULY + minutes(1),
            "search": "o'k",
        },
        [2],
    ),
]


@pytest.mark.parametrize(("query", "expected"), [row[1:] for row in FILTERS], ids=[row[0] for row in FILTERS])
def test_a_list_holds_what_was_asked_for_ascending(four: Written, query: dict[str, Any], expected: list[int]) -> None:
    backend, calls = four
    page = find(backend, **query)
    assert list(page.calls) == [calls[number] for number in expected]
    assert (page.total, page.next) == (len(expected), None)


def test_calls_of_one_start_are_in_the_order_of_their_ids(backend: Backend) -> None:
    calls = [write_call(backend.bookings, a_call(assigned_agent_id=None)) for _ in range(3)]
    assert list(find(backend).calls) == sorted(calls, key=lambda call: call.id)


@pytest.mark.parametrize("query", [{}, {"search": "guest 1"}, {"date_from": datetime(2026, 5, 3, tzinfo=UTC)}])
@pytest.mark.parametrize("limit", [7, 15, 30, 31])
def test_a_walk_by_cursor_and_a_walk_by_offset_both_see_every_call_once(
    thirty: Written, query: dict[str, Any], limit: int
) -> None:
    backend, written = thirty
    everything = list(find(backend, limit=200, **query).calls)
    assert [call for call in written if call in everything] == everything
    assert len(everything) in {30, 10, 24}
    by_offset = [
        call
        for offset in range(0, len(everything), limit)
        for call in find(backend, limit=limit, offset=offset, **query).calls
    ]
    by_cursor: list[Call] = []
    after: Position | None = None
    while True:
        page = find(backend, limit=limit, after=after, **query)
        assert page.total == len(everything)
        by_cursor += page.calls
        if page.next is None:
            break
        assert page.calls
        after = page.next
    assert by_cursor == by_offset == everything


def test_an_offset_beyond_the_end_shows_nothing_and_still_counts(four: Written) -> None:
    backend, _ = four
    page = find(backend, offset=40)
    assert (list(page.calls), page.total, page.next) == ([], 4, None)


@pytest.mark.parametrize(
    ("most", "total"), [(4, 4), (5, 4), (3, None)], ids=["as many as counted", "fewer", "one more"]
)
def test_what_is_not_counted_by_counters_is_counted_up_to_a_bound_and_not_beyond(
    four: Written, monkeypatch: pytest.MonkeyPatch, most: int, total: int | None
) -> None:
    backend, _ = four
    monkeypatch.setattr(f"{backend.lists_in}.COUNTED_UP_TO", most)
    assert find(backend, limit=2).total == total


def test_a_first_page_that_holds_everything_counts_itself(four: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    backend, _ = four
    monkeypatch.setattr(f"{backend.lists_in}.COUNTED_UP_TO", 1)
    assert (find(backend, limit=4).total, find(backend, limit=2, offset=2).total) == (4, 4)


def test_nothing_is_counted_if_nobody_wants_to_know(four: Written) -> None:
    backend, _ = four
    assert find(backend, limit=2, with_total=False).total is None
    assert find(backend, with_total=False).total is None


def test_a_list_is_of_one_app(four: Written) -> None:
    backend, _ = four
    page = backend.calls.find(CallQuery(app_id=OTHER_APP_ID))
    assert len(page.calls) == 1
    assert page.calls[0].app_id == OTHER_APP_ID


def test_a_cursor_made_in_one_app_reaches_nothing_of_another(four: Written) -> None:
    backend, calls = four
    page = backend.calls.find(CallQuery(app_id=OTHER_APP_ID, after=Position(scheduled_at=APRIL, call_id=calls[0].id)))
    assert all(call.app_id == OTHER_APP_ID for call in page.calls)


def test_an_app_without_calls_has_an_empty_list_and_no_app_has_none(backend: Backend) -> None:
    assert find_calls(backend.calls, CallQuery(app_id=APP_ID)).total == 0
    page = backend.calls.find(CallQuery(app_id=new_id()))
    assert (list(page.calls), page.total, page.next) == ([], 0, None)


class Metered:
    """A DynamoDB client that tells how much a Query really read: moto says one unit whatever it reads."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.read_bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, **request: Any) -> Any:
        answer = self._client.query(**request)
        size = answer["ScannedCount"] * 400
        self.read_bytes += size
        answer["ConsumedCapacity"] = {"CapacityUnits": size / (8 * 1024)}
        return answer


@pytest.mark.parametrize("offset", [0, 4, 8])
@pytest.mark.parametrize("budget", [1, 6_000, 13_000])
def test_a_search_stops_at_its_budget_and_goes_on_by_cursor(
    tables: Any, monkeypatch: pytest.MonkeyPatch, budget: int, offset: int
) -> None:
    """From its offset on, although a page may have to stop before the offset is reached."""
    monkeypatch.setattr("slotline.store.booking.call_pages.SEARCH_READS_AT_MOST", budget)
    metered = Metered(tables)
    calls = DynamoCalls(metered, "SchedulingTable")
    needles = written_once("three months", lambda: _fill_three_months(tables))
    found: list[Call] = []
    after: Position | None = None
    pages = 0
    while True:
        metered.read_bytes = 0
        page = calls.find(CallQuery(app_id=APP_ID, search="needle", after=after, offset=0 if after else offset))
        assert metered.read_bytes <= budget + 30 * 400, "one month's page at most beyond the budget"
        found += page.calls
        pages += 1
        if page.next is None:
            break
        assert page.total is None, "what was not read was not counted"
        after = page.next
    assert pages > 1
    assert [call.id for call in found] == needles[offset:]


def test_a_search_within_its_budget_is_answered_whole(tables: Any) -> None:
    needles = written_once("three months", lambda: _fill_three_months(tables))
    page = DynamoCalls(tables, "SchedulingTable").find(CallQuery(app_id=APP_ID, search="needle"))
    assert ([call.id for call in page.calls], page.total, page.next) == (needles, len(needles), None)


def _fill_three_months(tables: Any) -> list[str]:
    """Thirty calls a month, every tenth of a guest named Needle; the ids of these in order."""
    tables.put_item(
        TableName="SchedulingTable",
        Item={"pk": {"S": f"APP#{APP_ID}"}, "sk": {"S": "MONTHS"}, "months": {"SS": ["2026-05", "2026-06", "2026-07"]}},
    )
    needles = []
    for number in range(90):
        start = datetime(2026, 5 + number // 30, 1 + number % 28, 9, tzinfo=UTC)
        call = a_call(scheduled_at=start, name="Needle" if number % 10 == 0 else "Hay", assigned_agent_id=None)
        tables.put_item(TableName="SchedulingTable", Item=to_values(call_to_item(call)))
        needles += [(start, call.id)] if number % 10 == 0 else []
    return [call_id for _, call_id in sorted(needles)]
