"""The guest's page: /b/{token}, and its steps: confirm, cancel, reschedule, and the zone that times are shown in.

GET shows and POST acts: programs that check mails for harm look at every link. Whoever has the link is the guest, so
the link in the path is also what a form proves its origin with (docs/decisions/0057).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slotline.domain.booking.guest_links import no_such_link
from slotline.domain.booking.guest_rights import why_not_cancel, why_not_reschedule
from slotline.domain.booking.slots import Slots
from slotline.domain.shared.errors import Conflict, Forbidden, InvalidRequest, NotFound
from slotline.http.booking.guest_door import check_count, with_short_token
from slotline.http.core.urls import rooms_at
from slotline.pages.guest.call import CANCELLED, CONFIRMED, MOVED, UNCHANGED, call_page, cancel_page, is_reason
from slotline.pages.guest.moving import TAKEN, TOO_LATE, move_page, start_said, times_page, zone_page
from slotline.pages.guest.shown import Setting, Way
from slotline.pages.kit import Asked, Endpoint, Redirect, page_handler
from slotline.pages.problems import NoBooking
from slotline.pages.rendering import Page
from slotline.usecases.booking.change_call import Decide
from slotline.usecases.booking.guest_changes import CancelByGuest, ConfirmByGuest, MoveByGuest
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links, guests

Answer = Page | Redirect


def call(asked: Asked) -> Page:
    """GET /b/{token}: the call as it is now."""
    setting = _setting(asked)
    join_url = f"{rooms_at(common.settings(), asked.event)}/c/{setting.look_at.call.id}"
    return call_page(setting, asked.query("done"), join_url)


def back(asked: Asked) -> Redirect:
    """GET /b/{token}/confirm: nothing is shown there, but who tried again after an error comes by."""
    _setting(asked)
    return Way.of(asked).back()


def confirm(asked: Asked) -> Redirect:
    """POST /b/{token}/confirm."""
    return _changed(asked, ConfirmByGuest(), CONFIRMED)


def ask_before_cancelling(asked: Asked) -> Answer:
    """GET /b/{token}/cancel; where that is not possible, the page says so."""
    setting = _setting(asked)
    may = why_not_cancel(setting.look_at.call, setting.look_at.app.preset, setting.now) is None
    return cancel_page(setting) if may else setting.way.back()


def cancel(asked: Asked) -> Answer:
    """POST /b/{token}/cancel, with a reason or without."""
    reason = asked.field("reason")
    if not is_reason(reason):
        return cancel_page(_setting(asked), reason, is_wrong=True)
    return _changed(asked, CancelByGuest(reason=reason or None), CANCELLED)


def choose_time(asked: Asked) -> Answer:
    """GET /b/{token}/reschedule: the times there are; with one of them, the question whether the guest means it."""
    setting = _setting(asked)
    if why_not_reschedule(setting.look_at.call, setting.look_at.app.preset, setting.now) is not None:
        return setting.way.back()
    start = start_said(asked)
    if start is not None and start > setting.now:
        return move_page(setting, start)
    return _times(asked, setting)


def move(asked: Asked) -> Answer:
    """POST /b/{token}/reschedule. A time that is not to be had any more leads to the others."""
    start = start_said(asked)
    if start is None:
        return _refused(asked, TOO_LATE)
    try:
        guests.change()(asked.part("token"), MoveByGuest(bookings=bookings.bookings(), scheduled_at=start), _no_key)
    except InvalidRequest:
        return _refused(asked, TOO_LATE)
    except (Conflict, Forbidden):
        return _refused(asked, TAKEN, start)
    return Way.of(asked).back(MOVED)


def zone(asked: Asked) -> Page:
    """GET /b/{token}/zone: the time zones there are."""
    return zone_page(asked, _setting(asked))


def nothing(asked: Asked) -> Page:
    """Any other address below /b/."""
    del asked
    raise no_such_link()


def _setting(asked: Asked) -> Setting:
    return Setting.of(asked, guests.look()(asked.part("token")), common.clock().now())


def _changed(asked: Asked, decide: Decide, done: str) -> Redirect:
    """Back to the page, which says how the call stands: also if nothing was left to change, or nothing may be."""
    try:
        guests.change()(asked.part("token"), decide, _no_key)
    except (Conflict, Forbidden):
        done = UNCHANGED
    return Way.of(asked).back(done)


def _refused(asked: Asked, why: str, near: datetime | None = None) -> Answer:
    """The other times; if the call cannot be moved at all any more, the page, which says so."""
    setting = _setting(asked)
    if why_not_reschedule(setting.look_at.call, setting.look_at.app.preset, setting.now) is not None:
        return setting.way.back(UNCHANGED)
    return _times(asked, setting, why, near)


def _times(asked: Asked, setting: Setting, refused: str | None = None, near: datetime | None = None) -> Page:
    look = setting.look_at

    def search(start: datetime, end: datetime) -> Slots:
        return guests.search().of(look.app, look.call, start, end)

    return times_page(asked, setting, search, refused, near)


def _no_key(_call: object) -> None:
    """Browsers send no idempotency keys: each change, made again, changes nothing."""


def _counted(endpoint: Callable[[Asked], Answer]) -> Endpoint:
    """The endpoint behind the door: its visitor is counted, and every link that opens nothing has one answer."""

    def answer(asked: Asked) -> Answer:
        check_count(asked.event, guest_links.link_keys()(), common.rates(), common.clock().now())
        try:
            return endpoint(asked)
        except NotFound:
            raise NoBooking("There is no booking at this address.") from None

    return answer


ROUTES: Mapping[str, Callable[[Asked], Answer]] = {
    "GET /b/{token}": call,
    "GET /b/{token}/confirm": back,
    "POST /b/{token}/confirm": confirm,
    "GET /b/{token}/cancel": ask_before_cancelling,
    "POST /b/{token}/cancel": cancel,
    "GET /b/{token}/reschedule": choose_time,
    "POST /b/{token}/reschedule": move,
    "GET /b/{token}/zone": zone,
    "GET /{rest:path}": nothing,
    "POST /{rest:path}": nothing,
}
_pages = page_handler({key: _counted(endpoint) for key, endpoint in ROUTES.items()}, common)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return _pages(with_short_token(event), context)
