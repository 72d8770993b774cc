"""Messages about calls, from their planning to their outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.reminders import Reminder
from slotline.domain.shared.due import Due, bucket_of
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock
from slotline.store.booking import items, writes
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact


@dataclass(frozen=True, slots=True)
class DynamoReminders:
    """`Reminders` on SchedulingTable, with receipts on AccessTable."""

    client: DynamoDBClient
    scheduling_table: str
    access_table: str
    clock: Clock

    def add(self, reminders: Sequence[Reminder], receipt: Receipt | None) -> None:
        """One TransactWriteItems."""
        labelled: list[Labelled] = [
            ("new", parts.put_new(self.scheduling_table, items.reminder_to_item(reminder))) for reminder in reminders
        ]
        if receipt:
            labelled.append(("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now())))
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            raise (AlreadyWritten if "new" in refused.labels else AlreadyAnswered) from refused

    def claim(self, due: Due, claim_id: str, until: datetime) -> Reminder | None:
        """One conditional UpdateItem: the claim is the moment at which the message is due again.

        Where its answer was lost, botocore's repeat finds the message claimed, and by whom.
        """
        try:
            with raising_store_busy():
                answer = self.client.update_item(
                    TableName=self.scheduling_table,
                    Key=to_values({"pk": due.pk, "sk": due.sk}),
                    UpdateExpression="SET claim_id = :claim, due_at = :until, due_bucket = :bucket ADD attempts :one",
                    ConditionExpression="due_at = :due",
                    ExpressionAttributeValues=to_values(
                        {
                            ":claim": claim_id,
                            ":until": until,
                            ":bucket": bucket_of(until, due.pk, due.sk),
                            ":one": 1,
                            ":due": due.at,
                        }
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            there: Any = error.response
            row = from_values(there.get("Item", {}))
            return items.reminder_from_item(row) if row.get("claim_id") == claim_id else None
        return items.reminder_from_item(from_values(answer["Attributes"]))

    def is_claimed(self, reminder: Reminder) -> bool:
        """One consistent GetItem."""
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.scheduling_table,
                Key=to_values(keys.reminder(reminder.app_id, reminder.call_id, reminder.id)),
                ConsistentRead=True,
                ProjectionExpression="claim_id",
            )
        return "Item" in answer and from_values(answer["Item"]).get("claim_id") == reminder.claim_id

    def settle(self, reminder: Reminder) -> None:
        """One conditional PutItem."""
        try:
            with raising_store_busy():
                self.client.put_item(**writes.settle_reminder(self.scheduling_table, reminder)["Put"])
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
