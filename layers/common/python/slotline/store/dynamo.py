"""DynamoDB itself: the client, items in and out of its own types, and what its errors mean.

Error codes and the order of `CancellationReasons`: DynamoDB API reference, TransactWriteItems. KMS answers with other
codes when it is busy (KMS API reference, Sign and GetPublicKey).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004 - botocore's own

from slotline.domain.instants import format_instant
from slotline.ports.basics import StoreBusyError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient as DynamoDBClient  # noqa: PLC0414 - re-exported for the adapters
else:
    DynamoDBClient = Any

Item = dict[str, Any]
AttributeValues = dict[str, Any]

# botocore waits 60 s by default; a door has ten. Standard mode retries throttling and lost connections with jitter.
CLIENT_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=20,
)

_BUSY = frozenset(
    {
        "DependencyTimeoutException",
        "InternalServerError",
        "KMSInternalException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def to_values(item: Mapping[str, object]) -> AttributeValues:
    """A plain mapping as DynamoDB's typed values. Instants become text; None is left out."""
    return {name: _serializer.serialize(_plain(value)) for name, value in item.items() if value is not None}


def from_values(values: Mapping[str, Any]) -> Item:
    """DynamoDB's typed values as a plain mapping. Whole numbers come back as int."""
    return {name: _python(_deserializer.deserialize(value)) for name, value in values.items()}


def request_token(transaction: Sequence[Mapping[str, Any]]) -> str:
    """The client request token of a transaction: the same writes have the same one, so a repeat takes effect once."""
    return sha256(dumps(transaction, sort_keys=True, default=str).encode()).hexdigest()[:36]


def cancelled_at(error: ClientError) -> list[str]:
    """The reason of each item of a cancelled transaction, in order: `None`, `ConditionalCheckFailed`, …"""
    reasons = error.response.get("CancellationReasons", [])
    return [reason.get("Code", "None") for reason in reasons]


def code_of(error: ClientError) -> str:
    """The error's code."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def raising_store_busy() -> Iterator[None]:
    """Turn throttling and lost connections into StoreBusyError; everything else passes, our own mistakes too."""
    try:
        yield
    except ClientError as error:
        if code_of(error) in _BUSY:
            raise StoreBusyError(code_of(error)) from error
        raise
    except (ConnectionError, HTTPClientError) as error:  # what botocore itself holds for transient
        raise StoreBusyError(type(error).__name__) from error


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _python(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _python(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_python(inner) for inner in value]
    return value
