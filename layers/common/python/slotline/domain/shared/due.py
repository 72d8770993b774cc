"""Rows that act later: when each is due, and in which bucket of the index it waits.

The row is the truth: it says when it is due, and whoever takes that off has taken the work off. Schedules and queue
messages are wake-ups only. One that comes twice, or late, or for a row that has moved since, finds nothing to do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

SHARDS = 8
"""Partitions of one hour's bucket: a thousand writes a second each."""

STRAIGHT_WITHIN = timedelta(minutes=14)
"""What is due sooner goes straight to its queue: SQS holds a message back for at most 15 minutes."""

LEAD = timedelta(minutes=1)
"""How long before its minute a schedule fires: EventBridge Scheduler keeps to the minute, the queue to the second."""

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class DueKind(StrEnum):
    """What a row does when it is due, and so which queue it goes to."""

    REMINDER = "reminder"
    CALL = "call"
    HOLD = "hold"
    CODE = "code"
    WAY_IN = "way_in"
    DELIVERY = "delivery"
    ATTEMPT = "attempt"
    IMPORT = "import"
    CAMPAIGN = "campaign"
    BULK = "bulk"
    ROOM = "room"
    RECORDING = "recording"
    ZONE_RULES = "zone_rules"
    """Of no row: upcoming calls are walked over, and where that is to go on is the walk's to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A row's wake-up: which row, and the moment it was due when the wake-up was sent.

    A row that by now is due at another moment, or not at all, is left alone.
    """

    kind: DueKind
    pk: str
    sk: str
    at: datetime


def minute_of(at: datetime) -> datetime:
    """The minute that holds this instant: its first moment."""
    return at.replace(second=0, microsecond=0)


def hour_of(at: datetime) -> datetime:
    """The hour that holds this instant: its first moment."""
    return at.replace(minute=0, second=0, microsecond=0)


def bucket_of(at: datetime, pk: str, sk: str) -> str:
    """The bucket of a row: its hour, and a shard that follows from its key."""
    return _bucket(at, crc32(f"{pk}\n{sk}".encode()) % SHARDS)


def buckets_of(hour: datetime) -> tuple[str, ...]:
    """Every bucket of the hour that holds this instant."""
    return tuple(_bucket(hour, shard) for shard in range(SHARDS))


def _bucket(hour: datetime, shard: int) -> str:
    return f"{hour:%Y-%m-%dT%H}#{shard}"
