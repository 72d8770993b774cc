"""The row that a scheduled call's join link leads to, written with the booking."""

from datetime import datetime

from slotline.domain.booking.calls import Call
from slotline.domain.booking.rooms import CallSource, RoomKind
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import Item


def scheduled_room_item(call: Call) -> Item:
    """The row that leads from a scheduled call's link to its booking: to be put with the booking, and never changed."""
    return room_fields(call.id, call.app_id, RoomKind.SCHEDULED, CallSource.BOOKING, call.created_at)


def room_fields(room_id: str, app_id: str, kind: RoomKind, source: CallSource, created_at: datetime) -> Item:
    """What every room's row has, whichever kind of call it is of."""
    return {
        **keys.room(room_id),
        "room_id": room_id,
        "app_id": app_id,
        "kind": kind.value,
        "source": source.value,
        "created_at": created_at,
    }
