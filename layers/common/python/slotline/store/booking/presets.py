"""Presets as rows, and the copies of each: whatever changes several of them is one transaction.

The active preset's copy is in its app's row, and each preset that has a slug has one under it. A change raises the
preset's revision, keeps what it was before (`preset_revision`), and is written on condition that the preset is as it
was read: each change leaves its id on the row. So is an activation, which copies what it read.

Former releases change a preset in place, and write no copy but the app's. Their change leaves another id on the row, so
that nothing is written over it unseen; the next change here writes every copy whole.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.apps import App, Preset
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.apps import KeptPreset, SlugInUse
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking import items
from slotline.store.booking.preset_rows import (
    REVISED,
    app_of,
    keys_at_revision,
    keys_by_name,
    preset_at_revision,
    preset_by_name,
    revision_row,
    slug_row,
)
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item
from slotline.store.dynamodb.rows import get_rows, query_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact
from slotline.store.shared.audit import audit_parts

_ACTIVE = "preset.preset_id = :id"
_NOT_ACTIVE = "preset.preset_id <> :id"
MINE = "attribute_not_exists(pk) OR preset_id = :id"
"""The condition that a slug is free, or this preset's."""
_BESIDE_THE_PRESET = frozenset({"pk", "sk", "change_id", "created_at"})


@dataclass(frozen=True, slots=True)
class DynamoPresets:
    """`Presets` on SchedulingTable, with receipts and the audit log on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock

    def find(self, app_id: str, preset_id: str) -> tuple[App | None, KeptPreset | None]:
        """One strongly consistent BatchGetItem."""
        app_key, preset_key = keys.app(app_id), keys.preset(app_id, preset_id)
        found = get_rows(self.client, {self.table: [app_key, preset_key]})
        row = row_of(found, preset_key)
        return app_of(self.client, self.table, row_of(found, app_key)), kept_preset(row) if row else None

    def named(self, app_id: str, name: str) -> tuple[App | None, Preset | None]:
        """One strongly consistent BatchGetItem."""
        app_key = keys.app(app_id)
        found = get_rows(self.client, {self.table: [app_key, *keys_by_name(app_id, name)]})
        app = app_of(self.client, self.table, row_of(found, app_key))
        return app, preset_by_name(found, app, name)

    def at_revision(self, app_id: str, preset_id: str, revision: int) -> tuple[App | None, Preset | None]:
        """One strongly consistent BatchGetItem."""
        app_key = keys.app(app_id)
        found = get_rows(self.client, {self.table: [app_key, *keys_at_revision(app_id, preset_id, revision)]})
        app = app_of(self.client, self.table, row_of(found, app_key))
        return app, preset_at_revision(found, app_id, preset_id, revision)

    def all(self, app_id: str) -> tuple[App | None, Sequence[Preset]]:
        """A consistent Query, and the app's row."""
        app_key, first = keys.app(app_id), keys.preset(app_id, "")
        app = row_of(get_rows(self.client, {self.table: [app_key]}), app_key)
        rows = query_rows(self.client, self.table, first, keys.last_of(first))
        return app_of(self.client, self.table, app), [items.preset_from_map(row) for row in rows]

    def add(
        self, app_id: str, preset: Preset, at: datetime, receipt: Receipt | None, entry: AuditEntry | None = None
    ) -> None:
        """One transaction: the app is there, the preset is not, its slug is free, and nobody answered this key."""
        fields = items.preset_to_map(preset)
        row = {**keys.preset(app_id, preset.preset_id), **fields, "created_at": at}
        labelled = [
            ("app", self._of_revised(app_id, "attribute_exists(pk)")),
            ("new", parts.put_new(self.table, row)),
            *self._slugs(app_id, None, preset, fields),
            *self._receipt(receipt),
            *audit_parts(self.access_table, entry),
        ]
        self._transact(app_id, labelled, slug=preset.slug)

    def change(
        self,
        app_id: str,
        kept: KeptPreset,
        changed: Preset,
        change_id: str,
        *,
        active: bool,
        entry: AuditEntry | None = None,
    ) -> None:
        """One transaction over the preset, its app, its slugs, and what it was."""
        before, copy = kept.preset, copy_of(kept, changed)
        preset_id, was = before.preset_id, plain(before)
        values = {name: value for name, value in plain(changed).items() if value != was[name]}
        if active:
            of_app: dict[str, object] = {"preset": copy, REVISED: True}
            app = parts.change(self.table, keys.app(app_id), of_app, _ACTIVE, id=preset_id)
        else:
            app = self._of_revised(app_id, _NOT_ACTIVE, preset_id)
        preset_key, own = keys.preset(app_id, preset_id), {**values, "change_id": change_id}
        labelled = [
            ("preset", parts.change(self.table, preset_key, own, as_read(kept), read=kept.change_id)),
            ("app", app),
            ("", parts.put_row(self.table, revision_row(app_id, before, copy_of(kept, before)))),
            *self._slugs(app_id, before.slug, changed, copy),
            *audit_parts(self.access_table, entry),
        ]
        self._transact(app_id, labelled, slug=changed.slug)

    def activate(
        self,
        app_id: str,
        kept: KeptPreset,
        change_id: str,
        receipt: Receipt | None,
        *,
        replaces: str | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """One transaction over the preset and its app."""
        ruled = _ACTIVE if replaces else "attribute_exists(pk)"
        preset_id = kept.preset.preset_id
        app = {
            "active_preset_id": preset_id,
            "preset": copy_of(kept, kept.preset),
            "activation_id": change_id,
            REVISED: True,
        }
        labelled = [
            ("preset", parts.check(self.table, keys.preset(app_id, preset_id), as_read(kept), read=kept.change_id)),
            ("app", parts.change(self.table, keys.app(app_id), app, ruled, id=replaces)),
            *self._receipt(receipt),
            *audit_parts(self.access_table, entry),
        ]
        self._transact(app_id, labelled)

    def remove(self, app_id: str, kept: KeptPreset, entry: AuditEntry | None = None) -> None:
        """One transaction over the preset, its app, its slug, and what it was."""
        preset, preset_id = kept.preset, kept.preset.preset_id
        labelled: list[Labelled] = [
            ("preset", parts.delete(self.table, keys.preset(app_id, preset_id), change_id=kept.change_id)),
            ("app", parts.check(self.table, keys.app(app_id), _NOT_ACTIVE, id=preset_id)),
            ("", parts.put_row(self.table, revision_row(app_id, preset, copy_of(kept, preset)))),
            *audit_parts(self.access_table, entry),
        ]
        if preset.slug:
            labelled.append(("app", self._free(app_id, preset.slug, preset_id)))
        self._transact(app_id, labelled)

    def _of_revised(self, app_id: str, condition: str, preset_id: str | None = None) -> parts.Part:
        """The app's part in a change that leaves its copy alone: from the first one on its row says that there are
        revisions, so that a copy without one is known for a former release's (`app_of`)."""
        key = keys.app(app_id)
        row = row_of(get_rows(self.client, {self.table: [key]}), key) or {}
        if REVISED in row:
            return parts.check(self.table, key, f"{condition} AND attribute_exists({REVISED})", id=preset_id)
        return parts.update(
            self.table,
            key,
            f"SET {REVISED} = :true, preset.revision = if_not_exists(preset.revision, :first)",
            f"{condition} AND attribute_not_exists({REVISED})",
            id=preset_id,
            true=True,
            first=1,
        )

    def _slugs(self, app_id: str, before: str | None, preset: Preset, copy: Item) -> Sequence[Labelled]:
        """The row of the preset's slug, which is no other preset's id, and the end of the one it had."""
        labelled: list[Labelled] = []
        if preset.slug and preset.slug not in (before, preset.preset_id):
            named_so = keys.preset(app_id, preset.slug)
            labelled.append(("id", parts.check(self.table, named_so, "attribute_not_exists(pk)")))
        if preset.slug:
            row = slug_row(app_id, preset.slug, preset, copy)
            labelled.append(("slug", parts.put(self.table, row, MINE, id=preset.preset_id)))
        if before and before != preset.slug:
            labelled.append(("app", self._free(app_id, before, preset.preset_id)))
        return labelled

    def _free(self, app_id: str, slug: str, preset_id: str) -> parts.Part:
        return parts.delete_if(self.table, keys.preset_slug(app_id, slug), MINE, id=preset_id)

    def _receipt(self, receipt: Receipt | None) -> Sequence[Labelled]:
        return [("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now()))] if receipt else []

    def _transact(self, app_id: str, labelled: Sequence[Labelled], slug: str | None = None) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "receipt" in refused.labels:
                raise AlreadyAnswered from refused
            if "new" in refused.labels:
                raise AlreadyWritten from refused
            if (
                refused.labels <= {"slug", "id"}
                and slug
                and ("id" in refused.labels or not self._left_behind(app_id, slug))
            ):
                raise SlugInUse from refused
            raise RaceLost from refused

    def _left_behind(self, app_id: str, slug: str) -> bool:
        """Whether a slug's preset is gone, taken away by a release that knows of no slugs. If so, it is free now."""
        slug_key = keys.preset_slug(app_id, slug)
        row = row_of(get_rows(self.client, {self.table: [slug_key]}), slug_key)
        if row is None:
            return True
        preset_key = keys.preset(app_id, row["preset_id"])
        if row_of(get_rows(self.client, {self.table: [preset_key]}), preset_key):
            return False
        gone = parts.check(self.table, preset_key, "attribute_not_exists(pk)")
        with suppress(ConditionsFailed):
            transact(self.client, [("", gone), ("", self._free(app_id, slug, row["preset_id"]))])
        return True


def kept_preset(row: Item) -> KeptPreset:
    """The preset of its own row."""
    known = _BESIDE_THE_PRESET | Preset.__dataclass_fields__.keys()
    unknown = {name: value for name, value in row.items() if name not in known}
    return KeptPreset(preset=items.preset_from_map(row), change_id=row.get("change_id"), unknown=unknown)


def copy_of(kept: KeptPreset, preset: Preset) -> Item:
    """The preset for another row, with what a later release has written into its own."""
    return {**kept.unknown, **items.preset_to_map(preset)}


def as_read(kept: KeptPreset) -> str:
    """The condition that nobody has changed the preset since it was read by this change, `:read`."""
    return "change_id = :read" if kept.change_id else "attribute_exists(pk) AND attribute_not_exists(change_id)"
