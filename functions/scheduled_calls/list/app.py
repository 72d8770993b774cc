"""GET /api/v1/video/{appId}/scheduled-calls: a page of the app's calls, in order of their start."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.booking.call_lists import Asked, pagination
from slotline.http.booking.scheduled_calls import CallsData, CallView
from slotline.http.core.api import AppId, CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Page, page
from slotline.http.core.rights import needs
from slotline.usecases.booking.read_calls import find_calls
from slotline.wiring import common
from slotline.wiring.booking import calls, guest_links

api = make_api(common)


@api.get(
    "/api/v1/video/<app_id>/scheduled-calls",
    summary="List calls",
    operation_id="listScheduledCalls",
    responses=answers(200, Page[CallsData], 404),
)
@needs(Scope.SCHEDULING_READ)
def find(app_id: AppId, asked: Annotated[Asked, Query()], caller: CurrentCaller) -> Response[str]:
    """The calls that match every filter given, ascending by start."""
    query = asked.to_query(app_id)
    found = find_calls(calls.calls(), query)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    data = CallsData(calls=[CallView.of(call, api.rooms_at, link(call)) for call in found.calls])
    return page(data, pagination(query, found), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
