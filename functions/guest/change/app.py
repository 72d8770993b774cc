"""POST /api/v1/guest/{token}/confirm, cancel, reschedule: what a guest does to their call."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.http.booking.guest_door import with_short_token
from slotline.http.booking.guests import (
    GuestCallData,
    GuestCallView,
    LinkToken,
    Rescheduling,
    Withdrawal,
    key_of_guest,
    make_guest_api,
)
from slotline.http.core.api import IdempotencyHeader
from slotline.http.core.documents import answers_to_guests
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.usecases.booking.change_call import Decide
from slotline.usecases.booking.guest_changes import CancelByGuest, ConfirmByGuest, MoveByGuest
from slotline.wiring import common
from slotline.wiring.booking import bookings, guest_links, guests

api = make_guest_api(common, guest_links.link_keys, body_optional=True)


@api.post(
    "/api/v1/guest/<token>/confirm",
    summary="Confirm one's call",
    operation_id="confirmAsGuest",
    responses=answers_to_guests(200, Envelope[GuestCallData], 404, 409, 422),
)
def confirm(token: LinkToken, body: NoFields | None = None, idempotency: IdempotencyHeader = None) -> Response[str]:
    """From pending_confirmation to confirmed. Again on a confirmed call: unchanged."""
    del body
    return _change("confirm", token, ConfirmByGuest(), idempotency)


@api.post(
    "/api/v1/guest/<token>/cancel",
    summary="Cancel one's call",
    operation_id="cancelAsGuest",
    responses=answers_to_guests(200, Envelope[GuestCallData], 403, 404, 409, 422),
)
def cancel(token: LinkToken, body: Withdrawal | None = None, idempotency: IdempotencyHeader = None) -> Response[str]:
    """Until the call begins, if its preset lets guests cancel. Again on a cancelled call: unchanged."""
    return _change("cancel", token, CancelByGuest(reason=body.reason if body else None), idempotency)


@api.post(
    "/api/v1/guest/<token>/reschedule",
    summary="Move one's call",
    operation_id="rescheduleAsGuest",
    responses=answers_to_guests(200, Envelope[GuestCallData], 403, 404, 409, 422),
)
def reschedule(token: LinkToken, body: Rescheduling, idempotency: IdempotencyHeader = None) -> Response[str]:
    """To a time that GET availability offers, if the call's preset lets guests move it. The link stays the same."""
    decide = MoveByGuest(bookings=bookings.bookings(), scheduled_at=body.scheduled_at_utc, reason=body.reason)
    return _change("reschedule", token, decide, idempotency)


def _change(name: str, token: str, decide: Decide, idempotency: str | None) -> Response[str]:
    event = api.current_event.raw_event
    changed = guests.change()(token, decide, lambda call: key_of_guest(event, idempotency, name, call))
    look = guests.look().of(changed.app, changed.call)
    view = GuestCallView.of(look, api.rooms_at, changed.answered_at)
    return ok(GuestCallData(call=view), changed.answered_at, replayed=changed.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(with_short_token(event), context)
