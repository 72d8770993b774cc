"""POST /c/{callId}/leave: a page leaves its room, for good, for both, or to be loaded again."""

from collections.abc import Mapping
from typing import Any

from slotline.http.core.parsing import parse
from slotline.http.instant.room_api import Answer, Event, LeaveBody, left_data, serve_room
from slotline.wiring import common
from slotline.wiring.instant import rooms


def leave(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """Whether the call is over by that."""
    body = parse(LeaveBody, fields)
    return left_data(rooms.leave_room()(call_id, body.page(), body.how))


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    return serve_room(event, context, common, leave)
