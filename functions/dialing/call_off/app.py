"""POST calls/{id}/cancel and stop: no further attempt, and a conversation goes on, or ends."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.core.api import CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.caller import Caller
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.http.dialing.reads import DialCallInPath, DialCallOnly
from slotline.http.dialing.views import DialCallView
from slotline.wiring import common
from slotline.wiring.dialing import attempts

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/calls/<call_id>/cancel",
    summary="Cancel a phone call",
    operation_id="cancelCall",
    responses=answers(200, Envelope[DialCallOnly], 404, 422),
)
def cancel(
    call_id: DialCallInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """It is not dialled, or not again. A conversation that is under way goes on to its end. Again: the same answer."""
    del body
    organization_id = caller.dials(Scope.DIALING_WRITE, check_rate=False)
    return _call_off(organization_id, call_id, caller, idempotency, hang_up=False)


@api.post(
    "/api/v1/calls/<call_id>/stop",
    summary="Stop a phone call",
    operation_id="stopCall",
    responses=answers(200, Envelope[DialCallOnly], 404, 422),
)
def stop(
    call_id: DialCallInPath,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """As cancel, and a conversation that is under way is hung up. Its carrier tells when it has ended."""
    del body
    organization_id = caller.dials(Scope.DIALING_WRITE, check_rate=False)
    return _call_off(organization_id, call_id, caller, idempotency, hang_up=True)


def _call_off(
    organization_id: str, call_id: str, caller: Caller, idempotency: str | None, *, hang_up: bool
) -> Response[str]:
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    call, replayed = attempts.call_off_once()(
        organization_id, call_id, hang_up=hang_up, key=key, check_rate=caller.check_rate
    )
    return ok(DialCallOnly(call=DialCallView.of(call)), common.clock().now(), replayed=replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
