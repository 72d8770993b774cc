"""Holds whose time runs out."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.booking.agent_days import DayChange
from slotline.domain.shared.due import Due
from slotline.ports.booking import HeldSlot
from slotline.store.booking import items, writes
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import due_row
from slotline.store.dynamodb.transactions import transact


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
        row = writes.drop_hold(self.table, hold.app_id, hold.hold)
        changes = [("", writes.change_day(self.table, hold.app_id, change)) for change in days]
        transact(self.client, [("", row), *changes])
