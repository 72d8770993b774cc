"""Request counters: one UpdateItem a request, one row a client and day.

The row counts the day, each hour and each minute that had requests. A new minute's counter takes away those of the
hour before it, so that the row stays under one kilobyte, and so one write unit, however busy the client. A refused
request counts nowhere: a client that hammers is let in again when its window ends, not later.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.access.rate_limits import RateState, Window, rate_state
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values

_KEPT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class DynamoRates:
    """`Rates` on AccessTable."""

    client: DynamoDBClient
    table: str

    def count(self, principal: str, limits: dict[Window, int], now: datetime) -> RateState:
        """Count one request in all three windows, or in none where one of them is full. Raises StoreBusyError."""
        minute = now.hour * 60 + now.minute
        names = {"#minute": f"m{minute}", "#hour": f"h{now.hour}", "#day": "day"}
        stale = {f"#s{i}": f"m{minute - i}" for i in range(1, min(_KEPT_MINUTES, minute) + 1)}
        attributes = {Window.MINUTE: "#minute", Window.HOUR: "#hour", Window.DAY: "#day"}
        room = [
            f"(attribute_not_exists({attribute}) OR {attribute} < :{window})"
            if limits[window] > 0
            else f"{attribute} < :{window}"  # false of a counter that is not there: none at all
            for window, attribute in attributes.items()
        ]
        try:
            with raising_store_busy():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.rate(principal, now.date())),
                    UpdateExpression="ADD #minute :one, #hour :one, #day :one SET expires_at = :expires"
                    + (f" REMOVE {', '.join(stale)}" if stale else ""),
                    ConditionExpression=" AND ".join(room),
                    ExpressionAttributeNames=names | stale,
                    ExpressionAttributeValues=to_values(
                        {
                            ":one": 1,
                            ":expires": int((now + timedelta(days=2)).timestamp()),
                            **{f":{window}": limit for window, limit in limits.items()},
                        }
                    ),
                    ReturnValues="UPDATED_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            refused: Any = error.response
            row, allowed = from_values(refused.get("Item", {})), False
        else:
            row, allowed = from_values(answer["Attributes"]), True
        used = {window: row.get(names[attribute], 0) for window, attribute in attributes.items()}
        return rate_state(limits, used, now, allowed=allowed)
