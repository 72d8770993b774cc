"""GET /c/{callId}: the page behind a join link."""

from slotline.pages.instant.room import room_page
from slotline.pages.kit import Asked, Routes, page_handler
from slotline.pages.rendering import Page
from slotline.usecases.instant.read_call import visit_room
from slotline.wiring import common
from slotline.wiring.instant import rooms


def room(asked: Asked) -> Page:
    """What the call is, and how it stands."""
    return room_page(asked, *visit_room(rooms.rooms(), asked.part("call_id")))


ROUTES: Routes = {"GET /c/{call_id}": room}
handler = page_handler(ROUTES, common)
