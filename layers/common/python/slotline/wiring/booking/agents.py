"""Agents and their weeks. What changes them is imported when it is first needed: most only read."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.ports.apps import Agents
from slotline.store.booking.agents import DynamoAgents
from slotline.wiring import common

if TYPE_CHECKING:
    from slotline.usecases.booking.keep_agents import AddAgent, ChangeAgent


@cache
def agents() -> Agents:
    """The agents of apps."""
    settings = common.settings()
    return DynamoAgents(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def add_agent() -> "AddAgent":
    """New agents."""
    from slotline.usecases.booking.keep_agents import AddAgent
    from slotline.wiring.shared.receipts import once

    return AddAgent(agents=agents(), ids=common.ids(), once=once())


@cache
def change_agent() -> "ChangeAgent":
    """Changes of agents."""
    from slotline.usecases.booking.keep_agents import ChangeAgent
    from slotline.wiring.shared.receipts import once

    return ChangeAgent(agents=agents(), once=once())
