"""Changes of agents' exceptions."""

from functools import cache

from slotline.usecases.keep_exceptions import AddException, RemoveException
from slotline.wiring import common
from slotline.wiring.agent_time import agent_time
from slotline.wiring.agents import agents
from slotline.wiring.blocked_time import block_time
from slotline.wiring.bookings import bookings
from slotline.wiring.receipts import once


@cache
def add_exception() -> AddException:
    """Dates blocked, or added."""
    return AddException(
        agents=agents(), agent_time=agent_time(), ids=common.ids(), once=once(), block_time=block_time()
    )


@cache
def remove_exception() -> RemoveException:
    """Dates given back."""
    return RemoveException(agents=agents(), agent_time=agent_time(), bookings=bookings(), once=once())
