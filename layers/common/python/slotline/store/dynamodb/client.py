"""DynamoDB itself: the client, its values, and what its refusals say.

The order of `CancellationReasons`: DynamoDB API reference, TransactWriteItems.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from json import JSONEncoder
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from slotline.store.dynamodb.values import AttributeValues, Item, from_values, to_values

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
else:
    DynamoDBClient = Any

__all__ = ["AttributeValues", "DynamoDBClient", "Item", "cancelled_at", "from_values", "request_token", "to_values"]

_SORTED = JSONEncoder(sort_keys=True, default=str)


def request_token(transaction: Sequence[Mapping[str, Any]]) -> str:
    """The client request token of a transaction: the same writes have the same one, so a repeat takes effect once."""
    return sha256(_SORTED.encode(transaction).encode()).hexdigest()[:36]


def cancelled_at(error: ClientError) -> list[str]:
    """The reason of each item of a cancelled transaction, in order: `None`, `ConditionalCheckFailed`, …"""
    reasons = error.response.get("CancellationReasons", [])
    return [reason.get("Code", "None") for reason in reasons]
