"""POST webhooks/{webhookId}/test, deliveries/{deliveryId}/resend and replay: send on request."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, accepted
from slotline.http.core.models import NoFields
from slotline.http.core.rights import needs
from slotline.http.webhooks.webhooks import (
    DeliveryData,
    DeliveryInPath,
    DeliveryView,
    ReplayBody,
    ReplayedData,
    WebhookInPath,
    listener_of,
)
from slotline.wiring import common
from slotline.wiring.webhooks import webhooks

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>/test",
    summary="Test a webhook",
    operation_id="testWebhook",
    responses=answers(202, Envelope[DeliveryData], 404, 422),
)
@needs(Scope.WEBHOOKS_WRITE, checks_rate=False)
def ping(
    app_id: AppId,
    webhook_id: WebhookInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """Send a `ping`, once, even to a webhook that is not active. What came of it is in the delivery."""
    del body
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    sent = webhooks.send_ping()(app_id, webhook_id, caller.author, key, caller.check_rate)
    data = DeliveryData(delivery=DeliveryView.of_fields(sent.result))
    return accepted(data, sent.answered_at, replayed=sent.replayed)


@api.post(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>/deliveries/<delivery_id>/resend",
    summary="Send a delivery once more",
    operation_id="resendDelivery",
    responses=answers(202, Envelope[DeliveryData], 404, 409, 422),
)
@needs(Scope.WEBHOOKS_WRITE, checks_rate=False)
def resend(
    app_id: AppId,
    webhook_id: WebhookInPath,
    delivery_id: DeliveryInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """Send the same bytes again at once, whatever became of them before; one on its way already is left alone.

    `webhook_not_active` where nothing goes out to this webhook. It takes the right to read what the delivery tells.
    """
    del body
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    listener = listener_of(caller, app_id)
    sent = webhooks.resend()(app_id, webhook_id, delivery_id, listener, caller.author, key, caller.check_rate)
    data = DeliveryData(delivery=DeliveryView.of_fields(sent.result))
    return accepted(data, sent.answered_at, replayed=sent.replayed)


@api.post(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>/replay",
    summary="Send a span of deliveries once more",
    operation_id="replayDeliveries",
    responses=answers(202, Envelope[ReplayedData], 404, 409, 422),
)
@needs(Scope.WEBHOOKS_WRITE, checks_rate=False)
def replay(
    app_id: AppId,
    webhook_id: WebhookInPath,
    body: ReplayBody,
    caller: CurrentCaller,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """Send again what happened in the span, delivered or not, each call's events in order; tests are left out.

    A request sees to 200 deliveries; `next_cursor` goes on. `webhook_not_active` where nothing goes out. It takes the
    right to read what each of them tells.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    query, listener = body.to_query(app_id, webhook_id), listener_of(caller, app_id)
    replayed = webhooks.replay()(query, listener, caller.author, key, caller.check_rate)
    data = ReplayedData.of_fields(replayed.result)
    return accepted(data, replayed.answered_at, replayed=replayed.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
