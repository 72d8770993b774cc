"""Leases: one row each, taken and given back by single conditional writes."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.store import keys
from slotline.store.dynamo import DynamoDBClient, busy_is_busy, to_values


@dataclass(frozen=True, slots=True)
class DynamoLeases:
    """`Leases` on AccessTable."""

    client: DynamoDBClient
    table: str

    def take(self, app_id: str, name: str, holder: str, now: datetime, until: datetime) -> bool:
        """Hold it until then, or extend one's own; False while somebody else holds it. Raises StoreBusyError."""
        try:
            with busy_is_busy():
                self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.lease(app_id, name)),
                    UpdateExpression="SET holder = :holder, held_until = :until, expires_at = :expires",
                    ConditionExpression="attribute_not_exists(holder) OR holder = :holder OR held_until <= :now",
                    ExpressionAttributeValues=to_values(
                        {
                            ":holder": holder,
                            ":now": now,
                            ":until": until,
                            ":expires": int((until + timedelta(days=1)).timestamp()),
                        }
                    ),
                )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def give_back(self, app_id: str, name: str, holder: str) -> None:
        """Let the next one have it; nothing, where it is somebody else's by now. Raises StoreBusyError."""
        with suppress(self.client.exceptions.ConditionalCheckFailedException), busy_is_busy():
            self.client.update_item(
                TableName=self.table,
                Key=to_values(keys.lease(app_id, name)),
                UpdateExpression="REMOVE holder",
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues=to_values({":holder": holder}),
            )
