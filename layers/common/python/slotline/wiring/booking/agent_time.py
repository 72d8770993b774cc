"""Agents' exceptions and do-not-disturb windows as they are read."""

from functools import cache

from slotline.ports.apps import AgentTime
from slotline.store.booking.agent_time import DynamoAgentTime
from slotline.wiring import common


@cache
def agent_time() -> AgentTime:
    """Exceptions and windows."""
    settings = common.settings()
    return DynamoAgentTime(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())
