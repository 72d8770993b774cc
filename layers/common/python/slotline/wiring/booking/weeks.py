"""Agents' weeks, as their pages show them."""

from functools import cache

from slotline.usecases.booking.read_agents_week import ReadAgentsWeek
from slotline.wiring import common
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.availability import calendars
from slotline.wiring.booking.calls import calls
from slotline.wiring.booking.presets import presets


@cache
def read_agents_week() -> ReadAgentsWeek:
    """The week of one agent."""
    return ReadAgentsWeek(
        agents=agents(), presets=presets(), calendars=calendars(), calls=calls(), clock=common.clock()
    )
