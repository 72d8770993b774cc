"""The presets of an app. What changes them is imported when it is first needed: most only read."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.ports.apps import Presets
from slotline.store.booking.presets import DynamoPresets
from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.usecases.booking.keep_presets import ActivatePreset, AddPreset, ChangePreset, RemovePreset


@cache
def presets() -> Presets:
    """The presets of apps."""
    settings = common.settings()
    return DynamoPresets(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def add_preset() -> "AddPreset":
    """New presets."""
    from slotline.usecases.booking.keep_presets import AddPreset
    from slotline.wiring.shared.receipts import once

    return AddPreset(presets=presets(), ids=common.ids(), once=once())


@cache
def change_preset() -> "ChangePreset":
    """Changes of presets."""
    from slotline.usecases.booking.keep_presets import ChangePreset
    from slotline.wiring.shared.receipts import once

    return ChangePreset(presets=presets(), once=once())


@cache
def activate_preset() -> "ActivatePreset":
    """The choice of the preset that rules."""
    from slotline.usecases.booking.keep_presets import ActivatePreset
    from slotline.wiring.shared.receipts import once

    return ActivatePreset(presets=presets(), once=once())


@cache
def remove_preset() -> "RemovePreset":
    """The end of presets."""
    from slotline.usecases.booking.keep_presets import RemovePreset
    from slotline.wiring.shared.receipts import once

    return RemovePreset(presets=presets(), once=once())
