"""POST /api/v1/video/{appId}/scheduled-calls/{id}/claim: an agent takes a call of the pool."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.call_changes import ClaimRequest
from slotline.http.booking.scheduled_calls import CallData, CallView
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, ResourceId, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.rights import needs
from slotline.usecases.booking.call_changes import ClaimCall
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/claim",
    summary="Claim a call of the pool",
    operation_id="claimScheduledCall",
    responses=answers(200, Envelope[CallData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE)
def claim(
    app_id: AppId,
    call_id: ResourceId,
    body: ClaimRequest,
    caller: CurrentCaller,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """The time that the pool held moves to the agent, in the same transaction."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    decide = ClaimCall(bookings=bookings.bookings(), agent_id=body.agent_id)
    changed = bookings.change_call()(app_id, call_id, decide, caller.actor, key, caller.check_rate)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    view = CallView.of(changed.call, api.rooms_at, link(changed.call))
    return ok(CallData(call=view), changed.answered_at, replayed=changed.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
