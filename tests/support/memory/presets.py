"""Presets in memory, and the copy of the active one in its app."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import App, Preset
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.booking import KeptPreset
from slotline.ports.shared import AlreadyWritten, RaceLost
from tests.support.memory.agents import with_values
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

    def all(self, app_id: str) -> tuple[App | None, Sequence[Preset]]:
        """One instant of the whole store."""
        with self.store.reading():
            places = sorted(place for place in self.store.presets if place[0] == app_id)
            return self.store.apps.get(app_id), [self.store.presets[place].preset for place in places]

    @transaction
    def add(self, app_id: str, preset: Preset, at: datetime, receipt: Receipt | None) -> None:  # noqa: ARG002 - when, only rows say
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        if (app_id, preset.preset_id) in self.store.presets:
            raise AlreadyWritten
        if app_id not in self.store.apps:
            raise RaceLost
        self.store.presets[app_id, preset.preset_id] = KeptPreset(preset=preset)
        self.store.keep(receipt)

    @transaction
    def change(
        self, app_id: str, preset_id: str, values: Mapping[str, object], change_id: str, *, active: bool
    ) -> None:
        """All or nothing, under one lock."""
        app, kept = self.store.apps.get(app_id), self.store.presets.get((app_id, preset_id))
        if app is None or kept is None or (app.preset.preset_id == preset_id) is not active:
            raise RaceLost
        changed = KeptPreset(preset=with_values(kept.preset, values), change_id=change_id)
        self.store.presets[app_id, preset_id] = changed
        if active:
            self.store.apps[app_id] = replace(app, preset=with_values(app.preset, values))

    @transaction
    def activate(self, app_id: str, kept: KeptPreset, change_id: str, receipt: Receipt | None) -> None:  # noqa: ARG002 - no row keeps it here
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        app, there = self.store.apps.get(app_id), self.store.presets.get((app_id, kept.preset.preset_id))
        if app is None or there is None or there.change_id != kept.change_id:
            raise RaceLost
        self.store.apps[app_id] = replace(app, preset=kept.preset)
        self.store.keep(receipt)

    @transaction
    def remove(self, app_id: str, preset_id: str) -> None:
        """All or nothing, under one lock."""
        app = self.store.apps.get(app_id)
        if app is None or app.preset.preset_id == preset_id or (app_id, preset_id) not in self.store.presets:
            raise RaceLost
        del self.store.presets[app_id, preset_id]
