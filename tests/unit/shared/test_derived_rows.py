"""Derived rows at DynamoDB: how much is sent together, who is in whose way, and what is nobody's fault but ours."""

from collections import Counter as Calls
from collections.abc import Iterator
from typing import Any

import pytest

from slotline.ports.shared import Counter, Derived, RaceLost, StoreBusyError, Underivable
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.shared.derived import SHARDS, DynamoDerivations
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.aws.requests import refusal
from tests.support.builders.apps import NOW, SetClock

PARTITION = "APP#a#CALLS"
TABLE = "SchedulingTable"


class Watched:
    """A client that counts what is asked of it; its next transaction may be refused, or lose its answer."""

    def __init__(self, client: Any) -> None:
        self.client, self.asked, self.sizes = client, Calls[str](), list[int]()
        self.refuses: list[Exception] = []
        self.meanwhile: Any = None

    def __getattr__(self, name: str) -> Any:
        def ask(**request: Any) -> Any:
            self.asked[name] += 1
            if name == "transact_write_items":
                self.sizes.append(len(request["TransactItems"]))
                if self.meanwhile:
                    act, self.meanwhile = self.meanwhile, None
                    act()
                if self.refuses:
                    raise self.refuses.pop()
            return getattr(self.client, name)(**request)

        return ask


@pytest.fixture
def client() -> Iterator[Watched]:
    with aws_in_memory() as real:
        yield Watched(real)


def store(client: Any, shard: int = 0) -> DynamoDerivations:
    return DynamoDerivations(client, TABLE, SetClock(), draw=lambda _: shard)


def waiting(subject: str, version: int = 1, *rows: str) -> Derived:
    found = Counter(PARTITION, "TOTAL", "waiting")
    return Derived(
        subject=subject, version=version, counters=frozenset({found, *(found._replace(row=r) for r in rows)})
    )


def cancelled(*reasons: str) -> Exception:
    error: Any = refusal("TransactionCanceledException")
    error.response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return error


def test_a_batch_of_a_hundred_subjects_is_one_read_and_two_transactions(client: Watched) -> None:
    store(client).apply([waiting(f"S#{n}") for n in range(100)])
    assert client.asked == {"batch_get_item": 1, "transact_write_items": 2}
    assert client.sizes == [100, 2]


def test_what_is_not_news_is_not_written(client: Watched) -> None:
    for _ in range(3):
        store(client).apply([waiting("S#1")])
    assert client.asked == {"batch_get_item": 3, "transact_write_items": 1}


def test_all_shards_of_a_row_are_read_in_one_request(client: Watched) -> None:
    for shard in range(SHARDS):
        store(client, shard).apply([waiting(f"S#{shard}")])
    client.asked.clear()
    assert store(client).counts(PARTITION, "TOTAL") == {"waiting": SHARDS}
    assert client.asked == {"query": 1}


def test_one_shard_may_be_below_zero_and_the_sum_is_right(client: Watched) -> None:
    store(client, 0).apply([waiting("S#1"), waiting("S#2")])
    gone = Derived(subject="S#1", version=2, is_gone=True)
    store(client, 5).apply([gone])
    assert store(client).counts(PARTITION, "TOTAL") == {"waiting": 1}


def test_a_record_that_changed_meanwhile_is_a_lost_race_and_nothing_is_written(client: Watched) -> None:
    client.meanwhile = lambda: store(client.client).apply([waiting("S#1")])
    with pytest.raises(RaceLost):
        store(client).apply([waiting("S#1"), waiting("S#2")])
    assert store(client).counts(PARTITION, "TOTAL") == {"waiting": 1}


def test_a_transaction_in_anothers_way_is_busy(client: Watched) -> None:
    client.refuses = [cancelled("None", "TransactionConflict")]
    with pytest.raises(StoreBusyError):
        store(client).apply([waiting("S#1")])


@pytest.mark.parametrize("error", [cancelled("None", "ValidationError"), refusal("ValidationException")])
def test_what_the_store_will_never_take_is_told_as_that(client: Watched, error: Exception) -> None:
    client.refuses = [error]
    with pytest.raises(Underivable):
        store(client).apply([waiting("S#1")])


def test_a_subject_of_more_counters_than_a_transaction_holds_is_told_as_that(client: Watched) -> None:
    with pytest.raises(Underivable):
        store(client).apply([waiting("S#1", 1, *(f"DAY#{n}" for n in range(120)))])


def test_a_refusal_that_is_no_mistake_of_the_rows_passes_as_it_is(client: Watched) -> None:
    client.refuses = [refusal("AccessDeniedException")]
    with pytest.raises(Exception, match="AccessDenied"):
        store(client).apply([waiting("S#1")])


def test_the_record_of_a_subject_that_is_gone_ends_after_the_stream_has_forgotten_it(client: Watched) -> None:
    store(client).apply([waiting("S#1"), Derived(subject="S#1", version=2, is_gone=True)])
    row = from_values(client.get_item(TableName=TABLE, Key=to_values(keys.derived("S#1")))["Item"])
    assert row["expires_at"] == NOW.timestamp() + 2 * 24 * 3600
