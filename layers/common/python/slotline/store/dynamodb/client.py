"""DynamoDB itself: the client, its values, and what its refusals say.

The order of `CancellationReasons`: DynamoDB API reference, TransactWriteItems.
"""

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from slotline.store.dynamodb.values import AttributeValues, Item, from_values, to_values

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
else:
    DynamoDBClient = Any

__all__ = ["AttributeValues", "DynamoDBClient", "Item", "cancelled_at", "from_values", "request_token", "to_values"]


def request_token(transaction: str) -> str:
    """The client request token of a transaction, which is in JSON with its names in order: the same writes have the
    same one, so a repeat takes effect once.
    """
    return sha256(transaction.encode()).hexdigest()[:36]


def cancelled_at(error: ClientError) -> list[str]:
    """The reason of each item of a cancelled transaction, in order: `None`, `ConditionalCheckFailed`, …"""
    reasons = error.response.get("CancellationReasons", [])
    return [reason.get("Code", "None") for reason in reasons]
