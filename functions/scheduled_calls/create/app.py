"""POST /api/v1/video/{appId}/scheduled-calls: book a call."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline import observability
from slotline.domain.access.scopes import Scope
from slotline.http.booking.scheduled_calls import CallData, CallView, NewScheduledCall, WebsiteCallData, WebsiteCallView
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created
from slotline.http.core.rights import needs
from slotline.wiring import common
from slotline.wiring.access.visits import visits
from slotline.wiring.booking import bookings, guest_links

api = make_api(common, websites=visits())


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls",
    summary="Book a call",
    operation_id="createScheduledCall",
    responses=answers(201, Envelope[CallData], 400, 404, 409, 422, to_websites=Envelope[WebsiteCallData]),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False, websites=True)
def create(
    app_id: AppId, body: NewScheduledCall, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """Book a call for an agent, or unassigned. Nobody else gets the slot: a second request answers 409.

    A website books for its visitor with a widget key: the headers X-App-Id and X-Widget-Key instead of a token. The
    service decides what is left out then, and the answer has only what concerns the guest.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    holders = caller.holders if body.hold_id else ()
    request = body.to_request(app_id, caller.source, caller.actor, holders)
    booked = bookings.book_call()(request, key, caller.check_rate)
    observability.count({"Bookings": 0 if booked.replayed else 1, "BookingRetries": booked.tries - 1})
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)(booked.call)
    data: CallData | WebsiteCallData
    if caller.visitor:
        data = WebsiteCallData(call=WebsiteCallView.of(booked.call, api.rooms_at, link))
    else:
        data = CallData(call=CallView.of(booked.call, api.rooms_at, link))
    return created(data, booked.answered_at, replayed=booked.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
