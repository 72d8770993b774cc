"""GET /api/v1/video/{appId}/availability: free slots."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.booking.availability import SlotsAsked, SlotsData, WebsiteSlotsData, slots_body
from slotline.http.core.api import AppId, CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope
from slotline.http.core.rights import needs
from slotline.usecases.booking.search_slots import search_slots
from slotline.wiring import common
from slotline.wiring.access.visits import visits
from slotline.wiring.booking import availability

api = make_api(common, websites=visits())


@api.get(
    "/api/v1/video/<app_id>/availability",
    summary="Search free slots",
    operation_id="searchAvailability",
    responses=answers(200, Envelope[SlotsData], 404, to_websites=Envelope[WebsiteSlotsData]),
)
@needs(Scope.SCHEDULING_READ, websites=True)
def search(app_id: AppId, asked: Annotated[SlotsAsked, Query()], caller: CurrentCaller) -> Response[str]:
    """The slots that a booking made now would get, by start and then agent.

    For a website's widget key: of public services, within working hours, with the names of the agents to choose from,
    or without agents if the service finds them.
    """
    query = asked.to_query(app_id, for_guests=caller.visitor is not None)
    found = search_slots(availability.calendars(), common.clock(), query)
    body = slots_body(found, common.clock().now())
    return Response(status_code=200, content_type="application/json", body=body)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
