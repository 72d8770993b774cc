"""GET /c/{callId}: the room behind a join link.

A host's link in the form that websites get carries the widget key, which is the host's proof there. It is exchanged at
once for a host token of this one call, and is gone from the address before anything is shown.
"""

from slotline.domain.booking.rooms import Side
from slotline.pages.instant.room import room_page, side_of
from slotline.pages.kit import Asked, Redirect, Routes, page_handler
from slotline.pages.rendering import Page
from slotline.usecases.instant.read_call import visit_room
from slotline.wiring import common
from slotline.wiring.instant import recordings_place, rooms

_CREDENTIALS = ("appId", "widgetKey")


def room(asked: Asked) -> Page | Redirect:
    """The room, or the address of it without a widget key."""
    call, app = visit_room(rooms.rooms(), asked.part("call_id"))
    if side_of(asked) is Side.HOST and asked.query("widgetKey"):
        token = rooms.exchange_key()(call, asked.query("appId") or "", asked.query("widgetKey") or "")
        others = [(name, value) for name, value in asked.pairs if name not in _CREDENTIALS]
        return Redirect(f"{asked.same_page(*others)}#{token}")
    return room_page(asked, call, app, common.clock(), recordings_place.files().origin)


ROUTES: Routes = {"GET /c/{call_id}": room}
handler = page_handler(ROUTES, common)
