"""The scheduling table's stream: what happened to a call becomes a delivery for each webhook that wants it.

Then the calls of the batch, and what its messages and deliveries came to, are counted: a stream has room for two
readers, so whoever reads it here does both.
"""

from collections.abc import Mapping
from typing import Any

from slotline import observability
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.instant.room_events import RoomEvent
from slotline.domain.webhooks.subscriptions import webhook_event_of
from slotline.http.booking.shown_calls import shown_call, shown_event
from slotline.http.instant.shown_rooms import shown_with
from slotline.ports.shared import Derived
from slotline.store.booking.derived import changed_call, deleted_call, derived_of_event, new_event
from slotline.store.booking.items import event_from_item
from slotline.store.dynamodb.streams import Change, each_change, oldest_at
from slotline.store.instant.rooms import new_room_event
from slotline.store.webhooks.derived import changed_delivery
from slotline.usecases.webhooks.fan_out import FanOut, RoomNews, fan_out_room_news
from slotline.wiring import common
from slotline.wiring.instant import rooms
from slotline.wiring.shared import queues
from slotline.wiring.webhooks import fan_out


def _show(call: Call, event: TimelineEvent) -> Mapping[str, object]:
    return {"scheduled_call": shown_call(call, common.settings().rooms_at), "event": shown_event(event)}


def _tell_of_room(told: FanOut, event: RoomEvent) -> None:
    """What happened in the room of a call that nobody booked."""
    name = webhook_event_of(event.told_as) if event.told_as else None
    if name is None:
        return

    def payload() -> Mapping[str, object] | None:
        call = rooms.rooms().find(event.call_id)
        return shown_with(call, event) if call else None

    news = RoomNews(
        id=event.id,
        event=name,
        app_id=event.app_id,
        call_id=event.call_id,
        sequence=event.sequence,
        occurred_at=event.created_at,
        payload=payload,
    )
    fan_out_room_news(told, news)


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    common.begin(context)
    fan_out_call_event = fan_out.fan_out_call_event(_show)
    changed: dict[tuple[str, str], None] = {}
    others: list[Derived] = []

    def act(change: Change) -> None:
        if call := changed_call(change):
            changed[call] = None
        if gone := deleted_call(change):
            others.append(gone)
        if delivery := changed_delivery(change):
            others.append(delivery)
        if row := new_event(change):
            happened = event_from_item(row)
            if counted := derived_of_event(row["app_id"], happened):
                others.append(counted)
            fan_out_call_event(row["app_id"], happened)

        if seen := new_room_event(change):
            _tell_of_room(fan_out_call_event.fan_out, seen)

    each_change(event, act, queues.dead_letters())
    if put_aside := fan_out.derive_calls()(changed, others, oldest_at(event)):
        observability.count({"PoisonRecords": put_aside})
    observability.flush()
