"""GET /api/v1/video/{appId}/scheduled-calls/{id}: a call and its timeline."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.scheduled_calls import CallView, CallWithTimelineData, EventView
from slotline.http.core.api import AppId, CurrentCaller, ResourceId, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.rights import needs
from slotline.usecases.booking.read_calls import read_call
from slotline.wiring import common
from slotline.wiring.booking import calls, guest_links

api = make_api(common)


@api.get(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>",
    summary="Read a call and its timeline",
    operation_id="getScheduledCall",
    responses=answers(200, Envelope[CallWithTimelineData], 404),
)
@needs(Scope.SCHEDULING_READ)
def get(app_id: AppId, call_id: ResourceId, caller: CurrentCaller) -> Response[str]:
    """The call as it is now, and what happened to it, in order."""
    call, events = read_call(calls.calls(), app_id, call_id)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    data = CallWithTimelineData(
        call=CallView.of(call, api.rooms_at, link(call)),
        events=[EventView.of(event) for event in events],
    )
    return ok(data, common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
