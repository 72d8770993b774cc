"""Messages whose moment has come."""

from functools import cache

from slotline.usecases.send_reminder import SendReminder
from slotline.wiring import common
from slotline.wiring.agents import agents
from slotline.wiring.bookings import bookings
from slotline.wiring.changes import change_call
from slotline.wiring.messengers import messenger
from slotline.wiring.reminders import reminders


@cache
def send_reminder() -> SendReminder:
    """Messages, sent over their channels."""
    return SendReminder(
        reminders=reminders(),
        bookings=bookings(),
        agents=agents(),
        change_call=change_call(),
        messenger=messenger,
        rooms_at=common.settings().rooms_at,
        clock=common.clock(),
        ids=common.ids(),
    )
