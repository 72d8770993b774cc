"""Read a call by its id: for whoever may open it, or for anybody who has the link."""

from slotline.domain.booking.apps import App
from slotline.domain.instant.rooms import MayOpen, VideoCall, is_call_id
from slotline.domain.shared.errors import NotFound
from slotline.ports.instant import Rooms


def read_video_call(rooms: Rooms, call_id: str, may_open: MayOpen) -> VideoCall:
    """The call. Raises NotFound, the same for one that this request may not open and for one that never was."""
    call = rooms.find(call_id) if is_call_id(call_id) else None
    if call is None or not may_open(call):
        raise NotFound(
            "There is no such call that this request may open. Send the X-Call-Secret of the call's creation, or a "
            "token of the call's app with the scope for it."
        )
    return call


def visit_room(rooms: Rooms, call_id: str) -> tuple[VideoCall, App]:
    """The call behind a link, and its app under the call's preset as it is now. Raises NotFound."""
    call = rooms.find(call_id) if is_call_id(call_id) else None
    app = rooms.app(call.app_id, call.preset_id) if call else None
    if call is None or app is None:
        raise NotFound("There is no such call.")
    return call, app
