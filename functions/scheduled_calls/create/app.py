"""POST /api/v1/video/{appId}/scheduled-calls: book a call."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline import observability
from slotline.domain.access.scopes import Scope
from slotline.domain.booking.calls import BookingSource
from slotline.http.booking.scheduled_calls import CallData, CallView, NewScheduledCall
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created
from slotline.http.core.rights import needs
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls",
    summary="Book a call",
    operation_id="createScheduledCall",
    responses=answers(201, Envelope[CallData], 400, 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def create(
    app_id: AppId, body: NewScheduledCall, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """Book a call for an agent, or unassigned. Nobody else gets the slot: a second request answers 409."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    request = body.to_request(app_id, BookingSource.API, caller.actor)
    booked = bookings.book_call()(request, key, caller.check_rate)
    observability.count({"Bookings": 0 if booked.replayed else 1, "BookingRetries": booked.tries - 1})
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    view = CallView.of(booked.call, api.rooms_at, link(booked.call))
    return created(CallData(call=view), booked.answered_at, replayed=booked.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
