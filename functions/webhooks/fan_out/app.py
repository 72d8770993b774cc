"""The scheduling table's stream: what happened to a call becomes a delivery for each webhook that wants it."""

from collections.abc import Mapping
from typing import Any

from slotline import observability
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.http.booking.shown_calls import shown_call, shown_event
from slotline.store.booking.items import event_from_item
from slotline.store.dynamodb.streams import Change, each_change
from slotline.wiring import common
from slotline.wiring.shared import timers
from slotline.wiring.webhooks import fan_out


def _show(call: Call, event: TimelineEvent) -> Mapping[str, object]:
    return {"scheduled_call": shown_call(call, common.settings().rooms_at), "event": shown_event(event)}


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    common.begin(context)
    fan_out_call_event = fan_out.fan_out_call_event(_show)

    def tell(change: Change) -> None:
        if change.old is None and change.new is not None:
            fan_out_call_event(change.new["app_id"], event_from_item(change.new))

    each_change(event, tell, timers.dead_letters())
    observability.flush()
