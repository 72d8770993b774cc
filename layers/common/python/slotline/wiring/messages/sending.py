"""Messages whose moment has come."""

from functools import cache
from typing import TYPE_CHECKING

from slotline.usecases.messages.send_reminder import SendReminder
from slotline.wiring import common
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.bookings import bookings, change_call
from slotline.wiring.booking.guest_links import link_keys
from slotline.wiring.messages.messengers import code_messenger, messenger, way_in_messenger
from slotline.wiring.messages.reminders import reminders, suppressions
from slotline.wiring.shared import phones

if TYPE_CHECKING:
    from slotline.usecases.messages.send_code import SendCode
    from slotline.usecases.messages.send_way_in import SendWayIn


@cache
def send_reminder() -> SendReminder:
    """Messages, sent over their channels."""
    return SendReminder(
        reminders=reminders(),
        suppressions=suppressions(),
        bookings=bookings(),
        agents=agents(),
        change_call=change_call(),
        messenger=messenger,
        rooms_at=common.settings().rooms_at,
        link_keys=link_keys(),
        screen=phones.refusal_of,
        clock=common.clock(),
        ids=common.ids(),
    )


@cache
def send_code() -> "SendCode":
    """Codes, sent over their channels. Imported with the first: most of what is sent is about calls."""
    from slotline.usecases.messages.send_code import SendCode
    from slotline.wiring.booking.sent_codes import sent_codes

    return SendCode(
        codes=sent_codes(),
        keys=link_keys(),
        suppressions=suppressions(),
        messenger=code_messenger,
        clock=common.clock(),
    )


@cache
def send_way_in() -> "SendWayIn":
    """Links by which somebody chooses a password. Imported with the first."""
    from slotline.ids import new_secret
    from slotline.usecases.messages.send_way_in import SendWayIn
    from slotline.wiring.access.sign_in import users
    from slotline.wiring.access.ways_in import ways_in

    return SendWayIn(
        ways=ways_in(),
        users=users(),
        messenger=way_in_messenger,
        new_secret=new_secret,
        base_url=common.settings().rooms_at,
        clock=common.clock(),
    )
