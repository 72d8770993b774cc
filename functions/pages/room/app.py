"""GET /c/{callId}: the page behind a join link."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from slotline import observability
from slotline.domain.shared.errors import NotFound
from slotline.http.core.methods import answers_get
from slotline.http.core.pages import Answer, plain_page
from slotline.http.core.urls import check_path
from slotline.http.instant.room_page import RoomPage
from slotline.ports.shared import StoreBusyError
from slotline.usecases.instant.read_call import visit_room
from slotline.wiring import common
from slotline.wiring.instant import rooms

SHORTLY = {"Retry-After": "1"}


@answers_get(common.clock)
def handler(event: Mapping[str, Any], context: object) -> Answer:
    """Answer one payload 2.0 event. The query may hold a widget key: it is neither read nor logged."""
    common.begin(context)
    call_id = str(event["rawPath"].split("/")[2])
    try:
        check_path(event)
        call, app = visit_room(rooms.rooms(), call_id)
        answer = RoomPage(call, app).answer()
    except NotFound:
        answer = plain_page(HTTPStatus.NOT_FOUND, "No such call", "There is no call at this address. Check the link.")
    except StoreBusyError as error:
        observability.log_failure("the store is busy", error)
        answer = plain_page(HTTPStatus.SERVICE_UNAVAILABLE, "One moment", "We are busy. Try again shortly.", SHORTLY)
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error, route=event.get("routeKey"))
        observability.flush()
        answer = plain_page(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", "It was recorded. Try again.")
    observability.logger.info("answered", route=event.get("routeKey"), status=answer["statusCode"])
    return answer
