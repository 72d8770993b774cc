"""The scheduling table's stream: what happened to a call becomes a delivery for each webhook that wants it.

Then the calls of the batch, and what its messages and deliveries came to, are counted: a stream has room for two
readers, so whoever reads it here does both.
"""

from collections.abc import Mapping
from typing import Any

from slotline import observability
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.http.booking.shown_calls import shown_call, shown_event
from slotline.ports.shared import Derived
from slotline.store.booking.derived import changed_call, deleted_call, derived_of_event, new_event
from slotline.store.booking.items import event_from_item
from slotline.store.dynamodb.streams import Change, each_change, oldest_at
from slotline.store.webhooks.derived import changed_delivery
from slotline.wiring import common
from slotline.wiring.shared import queues
from slotline.wiring.webhooks import fan_out


def _show(call: Call, event: TimelineEvent) -> Mapping[str, object]:
    return {"scheduled_call": shown_call(call, common.settings().rooms_at), "event": shown_event(event)}


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

    each_change(event, act, queues.dead_letters())
    if put_aside := fan_out.derive_calls()(changed, others, oldest_at(event)):
        observability.count({"PoisonRecords": put_aside})
    observability.flush()
