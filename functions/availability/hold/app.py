"""POST /api/v1/video/{appId}/holds, GET and DELETE of one: hold a slot while a form is filled, read it, let it go."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.availability import HoldData, HoldView, NewHold
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, ResourceId, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.rights import needs
from slotline.usecases.booking.hold_slot import HoldRequest, shown
from slotline.wiring import common
from slotline.wiring.access.visits import visits
from slotline.wiring.booking import bookings

api = make_api(common, websites=visits())


@api.post(
    "/api/v1/video/<app_id>/holds",
    summary="Hold a slot",
    operation_id="holdSlot",
    responses=answers(201, Envelope[HoldData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE, websites=True)
def hold(app_id: AppId, body: NewHold, caller: CurrentCaller, idempotency: IdempotencyHeader = None) -> Response[str]:
    """Nobody else gets the slot for up to ten minutes; a booking with this holdId spends it.

    `replaces` ends another hold of yours in the moment in which this one begins. If this slot is not free, you keep it.
    With a website's widget key the header X-Visit-Id names the visit, whose second hold replaces its first.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    request = HoldRequest(
        app_id=app_id,
        holders=caller.holders,
        by_guest=caller.visitor is not None,
        agent_id=body.agent_for(by_guest=caller.visitor is not None),
        start=body.start_utc,
        seconds=body.seconds,
        duration_minutes=body.duration_minutes,
        buffer_before_minutes=body.buffer_before_minutes,
        buffer_after_minutes=body.buffer_after_minutes,
        preset_id=body.preset_id,
        replaces=body.replaces,
    )
    held = bookings.hold_slot()(request, key, caller.check_rate)
    data = HoldData(hold=HoldView.of(held.hold))
    return ok(data, held.answered_at, status=HTTPStatus.CREATED, replayed=held.replayed)


@api.get(
    "/api/v1/video/<app_id>/holds/<hold_id>",
    summary="Read a hold",
    operation_id="getHold",
    responses=answers(200, Envelope[HoldData], 404),
)
@needs(Scope.SCHEDULING_READ)
def read(app_id: AppId, hold_id: ResourceId, caller: CurrentCaller) -> Response[str]:
    """While it lasts, for the client that made it. To others, and once it is spent, let go or over, it is a 404."""
    found = bookings.kept_holds().read(app_id, caller.holders, hold_id)
    return ok(HoldData(hold=HoldView.of(shown(found))), common.clock().now())


@api.delete(
    "/api/v1/video/<app_id>/holds/<hold_id>",
    summary="Let a hold go",
    operation_id="letHoldGo",
    responses=answers(200, Envelope[HoldData], 404),
)
@needs(Scope.SCHEDULING_WRITE)
def let_go(app_id: AppId, hold_id: ResourceId, caller: CurrentCaller) -> Response[str]:
    """Its time is free at once. Answers with the hold as it was."""
    gone = bookings.kept_holds().let_go(app_id, caller.holders, hold_id)
    return ok(HoldData(hold=HoldView.of(shown(gone))), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
