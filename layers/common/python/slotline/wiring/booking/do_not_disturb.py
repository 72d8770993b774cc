"""Changes of agents' do-not-disturb windows."""

from functools import cache

from slotline.usecases.booking.keep_do_not_disturb import AddDoNotDisturb, RemoveDoNotDisturb
from slotline.usecases.messages.notify_guests import NotifyGuests
from slotline.wiring import common
from slotline.wiring.booking.agent_time import agent_time
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.blocked_time import block_time
from slotline.wiring.booking.bookings import bookings
from slotline.wiring.messages.reminders import reminders
from slotline.wiring.shared.receipts import once


@cache
def add_do_not_disturb() -> AddDoNotDisturb:
    """Time in which an agent takes no calls."""
    return AddDoNotDisturb(
        agents=agents(),
        agent_time=agent_time(),
        ids=common.ids(),
        block_time=block_time(),
        notify_guests=notify_guests(),
    )


@cache
def notify_guests() -> NotifyGuests:
    """Word to the guests of calls whose time their agent has blocked."""
    return NotifyGuests(bookings=bookings(), reminders=reminders(), once=once())


@cache
def remove_do_not_disturb() -> RemoveDoNotDisturb:
    """That time given back."""
    return RemoveDoNotDisturb(agents=agents(), agent_time=agent_time(), once=once())
