"""When rows are due, and the buckets that they wait in."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.shared.due import HOUR, MINUTE, SHARDS, bucket_of, buckets_of, hour_of, minute_of
from tests.support.properties import tried

instants = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given there
keys = st.text(min_size=1, max_size=60)


@given(at=instants, pk=keys, sk=keys)
@tried(300)
def test_a_row_waits_in_one_of_its_hours_buckets(at: datetime, pk: str, sk: str) -> None:
    assert bucket_of(at, pk, sk) in buckets_of(at)


@given(at=instants)
@tried()
def test_an_hour_has_the_same_buckets_at_each_of_its_moments(at: datetime) -> None:
    start = hour_of(at)
    assert start <= at < start + HOUR
    assert buckets_of(at) == buckets_of(start) == buckets_of(start + HOUR - timedelta(microseconds=1))


def test_two_hours_share_no_bucket() -> None:
    hours = [datetime(2026, 12, 31, tzinfo=UTC) + number * HOUR for number in range(48)]
    buckets = [bucket for hour in hours for bucket in buckets_of(hour)]
    assert len(set(buckets)) == 48 * SHARDS


def test_rows_of_one_moment_spread_over_every_shard() -> None:
    at = datetime(2026, 5, 1, 9, tzinfo=UTC)
    found = [bucket_of(at, f"APP#a#CALL#{number}", "CALL") for number in range(8_000)]
    assert all(700 < found.count(bucket) < 1_300 for bucket in buckets_of(at))


def test_a_rows_shard_is_the_same_in_every_process() -> None:
    at = datetime(2026, 5, 1, 9, 59, 59, 999_999, tzinfo=UTC)
    assert bucket_of(at, "APP#a#CALL#b", "CALL") == "2026-05-01T09#2"


@given(at=instants)
@tried()
def test_a_minute_holds_its_moments_and_no_other(at: datetime) -> None:
    start = minute_of(at)
    assert start <= at < start + MINUTE
    assert (start.second, start.microsecond) == (0, 0)
