"""GET webhooks, and what became of the events that were sent to them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import AppId, CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.http.core.paging import AskedPart
from slotline.http.core.rights import needs
from slotline.http.webhooks.webhooks import (
    DeliveriesAsked,
    DeliveriesData,
    DeliveryInPath,
    DeliveryView,
    DeliveryWithLog,
    DeliveryWithLogData,
    WebhookData,
    WebhookInPath,
    WebhooksData,
    WebhookView,
    listener_of,
)
from slotline.usecases.webhooks.keep_webhooks import list_webhooks, read_webhook
from slotline.usecases.webhooks.read_deliveries import list_deliveries, read_delivery
from slotline.wiring import common
from slotline.wiring.webhooks import webhooks

api = make_api(common)


@api.get(
    "/api/v1/video/<app_id>/webhooks",
    summary="List webhooks",
    operation_id="listWebhooks",
    responses=answers(200, Page[WebhooksData], 404),
)
@needs(Scope.WEBHOOKS_WRITE)
def find(app_id: AppId, asked: Annotated[AskedPart, Query()]) -> Response[str]:
    """The app's webhooks, at most 20, in the order in which they were made."""
    shown, where = asked.part_of(list_webhooks(webhooks.webhooks(), app_id), lambda webhook: webhook.id)
    return page(WebhooksData(webhooks=[WebhookView.of(webhook) for webhook in shown]), where, common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>",
    summary="Read a webhook",
    operation_id="getWebhook",
    responses=answers(200, Envelope[WebhookData], 404),
)
@needs(Scope.WEBHOOKS_WRITE)
def get(app_id: AppId, webhook_id: WebhookInPath) -> Response[str]:
    """The webhook as it is now. Its secret is not shown again."""
    found = read_webhook(webhooks.webhooks(), app_id, webhook_id)
    return ok(WebhookData(webhook=WebhookView.of(found)), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>/deliveries",
    summary="List deliveries",
    operation_id="listDeliveries",
    responses=answers(200, Page[DeliveriesData], 404),
)
@needs(Scope.WEBHOOKS_WRITE)
def find_deliveries(
    app_id: AppId, webhook_id: WebhookInPath, asked: Annotated[DeliveriesAsked, Query()]
) -> Response[str]:
    """What was sent in the last 30 days, or is to be: the newest event first. A page may be short and not the last."""
    found = list_deliveries(webhooks.webhooks(), webhooks.deliveries(), asked.to_query(app_id, webhook_id))
    data = DeliveriesData(deliveries=[DeliveryView.of(delivery) for delivery in found.deliveries])
    return page(data, asked.where_in(found), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>/deliveries/<delivery_id>",
    summary="Read a delivery",
    operation_id="getDelivery",
    responses=answers(200, Envelope[DeliveryWithLogData], 404),
)
@needs(Scope.WEBHOOKS_WRITE)
def get_delivery(
    app_id: AppId, webhook_id: WebhookInPath, delivery_id: DeliveryInPath, caller: CurrentCaller
) -> Response[str]:
    """One delivery with the body it sends and its last 20 attempts: what the receiver answered, and when.

    It takes the right to read what it tells: `scheduling:read` besides, or `dialing:read` for what is dialled.
    """
    found = read_delivery(
        webhooks.webhooks(),
        webhooks.deliveries(),
        app_id,
        webhook_id,
        delivery_id,
        listener_of(caller, app_id),
    )
    return ok(DeliveryWithLogData(delivery=DeliveryWithLog.of(found)), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
