"""Searches: each promised way to find a guest, pages, totals, rows older than their calls, and what is read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from slotline.domain.booking.call_lists import LONGEST_STRETCH_SEARCHED, CallPage, CallQuery, Position
from slotline.domain.booking.calls import BookingSource, Call, CallStatus, Guest
from slotline.ports.shared import StoreBusyError
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.found_calls import search_rows
from slotline.store.booking.items import call_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.rows import write_rows
from tests.contract.conftest import KINDS, Backend, backend_of, written_once
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, TOMORROW, a_call, minutes, write_call

MAY, JULY = datetime(2026, 5, 31, 23, 45, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
WITHIN = {"date_from": TOMORROW, "date_to": JULY + minutes(1)}
GUESTS: list[dict[str, Any]] = [
    {"name": "Jane Doe", "email": "Jane.Doe@Example.com", "scheduled_at": TOMORROW},
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
        "name": "Anne-Marie O'Neill",
        "email": "o@example.org",
        "scheduled_at": JULY,
        "booking_source": BookingSource.ADMIN,
        "status": CallStatus.CANCELLED,
    },
    {"name": "José Doe", "email": "j@example.org", "scheduled_at": JULY + minutes(60), "assigned_agent_id": None},
]
Written = tuple[Backend, list[Call]]


def derive(backend: Backend, *calls: Call) -> None:
    """Give calls their search rows, and say that all calls have theirs: in memory a search looks at the calls."""
    if isinstance(backend.calls, DynamoCalls):
        rows = [row for call in calls for row in search_rows(call)]
        markers = [keys.calls_are_counted(app_id) for app_id in (APP_ID, OTHER_APP_ID)]
        write_rows(backend.calls.client, backend.calls.table, [*rows, *markers])


def write(backend: Backend, *calls: Call) -> list[Call]:
    for call in calls:
        write_call(backend.bookings, call)
    derive(backend, *calls)
    return list(calls)


def find(backend: Backend, search: str, **query: Any) -> CallPage:
    return backend.calls.find(CallQuery(app_id=APP_ID, search=search, **query))


def walk(backend: Backend, search: str, **query: Any) -> Iterator[CallPage]:
    after: Position | None = None
    for _ in range(200):
        page = find(backend, search, after=after, **query)
        yield page
        if page.next is None:
            return
        after = page.next
    raise AssertionError("no end")


@pytest.fixture(params=KINDS, scope="module")
def four(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Four guests, and one of the first's name in another app. Nobody writes more."""
    with backend_of(request.param) as backend:
        written = write(backend, *(a_call(**guest) for guest in GUESTS))
        write(backend, a_call(app_id=OTHER_APP_ID))
        yield backend, written


@pytest.fixture(params=KINDS, scope="module")
def thirty(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Thirty guests of three names in three months, some at one instant, in order. Nobody writes more."""
    starts = [datetime(2026, month, day, 9, tzinfo=UTC) for month in (5, 6, 8) for day in (1, 1, 2, 3, 30) * 2]
    statuses = list(CallStatus)
    with backend_of(request.param) as backend:
        calls = [
            a_call(
                scheduled_at=start,
                assigned_agent_id=None,
                name=f"Guest {('Ann', 'Anna', 'Bob')[number % 3]}",
                status=statuses[number % 4],
            )
            for number, start in enumerate(sorted(starts))
        ]
        yield backend, write(backend, *calls)


AT_ANY_SIZE: list[tuple[str, str, dict[str, Any], list[int]]] = [
    ("the beginning of a word", "ja", {}, [0]),
    ("one letter", "d", {}, [0, 3]),
    ("two words in another order", "doe JANE", {}, [0]),
    ("a name that folds to more letters", "STRASSE", {}, [1]),
    ("a name without its accent", "jose", {}, [3]),
    ("a name with marks", "o'neill", {}, [2]),
    ("a part of it", "neill marie", {}, [2]),
    ("a name that marks are left out of", "annemarie oneill", {}, [2]),
    ("a whole address", "jane.doe@example.com", {}, [0]),
    ("a number with other signs", "+57\u00a0(0)\u00a0300.555.0100", {}, [1]),
    ("a number whose plus a query string has lost", " 573005550100", {}, [1]),
    ("a number as it is dialled from abroad", "0057 300 555 0100", {}, [1]),
    ("a number as it is dialled at home", "0300-5550100", {}, [1]),
    ("the end of a number", "555 0100", {}, [1]),
    ("the middle of a word", "eill", {}, []),
    ("a word nobody has", "zzz", {}, []),
    ("two words of two guests", "jane jose", {}, []),
    ("a part of an address", "doe@example", {}, []),
    ("a part of a number", "300 555", {}, []),
    ("signs alone", "%", {}, []),
    ("from a date on", "doe", {"date_from": TOMORROW + minutes(1)}, [3]),
    ("until a date", "doe", {"date_to": JULY}, [0]),
    ("an agent's", "o", {"agent_ids": frozenset({"agent-1"})}, [2]),
    ("in a state", "o", {"statuses": frozenset({CallStatus.SCHEDULED})}, []),
    ("from a source", "anne", {"sources": frozenset({BookingSource.ADMIN})}, [2]),
    ("from another source", "anne", {"sources": frozenset({BookingSource.API})}, []),
]
BETWEEN_DATES: list[tuple[str, str, dict[str, Any], list[int]]] = [
    ("the middle of a word", "eill", {}, [2]),
    ("a part of an address", "doe@example", {}, [0]),
    ("a part of a number", "(300) 555", {}, [1]),
    ("words in another order", "doe jane", {}, [0]),
    ("characters that other searches take for signs", "%", {}, []),
    ("a stretch before", "doe", {"date_to": TOMORROW}, []),
    ("in a state", "o", {"statuses": frozenset({CallStatus.SCHEDULED})}, [0]),
]


@pytest.mark.parametrize(
    ("search", "query", "expected"), [row[1:] for row in AT_ANY_SIZE], ids=[r[0] for r in AT_ANY_SIZE]
)
def test_a_search_finds_in_every_promised_way_and_in_no_other(
    four: Written, search: str, query: dict[str, Any], expected: list[int]
) -> None:
    backend, calls = four
    page = find(backend, search, **query)
    assert (list(page.calls), page.total, page.next) == ([calls[number] for number in expected], len(expected), None)


@pytest.mark.parametrize(
    ("search", "query", "expected"), [row[1:] for row in BETWEEN_DATES], ids=[r[0] for r in BETWEEN_DATES]
)
def test_between_two_dates_a_search_finds_parts_too(
    four: Written, search: str, query: dict[str, Any], expected: list[int]
) -> None:
    backend, calls = four
    page = find(backend, search, **WITHIN | query)
    assert (list(page.calls), page.total, page.next) == ([calls[number] for number in expected], len(expected), None)


@pytest.mark.parametrize(("search", "expected"), [(row[1], row[3]) for row in AT_ANY_SIZE if row[3] and not row[2]])
def test_what_is_found_at_any_size_is_found_between_two_dates(four: Written, search: str, expected: list[int]) -> None:
    backend, calls = four
    dates = {"date_from": TOMORROW, "date_to": TOMORROW + LONGEST_STRETCH_SEARCHED}
    found = list(find(backend, search, **dates).calls)
    assert [call for call in found if call in [calls[number] for number in expected]] == [
        calls[number] for number in expected
    ]


@pytest.mark.parametrize(("longer", "found"), [(timedelta(0), 1), (timedelta(minutes=1), 0)])
def test_parts_are_looked_for_in_up_to_92_days(four: Written, longer: timedelta, found: int) -> None:
    backend, _ = four
    dates = {"date_from": TOMORROW, "date_to": TOMORROW + LONGEST_STRETCH_SEARCHED + longer}
    assert len(find(backend, "eill", **dates).calls) == found
    assert len(find(backend, "neill", **dates).calls) == 1, "beginnings of words are found in any stretch"


@pytest.mark.parametrize(
    ("search", "query", "matches"),
    [
        ("guest", {}, range(30)),
        ("ann", {}, [n for n in range(30) if n % 3 != 2]),
        ("anna gue", {}, range(1, 30, 3)),
        ("guest", {"statuses": frozenset({CallStatus.CONFIRMED})}, range(2, 30, 4)),
        ("guest", {"date_from": datetime(2026, 5, 3, tzinfo=UTC)}, range(6, 30)),
    ],
)
@pytest.mark.parametrize("limit", [1, *(pytest.param(limit, marks=pytest.mark.slow) for limit in (7, 10, 30)), 29, 31])
def test_pages_by_cursor_and_by_offset_hold_every_match_once_in_order(
    thirty: Written, search: str, query: dict[str, Any], matches: Sequence[int], limit: int
) -> None:
    backend, calls = thirty
    expected = [calls[number] for number in matches]
    by_cursor = [call for page in walk(backend, search, limit=limit, **query) for call in page.calls]
    by_offset = [
        call
        for offset in range(0, len(expected), limit)
        for call in find(backend, search, limit=limit, offset=offset, **query).calls
    ]
    assert by_cursor == by_offset == expected


@pytest.mark.parametrize("limit", [1, 29, 30, 200])
@pytest.mark.parametrize(("search", "total"), [("guest", 30), ("anna", 10), ("ann guest", 20), ("o'neill", 0)])
def test_a_search_is_counted_whole(thirty: Written, limit: int, search: str, total: int) -> None:
    backend, _ = thirty
    assert find(backend, search, limit=limit).total == total


def test_an_offset_beyond_the_end_shows_nothing_and_still_counts(four: Written) -> None:
    backend, _ = four
    page = find(backend, "doe", offset=40)
    assert (list(page.calls), page.total, page.next) == ([], 2, None)


@pytest.fixture(params=["dynamodb", "direct"])
def stored(request: pytest.FixtureRequest) -> Iterator[Backend]:
    with backend_of(request.param) as backend:
        yield backend


def rewrite(backend: Backend, *calls: Call) -> None:
    """The call as it is now, whose search rows have not followed."""
    assert isinstance(backend.calls, DynamoCalls)
    write_rows(backend.calls.client, backend.calls.table, [call_to_item(call) for call in calls])


def test_a_row_that_is_older_than_its_call_shows_nothing_that_no_longer_matches(stored: Backend) -> None:
    renamed, moved, cleared, same = write(stored, *(a_call(name="Jane Doe", assigned_agent_id=None) for _ in range(4)))
    rewrite(stored, replace(renamed, guest=replace(renamed.guest, name="Ann Doe")))
    rewrite(stored, replace(moved, scheduled_at=moved.scheduled_at + minutes(60)))
    rewrite(stored, replace(cleared, guest=Guest(name="-", phone="+12025550100", phone_e164="+12025550100")))
    assert list(find(stored, "jane").calls) == [same]
    assert list(find(stored, "jane", limit=1).calls) == [same]


def test_a_row_without_its_call_shows_nothing(stored: Backend) -> None:
    derive(stored, a_call(name="Jane Doe"))
    page = find(stored, "jane")
    assert (list(page.calls), page.total) == ([], 0)


def test_a_page_fills_up_although_rows_at_its_beginning_are_of_no_match(stored: Backend) -> None:
    calls = [a_call(name="Jane", assigned_agent_id=None, scheduled_at=TOMORROW + minutes(n)) for n in range(60)]
    write(stored, *calls)
    rewrite(stored, *(replace(call, guest=replace(call.guest, name="Ann")) for call in calls[:50]))
    page = find(stored, "jane", limit=5)
    assert [call.id for call in page.calls] == [call.id for call in calls[50:55]]
    assert page.next is not None
    assert [call.id for call in find(stored, "jane", after=page.next).calls] == [call.id for call in calls[55:]]


def test_until_all_calls_have_rows_a_search_reads_the_calls(stored: Backend) -> None:
    call = write_call(stored.bookings, a_call(name="Jane Doe"))
    assert list(find(stored, "jane").calls) == [call], "which has no row yet"
    assert list(find(stored, "ane").calls) == [call]
    derive(stored)
    assert list(find(stored, "jane").calls) == []


LEFT_OUT_ONCE = 10
"""More than this often left out: all of it."""


class Counting:
    """A DynamoDB client that counts its requests, and may leave keys of a batch unprocessed."""

    def __init__(self, client: Any, unprocessed: int = 0) -> None:
        self._client = client
        self._unprocessed = unprocessed
        self.requests: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        def request(**arguments: Any) -> Any:
            self.requests[name] += 1
            if name == "batch_get_item" and self._unprocessed:
                return self._half(arguments)
            return getattr(self._client, name)(**arguments)

        return request

    def _half(self, arguments: Any) -> Any:
        self._unprocessed -= 1
        ((table, wanted),) = arguments["RequestItems"].items()
        done, left = wanted["Keys"][::2], wanted["Keys"][1::2]
        if self._unprocessed > LEFT_OUT_ONCE:
            return {"Responses": {}, "UnprocessedKeys": arguments["RequestItems"]}
        answer = self._client.batch_get_item(RequestItems={table: {**wanted, "Keys": done}})
        return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": left}} if left else {}}


def counting(backend: Backend, unprocessed: int = 0) -> tuple[DynamoCalls, Counting]:
    assert isinstance(backend.calls, DynamoCalls)
    counted = Counting(backend.calls.client, unprocessed)
    return DynamoCalls(counted, backend.calls.table), counted


@pytest.fixture
def crowd() -> Iterator[tuple[Backend, Call]]:
    """One guest among three hundred of common names, in an app whose calls have rows."""
    with backend_of("dynamodb") as backend:
        yield backend, written_once("a guest in a crowd", partial(_crowd, backend))


def _crowd(backend: Backend) -> Call:
    assert isinstance(backend.calls, DynamoCalls)
    guest = {"phone": "+57 300 555 0100", "phone_e164": "+573005550100", "email": "zeb@example.com"}
    one = a_call(
        name="Zebulon O'Hara Smith",
        scheduled_at=TOMORROW + timedelta(days=200),
        external_id="CRM-4200 7",
        **guest,
    )
    others = [
        a_call(
            name=f"Maria {last}",
            scheduled_at=TOMORROW + minutes(n),
            email=f"maria.{n}@example.com",
            external_id=f"CRM-{n}",
        )
        for n, last in enumerate(["Smith", "Smythe", "Garcia"] * 100)
    ]
    client, table = backend.calls.client, backend.calls.table
    write_rows(client, table, [call_to_item(call) for call in (one, *others)])
    derive(backend, one, *others)
    return one


@pytest.mark.parametrize(
    ("search", "requests"),
    [
        ("zeb@example.com", 2),
        ("+57 300 555 0100", 2),
        ("0300 5550100", 2),
        ("zebulon", 2),
        ("zebulon smith", 2),
        ("smith zeb", 3),
        ("smi zeb", 3),
        ("o'hara", 3),
        ("ohara", 2),
        ("hara zebulon", 2),
        ("crm4200", 2),
        ("4200 crm", 2),
        ("crm-4200 7", 3),
    ],
)
def test_one_guest_in_a_crowd_is_found_by_three_requests_at_most(
    crowd: tuple[Backend, Call], monkeypatch: pytest.MonkeyPatch, search: str, requests: int
) -> None:
    """Although more rows of a common word come first than are tried before a rarer word is."""
    monkeypatch.setattr("slotline.store.booking.found_calls.ROWS_TRIED", 60)
    backend, one = crowd
    calls, counted = counting(backend)
    page = calls.find(CallQuery(app_id=APP_ID, search=search))
    assert ([call.id for call in page.calls], page.total, page.next) == ([one.id], 1, None)
    assert counted.requests.total() == requests, counted.requests


def test_nobody_is_found_by_two_requests(crowd: tuple[Backend, Call]) -> None:
    calls, counted = counting(crowd[0])
    assert calls.find(CallQuery(app_id=APP_ID, search="nobody")).total == 0
    assert counted.requests.total() == 2


@pytest.mark.parametrize(("search", "total"), [("maria", 300), ("maria smith", 100), ("smi maria", 100)])
def test_a_page_of_a_common_name_is_counted_by_two_more_requests_at_most(
    crowd: tuple[Backend, Call], search: str, total: int
) -> None:
    calls, counted = counting(crowd[0])
    page = calls.find(CallQuery(app_id=APP_ID, search=search))
    assert (len(page.calls), page.total) == (50, total)
    assert counted.requests.total() <= 4, counted.requests


def test_more_than_are_counted_have_no_total(crowd: tuple[Backend, Call], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotline.store.booking.found_calls.COUNTED_UP_TO", 299)
    page = crowd[0].calls.find(CallQuery(app_id=APP_ID, search="maria"))
    assert (len(page.calls), page.total) == (50, None)


def test_other_filters_that_let_few_through_end_a_page_early_and_a_cursor_goes_on(
    crowd: tuple[Backend, Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("slotline.store.booking.found_calls.CALLS_AT_MOST", 120)
    calls, _ = counting(crowd[0])
    backend = replace(crowd[0], calls=calls)
    pages = list(walk(backend, "smith", statuses=frozenset({CallStatus.SCHEDULED}), limit=2, offset=98))
    assert sum(len(page.calls) for page in pages) >= 1
    nothing = list(walk(backend, "maria", statuses=frozenset({CallStatus.CANCELLED})))
    assert [len(page.calls) for page in nothing] == [0] * len(nothing)
    assert len(nothing) == 3
    assert nothing[0].total is None


@pytest.mark.parametrize("times", [1, 3])
def test_what_a_batch_left_out_is_asked_for_again(crowd: tuple[Backend, Call], times: int) -> None:
    calls, counted = counting(crowd[0], unprocessed=times)
    page = calls.find(CallQuery(app_id=APP_ID, search="maria garcia", limit=20))
    assert len(page.calls) == 20
    assert counted.requests["batch_get_item"] == times + 1


def test_a_store_that_leaves_out_all_is_busy(crowd: tuple[Backend, Call]) -> None:
    calls, _ = counting(crowd[0], unprocessed=LEFT_OUT_ONCE * 2)
    with pytest.raises(StoreBusyError):
        calls.find(CallQuery(app_id=APP_ID, search="maria", limit=200))


def test_a_search_without_one_of_the_dates_reads_no_more_in_a_range_that_holds_nothing(
    crowd: tuple[Backend, Call],
) -> None:
    calls, _ = counting(crowd[0])
    dates = {"date_from": TOMORROW + timedelta(days=400), "date_to": TOMORROW}
    page = calls.find(CallQuery(app_id=APP_ID, search="maria", **dates))
    assert (list(page.calls), page.total, page.next) == ([], 0, None)
