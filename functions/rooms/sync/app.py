"""POST /c/{callId}/sync: a page in a room says that it is there, and takes what the other side has left for it."""

from collections.abc import Mapping
from typing import Any

from slotline.http.core.parsing import parse
from slotline.http.instant.room_api import Answer, Event, SyncBody, serve_room, synced_data
from slotline.wiring import common
from slotline.wiring.instant import relays, rooms


def sync(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """What was heard of."""
    body = parse(SyncBody, fields)
    return synced_data(rooms.sync_room()(call_id, body.to_report()), body, relays.relays, call_id)


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    return serve_room(event, context, common, sync)
