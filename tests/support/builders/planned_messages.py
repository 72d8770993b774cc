"""Presets that list every message, calls whose guest every channel reaches, and rows of what is planned."""

from datetime import datetime, timedelta
from typing import Any

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.reminders import Channel, ReminderKind
from tests.support.builders.bookings import TOMORROW, a_call

PHONE = "+573005550100"
LATER = TOMORROW + timedelta(days=2)
EVERYTHING = {kind.value: [channel.value for channel in Channel] for kind in ReminderKind}
Row = tuple[str, datetime]
"""Which message, and when."""


def a_preset(reminders: dict[str, list[str]] | None = None, **changes: Any) -> Preset:
    """A preset that lists every kind over every channel, but for what is given."""
    listed = EVERYTHING if reminders is None else reminders
    return Preset(preset_id="preset-1", name="Default", reminders=listed, **changes)


def a_reachable_call(**changes: Any) -> Call:
    """A call in two days and a bit, with a guest who has a number and an address."""
    return a_call(**{"scheduled_at": LATER, "phone": PHONE, "phone_e164": PHONE, **changes})
