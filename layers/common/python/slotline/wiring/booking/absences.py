"""Agents' absences, as pages keep them."""

from functools import cache

from slotline.usecases.booking.keep_absences import KeepAbsences
from slotline.wiring import common
from slotline.wiring.booking.agent_time import agent_time
from slotline.wiring.booking.bookings import bookings
from slotline.wiring.booking.calls import calls
from slotline.wiring.booking.do_not_disturb import add_do_not_disturb, notify_guests, remove_do_not_disturb
from slotline.wiring.booking.exceptions import add_exception, remove_exception


@cache
def keep_absences() -> KeepAbsences:
    """Exceptions and do-not-disturb windows."""
    return KeepAbsences(
        agent_time=agent_time(),
        bookings=bookings(),
        calls=calls(),
        add_exception=add_exception(),
        remove_exception=remove_exception(),
        add_window=add_do_not_disturb(),
        remove_window=remove_do_not_disturb(),
        notify_guests=notify_guests(),
        clock=common.clock(),
    )
