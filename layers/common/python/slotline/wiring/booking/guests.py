"""What guests do behind their links."""

from functools import cache

from slotline.usecases.booking.guest_calls import ChangeGuestsCall, LookAtGuestsCall, OpenGuestLink
from slotline.usecases.booking.guest_slots import SearchGuestsSlots
from slotline.wiring import common
from slotline.wiring.booking.agents import agents
from slotline.wiring.booking.availability import calendars
from slotline.wiring.booking.bookings import bookings, change_call
from slotline.wiring.booking.calls import calls
from slotline.wiring.booking.guest_links import link_keys


@cache
def open_link() -> OpenGuestLink:
    """The way from a link to its call."""
    return OpenGuestLink(keys=link_keys(), calls=calls(), bookings=bookings())


@cache
def look() -> LookAtGuestsCall:
    """Calls as their guests see them."""
    return LookAtGuestsCall(open_link=open_link(), calls=calls(), agents=agents())


@cache
def change() -> ChangeGuestsCall:
    """Changes that guests make."""
    return ChangeGuestsCall(open_link=open_link(), change_call=change_call())


@cache
def search() -> SearchGuestsSlots:
    """Times that guests may choose."""
    return SearchGuestsSlots(open_link=open_link(), calendars=calendars(), clock=common.clock())
