"""Lists of calls at DynamoDB: how many requests a page takes, and where its total comes from."""

from collections import Counter as Sums
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from slotline.store.booking import call_pages
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.derived import derived_of_call
from slotline.store.booking.items import call_to_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.shared.derived import COUNT
from tests.support.aws.moto_tables import aws_in_memory, kept_rows, put_back
from tests.support.builders.bookings import APP_ID, a_call

TABLE = "SchedulingTable"
BEGIN = datetime(2026, 5, 1, 9, tzinfo=UTC)
SIZE = 6_000
"""Bytes of a call, as the client here tells it: moto says one unit whatever it reads."""
SCHEDULED, CANCELLED = frozenset({CallStatus.SCHEDULED}), frozenset({CallStatus.CANCELLED})
AGENT = frozenset({"agent-1"})
_ROWS: list[Any] = []


class Watched:
    """A client that counts requests, and that reads no more than a megabyte of calls at once, as DynamoDB does."""

    def __init__(self, client: Any, at_once: int = 1024 * 1024 // SIZE) -> None:
        self.client, self.at_once = client, at_once
        self.asked: list[str] = []
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        def ask(**request: Any) -> Any:
            self.asked.append(name)
            return getattr(self.client, name)(**request)

        return ask

    def query(self, **request: Any) -> Any:
        self.asked.append(f"query {request.get('IndexName', 'table')}")
        if "IndexName" in request:
            request["Limit"] = min(request.get("Limit", self.at_once), self.at_once)
        answer = self.client.query(**request)
        if "IndexName" in request:
            self.read += answer["ScannedCount"] * SIZE
            answer["ConsumedCapacity"] = {"CapacityUnits": answer["ScannedCount"] * SIZE / (8 * 1024)}
        return answer


def calls_of_an_app() -> list[Call]:
    """500 calls in three months: a few are cancelled, near the end; every third is agent-1's."""
    return [
        a_call(
            scheduled_at=BEGIN + timedelta(hours=3 * n),
            name="Ana",
            status=CallStatus.CANCELLED if n >= 440 and n % 5 == 0 else CallStatus.SCHEDULED,
            booking_source=BookingSource.ADMIN if n % 2 else BookingSource.API,
            assigned_agent_id="agent-1" if n % 3 == 0 else "agent-2",
        )
        for n in range(500)
    ]


_CALLS: list[Call] = []


@pytest.fixture(autouse=True)
def counted_up_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that these few calls are beyond."""
    monkeypatch.setattr(call_pages, "COUNTED_UP_TO", 300)


def derived_rows(calls: list[Call]) -> Iterator[dict[str, Any]]:
    """What a stream would have made of them, in two shards: a transaction at moto copies the whole table."""
    counted = [
        Sums(counter for call in half for counter in derived_of_call(call).counters)
        for half in (calls[::2], calls[1::2])
    ]
    for shard, sums in enumerate(counted):
        rows: dict[tuple[str, str], dict[str, int]] = {}
        for counter, amount in sums.items():
            rows.setdefault((counter.partition, counter.row), {})[f"{COUNT}{counter.name}"] = amount
        yield from ({**keys.counters(*place, shard), **counts} for place, counts in rows.items())
    for call in calls:
        yield from map(dict, derived_of_call(call).rows)


@pytest.fixture
def client() -> Iterator[Watched]:
    """The calls with all that is derived from them, and the app's mark."""
    with aws_in_memory() as real:
        if not _ROWS:
            _CALLS.extend(calls_of_an_app())
            listed = {**keys.months(APP_ID), "months": {call.month for call in _CALLS}}
            for row in (*map(call_to_item, _CALLS), listed, keys.calls_are_counted(APP_ID), *derived_rows(_CALLS)):
                real.put_item(TableName=TABLE, Item=to_values(row))
            _ROWS.append(kept_rows())
        put_back(_ROWS[0])
        yield Watched(real)


def find(client: Watched, **query: Any) -> CallPage:
    client.asked.clear()
    client.read = 0
    return DynamoCalls(client, TABLE).find(CallQuery(app_id=APP_ID, **query))


def matching(**wanted: Any) -> list[Call]:
    query = CallQuery(app_id=APP_ID, **wanted)
    return [
        call
        for call in _CALLS
        if (not query.statuses or call.status in query.statuses)
        and (not query.sources or call.booking_source in query.sources)
        and (not query.agent_ids or call.assigned_agent_id in query.agent_ids)
        and (query.date_from is None or query.date_from <= call.scheduled_at)
        and (query.date_to is None or call.scheduled_at < query.date_to)
    ]


MIDNIGHT = datetime(2026, 5, 20, tzinfo=UTC)


def _in_words(query: dict[str, Any]) -> str:
    """The same in every process: a set is in no order."""
    return ", ".join(
        f"{name}: {'+'.join(sorted(value)) if isinstance(value, frozenset) else value}" for name, value in query.items()
    )


COUNTED: list[dict[str, Any]] = [
    {},
    {"statuses": SCHEDULED},
    {"statuses": CANCELLED},
    {"statuses": SCHEDULED | CANCELLED},
    {"sources": frozenset({BookingSource.ADMIN})},
    {"agent_ids": AGENT},
    {"agent_ids": AGENT, "statuses": SCHEDULED},
    {"date_from": MIDNIGHT},
    {"date_to": MIDNIGHT},
    {"date_from": MIDNIGHT, "date_to": MIDNIGHT + timedelta(days=30)},
    {"date_from": MIDNIGHT, "statuses": SCHEDULED},
    {"date_from": MIDNIGHT, "agent_ids": AGENT, "statuses": SCHEDULED},
]


@pytest.mark.parametrize("query", COUNTED, ids=_in_words)
def test_a_first_page_and_its_total_take_three_requests_at_most(client: Watched, query: dict[str, Any]) -> None:
    page = find(client, limit=10, **query)
    expected = matching(**query)
    assert list(page.calls) == expected[: len(page.calls)]
    assert page.calls
    assert page.total == len(expected)
    assert page.next
    assert len(client.asked) <= 3, client.asked


@pytest.mark.parametrize("query", COUNTED, ids=_in_words)
def test_a_walk_by_cursor_sees_every_match_once_and_no_page_reads_much(client: Watched, query: dict[str, Any]) -> None:
    found: list[Call] = []
    after: Position | None = None
    while True:
        page = find(client, limit=200, after=after, with_total=False, **query)
        assert client.read <= call_pages.PAGE_READS_AT_MOST + 1024 * 1024
        assert len(client.asked) <= 4, client.asked
        found += page.calls
        if page.next is None:
            break
        after = page.next
    assert found == matching(**query)


def test_a_total_that_nobody_wants_to_know_takes_no_request(client: Watched) -> None:
    assert find(client, limit=10, with_total=False).total is None
    assert client.asked == ["batch_get_item", "query calendar"]


def test_counters_tell_the_total_beyond_what_would_be_counted(client: Watched) -> None:
    assert find(client, limit=10).total == len(_CALLS) > call_pages.COUNTED_UP_TO


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"date_from": BEGIN + timedelta(hours=1, minutes=1)}, None),
        ({"date_from": BEGIN + timedelta(hours=3 * 350, minutes=1)}, 149),
        ({"agent_ids": frozenset({"agent-1", "agent-2"})}, None),
        ({"statuses": SCHEDULED, "date_from": BEGIN + timedelta(hours=1)}, None),
        ({"statuses": SCHEDULED, "date_from": BEGIN + timedelta(hours=3 * 350, minutes=1)}, 137),
        ({"statuses": CANCELLED, "date_from": BEGIN + timedelta(hours=1)}, 12),
    ],
    ids=["to the minute, many", "to the minute, few", "two agents", "status, many", "status, few", "rare status"],
)
def test_what_no_counter_knows_is_counted_in_two_requests_or_not_at_all(
    client: Watched, query: dict[str, Any], total: int | None
) -> None:
    page = find(client, limit=10, **query)
    assert page.total == total
    assert len(client.asked) <= 4
    assert find(client, limit=10, **query, after=page.next).total == total, "and so on every page"


def test_a_time_that_ends_before_it_begins_has_no_call_on_any_page(client: Watched) -> None:
    place = Position(scheduled_at=BEGIN, call_id="a")
    for more in ({}, {"statuses": SCHEDULED}, {"statuses": SCHEDULED, "agent_ids": AGENT}):
        backwards = {"date_from": MIDNIGHT + timedelta(minutes=5), "date_to": MIDNIGHT - timedelta(minutes=5), **more}
        for after in (None, place):
            page = find(client, after=after, **backwards)
            assert (list(page.calls), page.total, page.next) == ([], 0, None)


@pytest.mark.parametrize("query", [{}, {"statuses": CANCELLED}], ids=_in_words)
def test_a_list_has_at_least_what_was_seen_of_it_however_late_counters_are(
    client: Watched, query: dict[str, Any]
) -> None:
    for row in client.client.scan(TableName=TABLE)["Items"]:
        if row["sk"]["S"].startswith("COUNTERS#"):
            client.client.delete_item(TableName=TABLE, Key={"pk": row["pk"], "sk": row["sk"]})
    page = find(client, limit=2, **query)
    assert (len(page.calls), page.total, page.next is not None) == (2, 3, True)


def test_an_app_without_its_mark_is_counted_as_before_up_to_a_bound(client: Watched) -> None:
    client.delete_item(TableName=TABLE, Key=to_values(keys.calls_are_counted(APP_ID)))
    for query in COUNTED:
        page = find(client, limit=10, **query)
        expected = matching(**query)
        assert list(page.calls) == expected[: len(page.calls)]
        assert page.total in {None, len(expected)}
        assert client.read <= 3 * 1024 * 1024
    assert find(client, limit=10, date_from=MIDNIGHT, date_to=MIDNIGHT + timedelta(days=5)).total == 40


def test_a_status_that_few_are_in_is_found_at_once(client: Watched) -> None:
    page = find(client, limit=50, statuses=CANCELLED)
    assert list(page.calls) == matching(statuses=CANCELLED)
    assert (page.total, page.next) == (len(page.calls), None)
    assert client.asked == ["query table", "batch_get_item"]


def test_a_call_that_has_left_its_status_or_moved_just_now_is_not_shown(client: Watched) -> None:
    gone, moved, *others = matching(statuses=CANCELLED)
    client.delete_item(TableName=TABLE, Key=to_values(keys.call(APP_ID, gone.id)))
    late = call_to_item(moved) | {"scheduled_at": BEGIN + timedelta(days=300)}
    client.put_item(TableName=TABLE, Item=to_values(late))
    assert list(find(client, statuses=CANCELLED).calls) == others


def test_what_matches_little_ends_its_page_early_and_says_that_there_is_more(client: Watched) -> None:
    page = find(client, limit=10, statuses=CANCELLED, sources=frozenset({BookingSource.API}))
    assert (list(page.calls), page.total) == ([], len(matching(statuses=CANCELLED, sources={BookingSource.API})))
    assert page.next
    assert len(client.asked) <= 3


def test_a_page_far_on_does_not_ask_for_the_months_before_it(client: Watched) -> None:
    last = _CALLS[-30]
    page = find(client, limit=10, after=Position(scheduled_at=last.scheduled_at, call_id=last.id))
    assert list(page.calls) == _CALLS[-29:-19]
    assert client.asked == ["batch_get_item", "query calendar"]


def test_an_offset_passes_over_as_many_as_it_says(client: Watched) -> None:
    page = find(client, limit=10, offset=400)
    assert list(page.calls) == _CALLS[400:410]
    assert page.total == len(_CALLS)


def test_counters_that_are_behind_never_tell_less_than_is_shown(client: Watched) -> None:
    counter = keys.counters(keys.counted_calls(APP_ID), "ALL", 0)
    for shard in range(8):
        client.delete_item(TableName=TABLE, Key=to_values({**counter, "sk": f"COUNTERS#ALL#{shard}"}))
    assert find(client, limit=10).total == 11


def test_many_months_of_few_calls_end_a_page_after_a_year_and_go_on(client: Watched) -> None:
    months = [f"{2028 + n // 12}-{n % 12 + 1:02d}" for n in range(36)]
    client.put_item(TableName=TABLE, Item=to_values({**keys.months(APP_ID), "months": set(months)}))
    sparse = [a_call(scheduled_at=datetime.fromisoformat(f"{month}-05T09:00:00+00:00")) for month in months]
    for call in sparse:
        client.put_item(TableName=TABLE, Item=to_values(call_to_item(call)))
    found: list[Call] = []
    after: Position | None = None
    while True:
        page = find(client, limit=50, after=after, with_total=False)
        assert len(client.asked) <= 1 + call_pages.QUERIES_AT_MOST
        found += page.calls
        if page.next is None:
            break
        after = page.next
    assert found == sparse
