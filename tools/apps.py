"""Apps as an operator sets them up: no handler writes an app's row whole, so the only writer is here."""

from dataclasses import dataclass
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.booking.apps import App
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.errors import Conflict, NotFound
from slotline.store.booking.items import app_from_item, preset_to_map
from slotline.store.booking.preset_rows import REVISED, slug_row
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import from_values, to_values
from slotline.store.dynamodb.transactions import ConditionsFailed, transact
from slotline.store.shared.audit import audit_parts


@dataclass(frozen=True, slots=True)
class DynamoApps:
    """Apps, in the scheduling table."""

    dynamodb: Any
    table: str
    access_table: str

    def add(self, app: App, created_at: str, entry: AuditEntry | None = None) -> None:
        """Keep a new app with its first preset, which rules: in its own row, and as the copy in the app's."""
        preset = preset_to_map(app.preset)
        row = {
            **keys.app(app.app_id),
            "app_id": app.app_id,
            "organization_id": app.organization_id,
            "name": app.name,
            "timezone": app.timezone,
            "active_preset_id": app.preset.preset_id,
            "preset": preset,
            REVISED: True,
            "status": "active",
            "created_at": created_at,
        }
        preset_row = {**keys.preset(app.app_id, app.preset.preset_id), **preset, "created_at": created_at}
        labelled = [
            ("app", parts.put_new(self.table, row)),
            ("preset", parts.put_new(self.table, preset_row)),
            # It has no calls yet, so all of them are counted.
            ("organization", parts.put_row(self.access_table, _of_organization(app))),
            ("counted", parts.put_row(self.table, keys.calls_are_counted(app.app_id))),
            ("rolled up", parts.put_row(self.table, keys.is_rolled_up(app.app_id))),
        ]
        if app.preset.slug:
            slug = slug_row(app.app_id, app.preset.slug, app.preset, preset)
            labelled.append(("slug", parts.put_new(self.table, slug)))
        labelled += audit_parts(self.access_table, entry)
        try:
            transact(self.dynamodb, labelled)
        except ConditionsFailed as refused:
            raise Conflict("There is such an app already.") from refused

    def get(self, app_id: str) -> App:
        """The app with its active preset. Raises NotFound."""
        with raising_store_busy():
            found = self.dynamodb.get_item(TableName=self.table, Key=to_values(keys.app(app_id)), ConsistentRead=True)
        if "Item" not in found:
            raise NotFound(f"There is no app {app_id}.")
        return app_from_item(from_values(found["Item"]))


def _of_organization(app: App) -> dict[str, str]:
    """By this row the app's owners find it."""
    return {**keys.organization_app(app.organization_id, app.app_id), "app_id": app.app_id}
