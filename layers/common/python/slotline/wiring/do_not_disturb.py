"""Changes of agents' do-not-disturb windows."""

from functools import cache

from slotline.usecases.keep_do_not_disturb import AddDoNotDisturb, RemoveDoNotDisturb
from slotline.usecases.notify_guests import NotifyGuests
from slotline.wiring import common
from slotline.wiring.agent_time import agent_time
from slotline.wiring.agents import agents
from slotline.wiring.blocked_time import block_time
from slotline.wiring.bookings import bookings
from slotline.wiring.receipts import once
from slotline.wiring.reminders import reminders


@cache
def add_do_not_disturb() -> AddDoNotDisturb:
    """Time in which an agent takes no calls."""
    return AddDoNotDisturb(
        agents=agents(),
        agent_time=agent_time(),
        ids=common.ids(),
        block_time=block_time(),
        notify_guests=NotifyGuests(bookings=bookings(), reminders=reminders(), once=once()),
    )


@cache
def remove_do_not_disturb() -> RemoveDoNotDisturb:
    """That time given back."""
    return RemoveDoNotDisturb(agents=agents(), agent_time=agent_time(), once=once())
