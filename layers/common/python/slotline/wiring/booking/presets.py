"""The rules that apps' bookings follow."""

from functools import cache

from slotline.ports.apps import Presets
from slotline.store.booking.presets import DynamoPresets
from slotline.usecases.booking.keep_presets import ActivatePreset, AddPreset, ChangePreset, RemovePreset
from slotline.wiring import common
from slotline.wiring.shared.receipts import once


@cache
def presets() -> Presets:
    """The presets of apps."""
    settings = common.settings()
    return DynamoPresets(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def add_preset() -> AddPreset:
    """New presets."""
    return AddPreset(presets=presets(), ids=common.ids(), once=once())


@cache
def change_preset() -> ChangePreset:
    """Changes of presets."""
    return ChangePreset(presets=presets(), once=once())


@cache
def activate_preset() -> ActivatePreset:
    """Which preset rules."""
    return ActivatePreset(presets=presets(), once=once())


@cache
def remove_preset() -> RemovePreset:
    """Presets taken away."""
    return RemovePreset(presets=presets(), once=once())
