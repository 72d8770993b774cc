"""Agents' own bookings, as their calendars have them."""

from functools import cache

from slotline.usecases.booking.read_agents_bookings import ReadAgentsBookings
from slotline.wiring import common
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.calls import calls
from slotline.wiring.booking.presets import presets


@cache
def read_agents_bookings() -> ReadAgentsBookings:
    """The bookings of one agent."""
    return ReadAgentsBookings(agents=agents(), presets=presets(), calls=calls(), clock=common.clock())
