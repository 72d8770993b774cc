"""Read a call by its id: for its app, or for anybody who has the link."""

from slotline.domain.booking.apps import App
from slotline.domain.instant.rooms import VideoCall, is_call_id
from slotline.domain.shared.errors import NotFound
from slotline.ports.instant import Rooms


def read_video_call(rooms: Rooms, app_id: str, call_id: str) -> VideoCall:
    """The app's call. Raises NotFound, the same for another app's call and for one that never was."""
    call = rooms.find(call_id) if is_call_id(call_id) else None
    if call is None or call.app_id != app_id:
        raise NotFound("There is no such call in this app.")
    return call


def visit_room(rooms: Rooms, call_id: str) -> tuple[VideoCall, App]:
    """The call behind a link, and its app. Raises NotFound."""
    call = rooms.find(call_id) if is_call_id(call_id) else None
    app = rooms.app(call.app_id) if call else None
    if call is None or app is None:
        raise NotFound("There is no such call.")
    return call, app
