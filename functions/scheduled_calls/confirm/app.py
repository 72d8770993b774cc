"""POST /api/v1/video/{appId}/scheduled-calls/{id}/confirm: the guest confirmed."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.scheduled_calls import CallData, CallView
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, ResourceId, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.http.core.rights import needs
from slotline.usecases.booking.call_changes import ConfirmCall
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links

api = make_api(common, body_optional=True)


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/confirm",
    summary="Confirm a call",
    operation_id="confirmScheduledCall",
    responses=answers(200, Envelope[CallData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE)
def confirm(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """From pending_confirmation (or scheduled) to confirmed. Again on a confirmed call: unchanged."""
    del body
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    changed = bookings.change_call()(app_id, call_id, ConfirmCall(), caller.actor, key, caller.check_rate)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    view = CallView.of(changed.call, api.rooms_at, link(changed.call))
    return ok(CallData(call=view), changed.answered_at, replayed=changed.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
