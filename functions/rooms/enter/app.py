"""POST /c/{callId}/enter and /ways: a seat in a room; and the ways by which it may be reached, to be tried before.

Both are counted by the address that they come from: each coming in is told to the call's app, and relays cost money.
"""

from collections.abc import Mapping
from typing import Any

from slotline.http.booking.guest_door import check_count
from slotline.http.core.parsing import parse
from slotline.http.instant.room_api import Answer, EnterBody, Event, entered_data, serve_room, ways_data
from slotline.wiring import common
from slotline.wiring.booking import guest_links
from slotline.wiring.instant import relays, rooms


def enter(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """What whoever has a seat now is told, or whoever waits for one."""
    return entered_data(rooms.enter_room()(call_id, parse(EnterBody, fields).to_request()), relays.relays)


def ways(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
    """Relays, for whoever may come in."""
    asked = parse(EnterBody, fields).to_request()
    rooms.enter_room().look(call_id, asked)
    return ways_data(relays.relays(), call_id, asked.side, common.clock().now())


def handler(event: Event, context: object) -> Answer:
    """The Lambda's entry point."""
    act = ways if event["rawPath"].endswith("/ways") else enter

    def counted(call_id: str, fields: dict[str, Any]) -> Mapping[str, object]:
        check_count(event, guest_links.link_keys()(), common.rates(), common.clock().now(), "room")
        return act(call_id, fields)

    return serve_room(event, context, common, counted)
