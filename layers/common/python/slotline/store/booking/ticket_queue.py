"""Ticket queues: one row each. `drawn` is the last number given out, `served` the last one whose turn is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values

_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DynamoTicketQueue:
    """`TicketQueue` on AccessTable."""

    client: DynamoDBClient
    table: str

    def draw(self, app_id: str, name: str, now: datetime) -> int:
        """A number behind all that were drawn. Raises StoreBusyError."""
        values = {":one": 1, ":none": 0, ":now": now, ":expires": int((now + _KEPT).timestamp())}
        with raising_store_busy():
            answer = self.client.update_item(
                TableName=self.table,
                Key=to_values(keys.ticket_queue(app_id, name)),
                UpdateExpression="ADD drawn :one SET served = if_not_exists(served, :none),"
                " turn_until = if_not_exists(turn_until, :now), expires_at = :expires",
                ExpressionAttributeValues=to_values(values),
                ReturnValues="UPDATED_NEW",
            )
        return int(from_values(answer["Attributes"])["drawn"])

    def ahead(self, app_id: str, name: str, number: int, now: datetime, until: datetime) -> int:
        """How many are before it; none: it is its turn until then, or it was passed over. Raises StoreBusyError."""
        values = {":before": number - 1, ":now": now, ":until": until}
        try:
            with raising_store_busy():
                self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.ticket_queue(app_id, name)),
                    UpdateExpression="SET served = :before, turn_until = :until",
                    ConditionExpression="served = :before OR (served < :before AND turn_until <= :now)",
                    ExpressionAttributeValues=to_values(values),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            refused: Any = error.response
            served = int(from_values(refused.get("Item", {})).get("served", number))
            return max(0, number - 1 - served)
        return 0

    def leave(self, app_id: str, name: str, number: int, until: datetime) -> None:
        """Its turn is over; the next one has until then to ask. Raises StoreBusyError."""
        values = {":before": number - 1, ":number": number, ":until": until}
        try:
            with raising_store_busy():
                self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.ticket_queue(app_id, name)),
                    UpdateExpression="SET served = :number, turn_until = :until",
                    ConditionExpression="served = :before",
                    ExpressionAttributeValues=to_values(values),
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":  # it was passed over: there is nothing to leave
                raise
