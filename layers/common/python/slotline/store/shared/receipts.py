"""Answers to idempotency keys, apart from any transaction: for requests that are many transactions themselves."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.shared import Clock
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values


@dataclass(frozen=True, slots=True)
class DynamoReceipts:
    """`Receipts` on AccessTable."""

    client: DynamoDBClient
    table: str
    clock: Clock

    def find(self, key: IdempotencyKey) -> Receipt | None:
        """One strongly consistent GetItem."""
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.table,
                Key=to_values(keys.receipt(key.principal, key.route, key.key)),
                ConsistentRead=True,
            )
        row = from_values(answer["Item"]) if "Item" in answer else None
        return parts.receipt_from_row(row, key, self.clock.now())

    def keep(self, receipt: Receipt) -> bool:
        """One conditional PutItem."""
        try:
            with raising_store_busy():
                self.client.put_item(**parts.put_receipt(self.table, receipt, self.clock.now())["Put"])
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def complete(self, receipt: Receipt) -> None:
        """One PutItem."""
        with raising_store_busy():
            self.client.put_item(TableName=self.table, Item=to_values(parts.receipt_item(receipt)))
