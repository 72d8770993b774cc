"""POST, PATCH, DELETE webhooks, and give them new secrets."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created, ok
from slotline.http.core.rights import needs
from slotline.http.webhooks.webhooks import (
    NewWebhook,
    Rotation,
    WebhookChanges,
    WebhookData,
    WebhookInPath,
    WebhookView,
    WebhookWithSecret,
    WebhookWithSecretData,
    listener_of,
)
from slotline.wiring import common
from slotline.wiring.webhooks import receivers, webhooks

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/video/<app_id>/webhooks",
    summary="Add a webhook",
    operation_id="createWebhook",
    responses=answers(201, Envelope[WebhookWithSecretData], 404, 409, 422),
)
@needs(Scope.WEBHOOKS_WRITE, checks_rate=False)
def create(
    app_id: AppId, body: NewWebhook, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """From the next event on it is told. Its secret is in this answer and in no later one; keep it.

    What it is told takes the right to read it: `scheduling:read` besides, or `dialing:read` for what is dialled.
    `too_many_webhooks` where the app has 20. A URL that leads to
    a private, loopback or link-local address is a 400.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    listener = listener_of(caller, app_id)
    added = receivers.add_webhook()(body.to_subscription(app_id), listener, caller.author, key, caller.check_rate)
    data = WebhookWithSecretData(webhook=WebhookWithSecret.of_fields(added.result))
    return created(data, added.answered_at, replayed=added.replayed)


@api.patch(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>",
    summary="Change a webhook",
    operation_id="updateWebhook",
    responses=answers(200, Envelope[WebhookData], 404),
)
@needs(Scope.WEBHOOKS_WRITE)
def update(app_id: AppId, webhook_id: WebhookInPath, body: WebhookChanges, caller: CurrentCaller) -> Response[str]:
    """Change what is sent. Paused, it keeps what happens for a replay; active again, it gets what happens from then on.

    Other events or another URL take the right to read what it is told then: `scheduling:read` or `dialing:read`. Of two
    changes of the same field at once, the later one stands.
    """
    found = receivers.change_webhook()(app_id, webhook_id, body.to_values(), listener_of(caller, app_id), caller.author)
    return ok(WebhookData(webhook=WebhookView.of(found)), common.clock().now())


@api.delete(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>",
    summary="Delete a webhook",
    operation_id="deleteWebhook",
    responses=answers(200, Envelope[WebhookData], 404),
)
@needs(Scope.WEBHOOKS_WRITE)
def delete(app_id: AppId, webhook_id: WebhookInPath, caller: CurrentCaller) -> Response[str]:
    """Nothing more is sent to it, not even what is on its way. Answers with the webhook as it was."""
    removed = webhooks.remove_webhook()(app_id, webhook_id, caller.author)
    return ok(WebhookData(webhook=WebhookView.of(removed)), common.clock().now())


@api.post(
    "/api/v1/video/<app_id>/webhooks/<webhook_id>/rotate-secret",
    summary="Give a webhook a new secret",
    operation_id="rotateWebhookSecret",
    responses=answers(200, Envelope[WebhookWithSecretData], 404, 409, 422),
)
@needs(Scope.WEBHOOKS_WRITE, checks_rate=False)
def rotate_secret(
    app_id: AppId,
    webhook_id: WebhookInPath,
    caller: CurrentCaller,
    body: Rotation | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """The new secret is in this answer and in no later one. Until the overlap ends the one before signs too.

    Each secret signs until the time that it was promised, however often others follow; at most 8 at once, else
    `too_many_secrets`. `X-Slotline-Signature` has room for one signature: the oldest that still signs makes it. You may
    send a secret of your own; the one that the webhook has already changes nothing.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    asked = body or Rotation()
    rotated = webhooks.rotate_secret()(
        app_id, webhook_id, asked.secret, asked.overlap, caller.author, key, caller.check_rate
    )
    data = WebhookWithSecretData(webhook=WebhookWithSecret.of_fields(rotated.result))
    return ok(data, rotated.answered_at, replayed=rotated.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
