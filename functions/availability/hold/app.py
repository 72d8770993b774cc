"""POST /api/v1/video/{appId}/holds: hold a slot while a form is filled."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.availability import HoldData, HoldView, NewHold
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.rights import needs
from slotline.usecases.booking.hold_slot import HoldRequest
from slotline.wiring import common
from slotline.wiring.booking import bookings

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/holds",
    summary="Hold a slot",
    operation_id="holdSlot",
    responses=answers(201, Envelope[HoldData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE)
def hold(app_id: AppId, body: NewHold, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """Nobody else gets the slot for up to ten minutes; a booking with this holdId spends it."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    request = HoldRequest(
        app_id=app_id,
        client_id=caller.client_id,
        agent_id=body.agent_id,
        start=body.start_utc,
        seconds=body.seconds,
        duration_minutes=body.duration_minutes,
        buffer_before_minutes=body.buffer_before_minutes,
        buffer_after_minutes=body.buffer_after_minutes,
        preset_id=body.preset_id,
    )
    held = bookings.hold_slot()(request, key, caller.check_rate)
    data = HoldData(hold=HoldView.of(held.hold))
    return ok(data, held.answered_at, status=HTTPStatus.CREATED, replayed=held.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
