"""DELETE /api/v1/video/{appId}/scheduled-calls/{id}: cancel a call. The row stays."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.booking.call_changes import Cancellation
from slotline.http.booking.scheduled_calls import CallData, CallView
from slotline.http.core.api import AppId, CurrentCaller, ResourceId, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.fields import Reason
from slotline.http.core.rights import needs
from slotline.usecases.booking.call_changes import CancelCall
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links

api = make_api(common, body_optional=True)


@api.delete(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>",
    summary="Cancel a call",
    operation_id="cancelScheduledCall",
    responses=answers(200, Envelope[CallData], 404, 409),
)
@needs(Scope.SCHEDULING_WRITE)
def cancel(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: Cancellation | None = None,
    reason: Annotated[Reason | None, Query(description="Where no body can be sent")] = None,
) -> Response[str]:
    """Cancel, and give the time back. Again on a cancelled call: unchanged."""
    decide = CancelCall(reason=(body.reason if body else None) or reason)
    changed = bookings.change_call()(app_id, call_id, decide, caller.actor, None, caller.check_rate)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    view = CallView.of(changed.call, api.rooms_at, link(changed.call))
    return ok(CallData(call=view), changed.answered_at)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
