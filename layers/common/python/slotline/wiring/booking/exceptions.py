"""Changes of agents' exceptions."""

from functools import cache

from slotline.usecases.booking.keep_exceptions import AddException, RemoveException
from slotline.wiring import common
from slotline.wiring.booking.agent_time import agent_time
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.blocked_time import block_time
from slotline.wiring.booking.bookings import bookings
from slotline.wiring.shared.receipts import once


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
