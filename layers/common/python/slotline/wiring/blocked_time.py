"""Changes of agents' time."""

from functools import cache

from slotline.usecases.block_time import BlockTime
from slotline.usecases.keep_do_not_disturb import AddDoNotDisturb, RemoveDoNotDisturb
from slotline.usecases.keep_exceptions import AddException, RemoveException
from slotline.usecases.notify_guests import NotifyGuests
from slotline.wiring import common
from slotline.wiring.agent_time import agent_time
from slotline.wiring.agents import agents
from slotline.wiring.bookings import bookings
from slotline.wiring.receipts import once
from slotline.wiring.reminders import reminders


@cache
def _block_time() -> BlockTime:
    return BlockTime(bookings=bookings(), once=once())


@cache
def add_exception() -> AddException:
    """Dates blocked, or added."""
    return AddException(
        agents=agents(), agent_time=agent_time(), ids=common.ids(), once=once(), block_time=_block_time()
    )


@cache
def remove_exception() -> RemoveException:
    """Dates given back."""
    return RemoveException(agents=agents(), agent_time=agent_time(), bookings=bookings(), once=once())


@cache
def add_do_not_disturb() -> AddDoNotDisturb:
    """Time in which an agent takes no calls."""
    return AddDoNotDisturb(
        agents=agents(),
        agent_time=agent_time(),
        ids=common.ids(),
        block_time=_block_time(),
        notify_guests=NotifyGuests(bookings=bookings(), reminders=reminders(), once=once()),
    )


@cache
def remove_do_not_disturb() -> RemoveDoNotDisturb:
    """That time given back."""
    return RemoveDoNotDisturb(agents=agents(), agent_time=agent_time(), once=once())
