"""Presets as rows, and the copy of the active one in its app's row: whatever changes both is one transaction.

Each change of a preset leaves its id on the row. An activation copies what it read, on condition that no change came
in between; a change is written on condition that the preset still is, or still is not, the active one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.apps import App, Preset
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.booking import KeptPreset
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient
from slotline.store.dynamodb.rows import get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact

_ACTIVE = "preset.preset_id = :id"
_NOT_ACTIVE = "preset.preset_id <> :id"


@dataclass(frozen=True, slots=True)
class DynamoPresets:
    """`Presets` on SchedulingTable, with receipts on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def find(self, app_id: str, preset_id: str) -> tuple[App | None, KeptPreset | None]:
        """One strongly consistent BatchGetItem."""
        app_key, preset_key = keys.app(app_id), keys.preset(app_id, preset_id)
        found = get_rows(self.client, {self.table: [app_key, preset_key]})
        app, row = row_of(found, app_key), row_of(found, preset_key)
        kept = KeptPreset(preset=items.preset_from_map(row), change_id=row.get("change_id")) if row else None
        return items.app_from_item(app) if app else None, kept

    def all(self, app_id: str) -> tuple[App | None, Sequence[Preset]]:
        """A consistent Query, and the app's row."""
        app_key, first = keys.app(app_id), keys.preset(app_id, "")
        app = row_of(get_rows(self.client, {self.table: [app_key]}), app_key)
        rows = query_rows(self.client, self.table, first, keys.last_of(first))
        return items.app_from_item(app) if app else None, [items.preset_from_map(row) for row in rows]

    def add(self, app_id: str, preset: Preset, at: datetime, receipt: Receipt | None) -> None:
        """One transaction: the app is there, the preset is not, and nobody answered this key."""
        row = {**keys.preset(app_id, preset.preset_id), **items.preset_to_map(preset), "created_at": at}
        self._transact(
            [
                ("app", parts.check(self.table, keys.app(app_id), "attribute_exists(pk)")),
                ("new", parts.put_new(self.table, row)),
                *self._receipt(receipt),
            ]
        )

    def change(
        self, app_id: str, preset_id: str, values: Mapping[str, object], change_id: str, *, active: bool
    ) -> None:
        """One transaction over the preset and its app."""
        app_key, fields = keys.app(app_id), plain(values)
        row = parts.change(
            self.table, keys.preset(app_id, preset_id), {**fields, "change_id": change_id}, "attribute_exists(pk)"
        )
        if active:
            app = parts.change(self.table, app_key, fields, _ACTIVE, inside="preset", id=preset_id)
        else:
            app = parts.check(self.table, app_key, _NOT_ACTIVE, id=preset_id)
        self._transact([("preset", row), ("app", app)])

    def activate(self, app_id: str, kept: KeptPreset, change_id: str, receipt: Receipt | None) -> None:
        """One transaction over the preset and its app."""
        preset = kept.preset
        unchanged = (
            "change_id = :read" if kept.change_id else "attribute_exists(pk) AND attribute_not_exists(change_id)"
        )
        app = {
            "active_preset_id": preset.preset_id,
            "preset": items.preset_to_map(preset),
            "activation_id": change_id,
        }
        self._transact(
            [
                (
                    "preset",
                    parts.check(self.table, keys.preset(app_id, preset.preset_id), unchanged, read=kept.change_id),
                ),
                ("app", parts.change(self.table, keys.app(app_id), app, "attribute_exists(pk)")),
                *self._receipt(receipt),
            ]
        )

    def remove(self, app_id: str, preset_id: str) -> None:
        """One transaction over the preset and its app."""
        self._transact(
            [
                ("preset", parts.delete(self.table, keys.preset(app_id, preset_id))),
                ("app", parts.check(self.table, keys.app(app_id), _NOT_ACTIVE, id=preset_id)),
            ]
        )

    def _receipt(self, receipt: Receipt | None) -> Sequence[Labelled]:
        return [("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now()))] if receipt else []

    def _transact(self, labelled: Sequence[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            if "new" in refused.labels:
                raise AlreadyWritten from refused
            raise RaceLost from refused
