"""Presets in memory, and the copy of the active one in its app."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import App, Preset
from slotline.domain.shared.audit import AuditEntry
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.apps import KeptPreset, SlugInUse
from slotline.ports.shared import AlreadyWritten, RaceLost
from tests.support.memory.store import MemoryStore
from tests.support.memory.tokens import transaction


@dataclass
class MemoryPresets:
    """`Presets` on a store in memory."""

    store: MemoryStore

    def find(self, app_id: str, preset_id: str) -> tuple[App | None, KeptPreset | None]:
        """One instant of the whole store."""
        with self.store.reading():
            return self.store.apps.get(app_id), self.store.presets.get((app_id, preset_id))

    def named(self, app_id: str, name: str) -> tuple[App | None, Preset | None]:
        """One instant of the whole store."""
        with self.store.reading():
            return self.store.apps.get(app_id), self.store.preset_by_name(app_id, name)

    def at_revision(self, app_id: str, preset_id: str, revision: int) -> tuple[App | None, Preset | None]:
        """One instant of the whole store."""
        with self.store.reading():
            kept = self.store.presets.get((app_id, preset_id))
            now = kept.preset if kept and kept.preset.revision == revision else None
            then = self.store.preset_revisions.get((app_id, preset_id, revision))
            return self.store.apps.get(app_id), then or now

    def all(self, app_id: str) -> tuple[App | None, Sequence[Preset]]:
        """One instant of the whole store."""
        with self.store.reading():
            places = sorted(place for place in self.store.presets if place[0] == app_id)
            return self.store.apps.get(app_id), [self.store.presets[place].preset for place in places]

    @transaction
    def add(
        self,
        app_id: str,
        preset: Preset,
        at: datetime,  # noqa: ARG002 - when, only rows say
        receipt: Receipt | None,
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        if (app_id, preset.preset_id) in self.store.presets:
            raise AlreadyWritten
        if app_id not in self.store.apps:
            raise RaceLost
        self._check_slug(app_id, preset)
        self.store.presets[app_id, preset.preset_id] = KeptPreset(preset=preset)
        self.store.keep(receipt)
        self.store.append(entry)

    @transaction
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
        """All or nothing, under one lock."""
        preset_id = kept.preset.preset_id
        app = self._as_read(app_id, kept)
        if (app.preset.preset_id == preset_id) is not active:
            raise RaceLost
        self._check_slug(app_id, changed, before=kept.preset.slug)
        self._keep_revision(app_id, kept.preset)
        self.store.presets[app_id, preset_id] = KeptPreset(preset=changed, change_id=change_id)
        if active:
            self.store.apps[app_id] = replace(app, preset=changed)
        self.store.append(entry)

    @transaction
    def activate(
        self,
        app_id: str,
        kept: KeptPreset,
        change_id: str,  # noqa: ARG002 - no row keeps it here
        receipt: Receipt | None,
        *,
        replaces: str | None = None,
        entry: AuditEntry | None = None,
    ) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        app = self._as_read(app_id, kept)
        if replaces not in (None, app.preset.preset_id):
            raise RaceLost
        self.store.apps[app_id] = replace(app, preset=kept.preset)
        self.store.keep(receipt)
        self.store.append(entry)

    @transaction
    def remove(self, app_id: str, kept: KeptPreset, entry: AuditEntry | None = None) -> None:
        """All or nothing, under one lock."""
        app = self._as_read(app_id, kept)
        if app.preset.preset_id == kept.preset.preset_id:
            raise RaceLost
        self._keep_revision(app_id, kept.preset)
        del self.store.presets[app_id, kept.preset.preset_id]
        self.store.append(entry)

    def _as_read(self, app_id: str, kept: KeptPreset) -> App:
        app, there = self.store.apps.get(app_id), self.store.presets.get((app_id, kept.preset.preset_id))
        if app is None or there is None or there.change_id != kept.change_id:
            raise RaceLost
        return app

    def _check_slug(self, app_id: str, preset: Preset, before: str | None = None) -> None:
        if preset.slug in (None, before):
            return
        others = (kept.preset for (owner, _), kept in self.store.presets.items() if owner == app_id)
        if any(
            preset.slug in (other.slug, other.preset_id) and other.preset_id != preset.preset_id for other in others
        ):
            raise SlugInUse

    def _keep_revision(self, app_id: str, preset: Preset) -> None:
        self.store.preset_revisions[app_id, preset.preset_id, preset.revision] = preset
