"""The dialing table's stream: what happened to calls and campaigns becomes deliveries for the webhooks that want it.

And what counts and lists calls is brought up to them: a stream takes no third reader beside this function and the one
that plans wake-ups (DynamoDB developer guide, "Simultaneous readers of a shard in DynamoDB Streams").
"""

from typing import Any

from slotline import observability
from slotline.http.dialing.shown_calls import told_of_call, told_of_campaign
from slotline.ports.shared import Derived
from slotline.store.dialing.campaigns import moved_campaign
from slotline.store.dialing.derived import derived_of_change
from slotline.store.dialing.items import new_dial_event
from slotline.store.dynamodb.streams import Change, each_change, oldest_at
from slotline.wiring import common
from slotline.wiring.shared import derived, queues
from slotline.wiring.webhooks import fan_out_dials


def handler(event: dict[str, Any], context: object) -> None:
    """The Lambda's entry point."""
    common.begin(context)
    fan_out_dial_events = fan_out_dials.fan_out_dial_events(told_of_call, told_of_campaign)
    changes: list[Derived] = []

    def tell(change: Change) -> None:
        if dial_event := new_dial_event(change):
            fan_out_dial_events.of_call(dial_event)
        elif campaign := moved_campaign(change):
            fan_out_dial_events.of_campaign(campaign)
        elif follows := derived_of_change(change):
            changes.append(follows)

    each_change(event, tell, queues.dead_letters())
    if put_aside := derived.derive_dials()(changes, oldest_at(event)):
        observability.count({"PoisonRecords": len(put_aside)})
    observability.flush()
