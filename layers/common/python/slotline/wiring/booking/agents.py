"""Agents and their weeks."""

from functools import cache

from slotline.ports.booking import Agents
from slotline.store.booking.agents import DynamoAgents
from slotline.usecases.booking.keep_agents import AddAgent, ChangeAgent
from slotline.wiring import common
from slotline.wiring.shared.receipts import once


@cache
def agents() -> Agents:
    """The agents of apps."""
    settings = common.settings()
    return DynamoAgents(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def add_agent() -> AddAgent:
    """New agents."""
    return AddAgent(agents=agents(), ids=common.ids(), once=once())


@cache
def change_agent() -> ChangeAgent:
    """Changes of agents."""
    return ChangeAgent(agents=agents(), once=once())
