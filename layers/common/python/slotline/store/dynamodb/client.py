"""DynamoDB itself: the client, and items in and out of its own types.

The order of `CancellationReasons`: DynamoDB API reference, TransactWriteItems.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from slotline.domain.shared.instants import format_instant

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient as DynamoDBClient  # noqa: PLC0414 - re-exported for the adapters
else:
    DynamoDBClient = Any

Item = dict[str, Any]
AttributeValues = dict[str, Any]


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
