"""Webhooks: their subscriptions, what is sent to them, and what became of it."""

from functools import cache

from slotline.ids import new_webhook_secret
from slotline.ports.webhooks import Deliveries, Webhooks
from slotline.store.webhooks.deliveries import DynamoDeliveries
from slotline.store.webhooks.subscriptions import DynamoWebhooks
from slotline.usecases.webhooks.keep_webhooks import RemoveWebhook, RotateSecret
from slotline.usecases.webhooks.resend_deliveries import Replay, Resend, SendPing
from slotline.wiring import common
from slotline.wiring.access.audit_log import audit_log
from slotline.wiring.shared.receipts import once, receipts


@cache
def webhooks() -> Webhooks:
    """The subscriptions of apps."""
    settings = common.settings()
    return DynamoWebhooks(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def deliveries() -> Deliveries:
    """Events on their way."""
    settings = common.settings()
    return DynamoDeliveries(common.dynamodb(), settings.scheduling_table, settings.access_table, common.clock())


@cache
def rotate_secret() -> RotateSecret:
    """New secrets."""
    return RotateSecret(webhooks=webhooks(), once=once(), new_secret=new_webhook_secret)


@cache
def remove_webhook() -> RemoveWebhook:
    """Subscriptions taken away."""
    return RemoveWebhook(webhooks=webhooks(), once=once())


@cache
def send_ping() -> SendPing:
    """Tests of receivers."""
    return SendPing(webhooks=webhooks(), deliveries=deliveries(), ids=common.ids(), once=once())


@cache
def resend() -> Resend:
    """One delivery once more."""
    return Resend(webhooks=webhooks(), deliveries=deliveries(), once=once())


@cache
def replay() -> Replay:
    """A span of deliveries once more."""
    return Replay(webhooks=webhooks(), deliveries=deliveries(), receipts=receipts(), audit=audit_log(), once=once())
