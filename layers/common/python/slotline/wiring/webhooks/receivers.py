"""What sends to webhooks' receivers, or asks whether it may: whatever needs the way out."""

from functools import cache

from slotline.ids import new_webhook_secret
from slotline.usecases.webhooks.deliver_event import DeliverEvent
from slotline.usecases.webhooks.keep_webhooks import AddWebhook, ChangeWebhook
from slotline.wiring import common
from slotline.wiring.shared.egress import egress
from slotline.wiring.shared.receipts import once
from slotline.wiring.webhooks.webhooks import deliveries, webhooks


@cache
def add_webhook() -> AddWebhook:
    """New subscriptions."""
    return AddWebhook(
        webhooks=webhooks(), egress=egress(), ids=common.ids(), once=once(), new_secret=new_webhook_secret
    )


@cache
def change_webhook() -> ChangeWebhook:
    """Changes of subscriptions."""
    return ChangeWebhook(webhooks=webhooks(), egress=egress(), clock=common.clock(), once=once())


@cache
def deliver_event() -> DeliverEvent:
    """Deliveries whose moment has come."""
    return DeliverEvent(
        webhooks=webhooks(),
        deliveries=deliveries(),
        egress=egress(),
        clock=common.clock(),
        world=common.world_clock(),
        ids=common.ids(),
    )
