"""Labelled parts, written all or none: which of their conditions failed is told by label."""

from collections.abc import Iterable, Sequence

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.aws.json_protocol import WrittenList
from slotline.ports.shared import StoreBusyError
from slotline.store.dynamodb.client import DynamoDBClient, cancelled_at, request_token
from slotline.store.dynamodb.parts import Part

_TRANSIENT = frozenset({"None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})

Labelled = tuple[str, Part]


class ConditionsFailed(Exception):
    """Nothing was written: the conditions of these parts did not hold."""

    def __init__(self, labels: Iterable[str]) -> None:
        super().__init__()
        self.labels = frozenset(labels)


def write(client: DynamoDBClient, labelled: Sequence[Labelled]) -> None:
    """One part as a request of its own, at half the price; several as a transaction. Raises as `transact` does."""
    if len(labelled) > 1:
        transact(client, labelled)
        return
    ((label, part),) = labelled
    try:
        with raising_store_busy():
            if "Put" in part:
                client.put_item(**part["Put"])
            elif "Delete" in part:
                client.delete_item(**part["Delete"])
            else:
                client.update_item(**part["Update"])
    except ClientError as error:
        if code_of(error) != "ConditionalCheckFailedException":
            raise
        raise ConditionsFailed([label]) from error


def transact(client: DynamoDBClient, labelled: Sequence[Labelled]) -> None:
    """One TransactWriteItems. Raises ConditionsFailed, or StoreBusyError.

    A condition that failed is a decision; it outranks busy neighbours. The same parts once more take effect once.
    """
    transaction = WrittenList(part for _, part in labelled)
    try:
        with raising_store_busy():
            client.transact_write_items(TransactItems=transaction, ClientRequestToken=request_token(transaction.text))
    except ClientError as error:
        if code_of(error) != "TransactionCanceledException":
            raise
        reasons = cancelled_at(error)
        failed = [
            label for (label, _), reason in zip(labelled, reasons, strict=True) if reason == "ConditionalCheckFailed"
        ]
        if failed:
            raise ConditionsFailed(failed) from error
        if not _TRANSIENT.issuperset(reasons):
            raise  # a mistake of ours, such as an item that grew too large: to be seen, not to be tried again
        raise StoreBusyError(", ".join(sorted(set(reasons) - {"None"}))) from error
