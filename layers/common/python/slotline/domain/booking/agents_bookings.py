"""What a calendar shows of an agent's own schedule."""

from collections.abc import Sequence
from dataclasses import dataclass

from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.booking.calls import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsBookings:
    """The bookings of one agent that take place, or took place, in order of their starts."""

    app: App
    agent: Agent
    presets: Sequence[Preset]
    calls: Sequence[Call]

    def preset_of(self, call: Call) -> Preset | None:
        """The service that a call was booked with, as it is now; None if it is gone."""
        return next((preset for preset in self.presets if preset.preset_id == call.preset_id), None)
