"""Holds whose time runs out."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.agent_days import DayChange
from slotline.domain.due import Due
from slotline.ports.bookings import HeldSlot
from slotline.store import booking_parts, items, keys
from slotline.store.due import due_row
from slotline.store.dynamo import DynamoDBClient, to_values
from slotline.store.transactions import transact


@dataclass(frozen=True, slots=True)
class DynamoHolds:
    """`Holds` on SchedulingTable."""

    client: DynamoDBClient
    table: str

    def due(self, due: Due) -> HeldSlot | None:
        """One consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return items.hold_from_item(row) if row else None

    def end(self, hold: HeldSlot, days: Sequence[DayChange]) -> None:
        """One TransactWriteItems. A claim that a booking spent is gone already; to remove it again changes nothing."""
        key = keys.hold(hold.app_id, hold.agent_id, hold.claim.id)
        row = {"Delete": {"TableName": self.table, "Key": to_values(key)}}
        changes = [("", booking_parts.change_day(self.table, hold.app_id, change)) for change in days]
        transact(self.client, [("", row), *changes])
