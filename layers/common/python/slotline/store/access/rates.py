"""Request counters: one UpdateItem a request, one row a client and day.

The row counts the day, each hour and each minute that had requests. A request takes away the minutes that are over, so
that the row stays under one kilobyte, and so one write unit, however busy the client. Which these are is known from the
answer to the request before, as long as the process lives; a process that has not seen the row yet names all of the
hour before. A refused request counts nowhere: a client that hammers is let in again when its window ends, not later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.access.rate_limits import KEPT_FOR, RateState, Window, rate_state
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values

_KEPT_MINUTES = 60
_VISITORS_ARE_KEPT = timedelta(days=2)
_MOST_SEEN = 1_000
"""Clients whose rows a process remembers."""


@dataclass(frozen=True, slots=True)
class DynamoRates:
    """`Rates` on AccessTable."""

    client: DynamoDBClient
    table: str
    _seen: dict[tuple[str, date], frozenset[int]] = field(default_factory=dict, repr=False, compare=False)
    """The minutes that a row counted when it was last seen."""

    def count(self, principal: str, limits: dict[Window, int], now: datetime, *, shows_use: bool = False) -> RateState:
        """Count one request in all three windows, or in none where one of them is full. Raises StoreBusyError."""
        minute = now.hour * 60 + now.minute
        row_key = (principal, now.date())
        over = self._over(row_key, minute)
        names = {"#minute": f"m{minute}", "#hour": f"h{now.hour}", "#day": "day"}
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
                    + (f" REMOVE {', '.join(over)}" if over else ""),
                    ConditionExpression=" AND ".join(room),
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=to_values(
                        {
                            ":one": 1,
                            ":expires": int((now + (KEPT_FOR if shows_use else _VISITORS_ARE_KEPT)).timestamp()),
                            **{f":{window}": limit for window, limit in limits.items()},
                        }
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != "ConditionalCheckFailedException":
                raise
            refused: Any = error.response
            row, allowed = from_values(refused.get("Item", {})), False
        else:
            row, allowed = from_values(answer["Attributes"]), True
        self._remember(row_key, row)
        used = {window: row.get(names[attribute], 0) for window, attribute in attributes.items()}
        return rate_state(limits, used, now, allowed=allowed)

    def _over(self, row_key: tuple[str, date], minute: int) -> list[str]:
        """The counters of minutes that are over, as far as this process knows."""
        seen: Iterable[int] = self._seen.get(row_key, range(max(0, minute - _KEPT_MINUTES), minute))
        return [f"m{number}" for number in seen if number < minute]

    def _remember(self, row_key: tuple[str, date], row: Mapping[str, Any]) -> None:
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[row_key] = frozenset(int(name[1:]) for name in row if name[0] == "m")
