"""An instant call and what happened in its room as plain JSON: what webhooks are told. Nobody's way in is in it."""

from typing import Any

from slotline.domain.instant.room_events import RoomEvent
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.shared.plain_json import plain


def shown_with(call: VideoCall, event: RoomEvent) -> dict[str, Any]:
    """The payload of an event of a room."""
    return {
        "call": {
            "id": call.id,
            "app_id": call.app_id,
            "kind": plain(call.kind),
            "status": plain(call.status),
            "title": call.title,
            "description": call.description,
            "metadata": plain(call.metadata),
            "host_name": call.host_name,
            "guest_name": call.guest_name,
            "created_at": plain(call.created_at),
            "started_at": plain(call.started_at),
            "ended_at": plain(call.ended_at),
        },
        "event": {
            "id": event.id,
            "event_type": plain(event.told_as),
            "side": plain(event.side),
            "at": plain(event.at),
            "talked_seconds": event.talked_seconds,
            "created_at": plain(event.created_at),
        },
    }
