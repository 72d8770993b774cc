"""POST /api/v1/video/{appId}/verifications: a code to a guest's address, before a website books for them."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.verifications import NewVerification, VerificationData, VerificationView
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.rights import needs
from slotline.wiring import common
from slotline.wiring.access.visits import visits
from slotline.wiring.booking import new_codes

api = make_api(common, websites=visits())


@api.post(
    "/api/v1/video/<app_id>/verifications",
    summary="Send a code to a guest",
    operation_id="createVerification",
    responses=answers(202, Envelope[VerificationData], 404, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False, websites=True)
def create(
    app_id: AppId, body: NewVerification, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """Six digits, good for ten minutes, over the channel that the service asks for. The answer is the same for every
    contact, reached or not."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    visitor = caller.visitor.address if caller.visitor else caller.client_id
    asked = new_codes.send_for_code()(body.to_request(app_id, visitor), key, caller.check_rate)
    data = VerificationData(verification=VerificationView.model_validate(asked.result))
    return ok(data, asked.answered_at, status=HTTPStatus.ACCEPTED, replayed=asked.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
