"""GET /b/{token}, the page behind a guest's link, and POST /b/{token}/confirm, its button."""

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from slotline import observability
from slotline.domain.shared.errors import Conflict, NotFound, Unavailable
from slotline.http.booking.guest_door import LIMITS, counted_as, with_short_token
from slotline.http.core.methods import answers_get
from slotline.http.core.pages import Answer, plain_page
from slotline.http.messages.guest_page import GuestPage, back_to, no_such_page
from slotline.ports.shared import StoreBusyError
from slotline.usecases.booking.guest_changes import ConfirmByGuest
from slotline.wiring import common
from slotline.wiring.booking import guest_links, guests
from slotline.wiring.messages import guest_words

SHORTLY = {"Retry-After": "1"}


@answers_get(common.clock)
def handler(event: Mapping[str, Any], context: object) -> Answer:
    """Answer one payload 2.0 event. What it is logged by is its route: the path is the guest's way in."""
    common.begin(context)
    try:
        answer = _answered(with_short_token(event))
    except NotFound:
        answer = no_such_page()
    except (StoreBusyError, Unavailable) as error:
        observability.log_failure("the store is busy", error)
        answer = plain_page(HTTPStatus.SERVICE_UNAVAILABLE, "One moment", "We are busy. Try again shortly.", SHORTLY)
    except Exception as error:  # noqa: BLE001 - the last resort: recorded, and answered without a word about us
        observability.log_unexpected(error, route=event.get("routeKey"))
        observability.flush()
        answer = plain_page(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong", "It was recorded. Try again.")
    observability.logger.info("answered", route=event.get("routeKey"), status=answer["statusCode"])
    return answer


def _answered(event: Mapping[str, Any]) -> Answer:
    now = common.clock().now()
    state = common.rates().count(counted_as(event, guest_links.link_keys()()), dict(LIMITS), now)
    if not state.allowed:
        wait = {"Retry-After": str(state.retry_after_seconds)}
        return plain_page(HTTPStatus.TOO_MANY_REQUESTS, "One moment", "Too many requests. Try again later.", wait)
    token = str(event["rawPath"].split("/")[2])
    if event["requestContext"]["http"]["method"] == "POST":
        return _confirmed(token)
    look = guests.look()(token)
    return GuestPage(look, guest_words.words().page(look, now), token, now).answer()


def _confirmed(token: str) -> Answer:
    """Back to the page, which says how the call stands: also if there was nothing left to confirm."""
    with suppress(Conflict):
        guests.change()(token, ConfirmByGuest(), lambda _call: None)
    return back_to(token)
