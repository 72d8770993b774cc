"""GET /api/v1/guest/{token} and what is below it: a guest's call, times to move it to, its calendar file."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.booking.guest_links import PATH
from slotline.http.booking.guest_door import with_short_token
from slotline.http.booking.guests import (
    GuestCallData,
    GuestCallView,
    GuestSlotsAsked,
    GuestSlotsData,
    LinkToken,
    guest_slots,
    make_guest_api,
)
from slotline.http.core.documents import answers_to_guests
from slotline.http.core.envelopes import Envelope, ok
from slotline.wiring import common
from slotline.wiring.booking import guest_links, guests
from slotline.wiring.messages import guest_words

api = make_guest_api(common, guest_links.link_keys)


@api.get(
    "/api/v1/guest/<token>",
    summary="Read one's call",
    operation_id="getAsGuest",
    responses=answers_to_guests(200, Envelope[GuestCallData], 404),
)
def get(token: LinkToken) -> Response[str]:
    """The call as it is now, and what its guest may do."""
    now = common.clock().now()
    view = GuestCallView.of(guests.look()(token), api.rooms_at, now)
    return ok(GuestCallData(call=view), now)


@api.get(
    "/api/v1/guest/<token>/availability",
    summary="Search times to move one's call to",
    operation_id="searchAvailabilityAsGuest",
    responses=answers_to_guests(200, Envelope[GuestSlotsData], 403, 404, 409),
)
def search(token: LinkToken, asked: Annotated[GuestSlotsAsked, Query()]) -> Response[str]:
    """The starts that POST reschedule would accept now, within 31 days."""
    found = guests.search()(token, asked.from_utc, asked.to_utc)
    return ok(guest_slots(found), common.clock().now())


@api.get(
    "/api/v1/guest/<token>/calendar.ics",
    summary="Get one's call as a calendar file",
    operation_id="getCalendarAsGuest",
    responses=answers_to_guests(200, "text/calendar", 404),
)
def calendar(token: LinkToken) -> Response[str]:
    """One event, by the UID that invitations have: a calendar that has the call already changes what it has."""
    link = f"{api.rooms_at}{PATH}{token}"
    file = guest_words.words().calendar(guests.look()(token), api.rooms_at, link, common.clock().now())
    headers = {"Content-Disposition": 'attachment; filename="call.ics"'}
    return Response(status_code=200, content_type="text/calendar; charset=utf-8", body=file, headers=headers)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(with_short_token(event), context)
