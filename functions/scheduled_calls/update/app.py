"""PATCH /api/v1/video/{appId}/scheduled-calls/{id}: move, reassign, correct a call."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.call_changes import ScheduledCallChanges
from slotline.http.booking.scheduled_calls import CallData, CallView
from slotline.http.core.api import AppId, CurrentCaller, ResourceId, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.rights import needs
from slotline.usecases.booking.call_changes import UpdateCall
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links
from slotline.wiring.shared import phones

api = make_api(common)


@api.patch(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>",
    summary="Change a call",
    operation_id="updateScheduledCall",
    responses=answers(200, Envelope[CallData], 404, 409),
)
@needs(Scope.SCHEDULING_WRITE)
def update(app_id: AppId, call_id: ResourceId, body: ScheduledCallChanges, caller: CurrentCaller) -> Response[str]:
    """Each kind of change is its own event on the timeline; all of one request commit together, or none does."""
    decide = UpdateCall(bookings=bookings.bookings(), update=body.to_update(), screen=phones.refusal_of)
    changed = bookings.change_call()(app_id, call_id, decide, caller.actor, None, caller.check_rate)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    view = CallView.of(changed.call, api.rooms_at, link(changed.call))
    return ok(CallData(call=view), changed.answered_at)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
