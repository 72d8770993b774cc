"""Request counters: three windows at once, one request, a row that stays small."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.access.rate_limits import Window
from slotline.store.access.rates import DynamoRates
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import from_values, to_values
from tests.contract.conftest import Backend
from tests.support.aws.requests import counted
from tests.support.memory.rates import MemoryRates

NOON = datetime(2026, 4, 22, 12, 0, 30, tzinfo=UTC)


def limits(minute: int = 100, hour: int = 1_000, day: int = 10_000) -> dict[Window, int]:
    return {Window.MINUTE: minute, Window.HOUR: hour, Window.DAY: day}


def test_a_request_counts_in_all_three_windows(backend: Backend) -> None:
    first = backend.rates.count("client-1", limits(), NOON)
    assert (first.window, first.limit, first.used, first.remaining, first.allowed) == (Window.MINUTE, 100, 1, 99, True)
    assert first.resets_at == datetime(2026, 4, 22, 12, 1, tzinfo=UTC)
    assert backend.rates.count("client-1", limits(hour=5), NOON).remaining == 3
    assert backend.rates.count("client-1", limits(day=5), NOON).remaining == 2


@pytest.mark.parametrize(
    ("limited", "window", "resets_at"),
    [
        ({"minute": 2}, Window.MINUTE, datetime(2026, 4, 22, 12, 1, tzinfo=UTC)),
        ({"hour": 2}, Window.HOUR, datetime(2026, 4, 22, 13, 0, tzinfo=UTC)),
        ({"day": 2}, Window.DAY, datetime(2026, 4, 23, tzinfo=UTC)),
    ],
)
def test_a_full_window_refuses_until_it_is_over(
    backend: Backend, limited: dict[str, int], window: Window, resets_at: datetime
) -> None:
    granted = limits(**limited)
    assert [backend.rates.count("client-1", granted, NOON).allowed for _ in range(3)] == [True, True, False]
    refused = backend.rates.count("client-1", granted, NOON)
    assert (refused.window, refused.remaining, refused.resets_at) == (window, 0, resets_at)
    assert refused.retry_after_seconds == (resets_at - NOON).total_seconds()
    assert not backend.rates.count("client-1", granted, resets_at - timedelta(seconds=1)).allowed
    assert backend.rates.count("client-1", granted, resets_at).allowed


def test_a_refused_request_counts_nowhere(backend: Backend) -> None:
    for _ in range(5):
        backend.rates.count("client-1", limits(minute=2), NOON)
    later = backend.rates.count("client-1", limits(minute=2, hour=3), NOON + timedelta(minutes=1))
    assert later.allowed
    assert (later.window, later.used) == (Window.HOUR, 3)


def test_each_client_has_its_own_counters(backend: Backend) -> None:
    assert backend.rates.count("client-1", limits(minute=1), NOON).allowed
    assert backend.rates.count("client-2", limits(minute=1), NOON).allowed
    assert not backend.rates.count("client-1", limits(minute=1), NOON).allowed


def test_the_day_begins_anew_at_midnight_utc(backend: Backend) -> None:
    evening = datetime(2026, 4, 22, 23, 59, 59, tzinfo=UTC)
    assert [backend.rates.count("client-1", limits(day=1), evening).allowed for _ in range(2)] == [True, False]
    assert backend.rates.count("client-1", limits(day=1), evening + timedelta(seconds=1)).allowed


def test_the_row_stays_under_a_kilobyte_however_busy_the_client(tables: Any) -> None:
    rates = DynamoRates(tables, "AccessTable")
    midnight = datetime(2026, 4, 22, tzinfo=UTC)
    for minute in (0, 1, 2, 59, 60, 61, 119, 120, 150, 600, 601, 659, 720, 1_438, 1_439):
        rates.count("client-1", limits(), midnight + timedelta(minutes=minute))
    row = tables.get_item(TableName="AccessTable", Key=to_values(keys.rate("client-1", midnight.date())))["Item"]
    assert sum(name.startswith("m") for name in row) <= 5
    assert sum(len(name) + len(next(iter(value.values()))) for name, value in row.items()) < 1024
    assert int(row["expires_at"]["N"]) > midnight.timestamp() + 24 * 3600


def _row(tables: Any, at: datetime) -> dict[str, Any]:
    row: dict[str, Any] = tables.get_item(TableName="AccessTable", Key=to_values(keys.rate("client-1", at.date())))[
        "Item"
    ]
    return from_values(row)


def test_a_process_that_knows_the_row_names_only_the_minutes_that_it_counts(tables: Any) -> None:
    sent: list[str] = []
    tables.meta.events.register(
        "provide-client-params.dynamodb.UpdateItem",
        lambda params, **_: sent.append(params["UpdateExpression"]),
        unique_id="sent",
    )
    rates = DynamoRates(tables, "AccessTable")
    for minute in (0, 0, 7, 7):
        rates.count("client-1", limits(), NOON + timedelta(minutes=minute))
    tables.meta.events.unregister("provide-client-params.dynamodb.UpdateItem", unique_id="sent")
    assert [expression.partition(" REMOVE ")[2] for expression in sent[1:]] == ["", "m720", ""]
    assert {name: value for name, value in _row(tables, NOON).items() if name[0] in "mhd"} == {
        "m727": 2,
        "h12": 4,
        "day": 4,
    }


def test_processes_of_this_release_and_the_former_one_count_in_the_same_row(tables: Any) -> None:
    """The former one names the sixty minutes before, each with a placeholder, and knows nothing of the row."""

    def count_as_before(at: datetime) -> None:
        minute = at.hour * 60 + at.minute
        stale = {f"#s{back}": f"m{minute - back}" for back in range(1, min(60, minute) + 1)}
        tables.update_item(
            TableName="AccessTable",
            Key=to_values(keys.rate("client-1", at.date())),
            UpdateExpression=f"ADD #minute :one, #hour :one, #day :one REMOVE {', '.join(stale)}",
            ExpressionAttributeNames={"#minute": f"m{minute}", "#hour": f"h{at.hour}", "#day": "day", **stale},
            ExpressionAttributeValues=to_values({":one": 1}),
        )

    one, other = DynamoRates(tables, "AccessTable"), DynamoRates(tables, "AccessTable")
    count_as_before(NOON)
    assert one.count("client-1", limits(), NOON).used == 2
    count_as_before(NOON)
    assert other.count("client-1", limits(), NOON).used == 4
    later = NOON + timedelta(minutes=3)
    count_as_before(later)
    assert one.count("client-1", limits(), later).used == 2
    assert other.count("client-1", limits(minute=3), later).used == 3
    assert not one.count("client-1", limits(minute=3), later).allowed
    row = _row(tables, NOON)
    assert {name for name in row if name[0] == "m"} == {"m723"}
    assert (row["h12"], row["day"]) == (7, 7)


def test_a_process_forgets_rows_before_they_are_too_many(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slotline.store.access.rates._MOST_SEEN", 2)
    rates = DynamoRates(tables, "AccessTable")
    for name in ("client-1", "client-2", "client-3", "client-1"):
        rates.count(name, limits(), NOON)
    assert rates.count("client-1", limits(), NOON + timedelta(minutes=1)).used == 1
    assert {name for name in _row(tables, NOON) if name[0] == "m"} == {"m721"}


def test_counting_is_one_request_whether_allowed_or_refused(tables: Any) -> None:
    rates = DynamoRates(tables, "AccessTable")
    with counted(tables) as requests:
        rates.count("client-1", limits(minute=1), NOON)
        rates.count("client-1", limits(minute=1), NOON)
    assert requests.operations == ["UpdateItem", "UpdateItem"]


def test_counting_in_memory_is_exact_under_threads() -> None:
    rates = MemoryRates()
    with ThreadPoolExecutor(16) as threads:
        states = list(threads.map(lambda _: rates.count("client-1", limits(minute=50), NOON), range(200)))
    assert sum(state.allowed for state in states) == 50
