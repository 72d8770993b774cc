"""POST start, complete, no-show and reopen: what became of a call, told by whoever runs its meeting."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.call_changes import Cancellation, Reopening
from slotline.http.booking.scheduled_calls import CallData, CallView
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, ResourceId, idempotency_key, make_api
from slotline.http.core.caller import Caller
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.models import NoFields
from slotline.http.core.rights import needs
from slotline.usecases.booking.call_changes import CompleteCall, MissCall, ReopenCall, StartCall
from slotline.usecases.booking.change_call import Decide
from slotline.wiring import common
from slotline.wiring.booking import bookings, calls, guest_links

api = make_api(common, body_optional=True)
ANSWERS = answers(200, Envelope[CallData], 404, 409, 422)


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/start",
    summary="Say that somebody joined",
    operation_id="startScheduledCall",
    responses=ANSWERS,
)
@needs(Scope.SCHEDULING_WRITE)
def start(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """To started, from 60 minutes before the call to its end: it is no no-show any more, and nobody is reminded of it.

    Again on a started call: unchanged.
    """
    del body
    return _change(app_id, call_id, caller, idempotency, StartCall())


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/reopen",
    summary="Undo a start",
    operation_id="reopenScheduledCall",
    responses=ANSWERS,
)
@needs(Scope.SCHEDULING_WRITE)
def reopen(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: Reopening,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """From started back to what the call was before, within the preset's grace after its start.

    It may be a no-show again, and reminders whose moment is still to come go out. A completed, missed or cancelled call
    is not reopened: its time was given back. Again on a reopened call: unchanged.
    """
    return _change(app_id, call_id, caller, idempotency, ReopenCall(calls=calls.calls(), reason=body.reason))


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/complete",
    summary="Say that a call took place",
    operation_id="completeScheduledCall",
    responses=ANSWERS,
)
@needs(Scope.SCHEDULING_WRITE)
def complete(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: NoFields | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """From started to completed, which time does too, at the end of the call and of the buffer after it."""
    del body
    return _change(app_id, call_id, caller, idempotency, CompleteCall())


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/<call_id>/no-show",
    summary="Say that nobody came",
    operation_id="missScheduledCall",
    responses=ANSWERS,
)
@needs(Scope.SCHEDULING_WRITE)
def miss(
    app_id: AppId,
    call_id: ResourceId,
    caller: CurrentCaller,
    body: Cancellation | None = None,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """To no_show, from the call's start on; time does that too, when nobody joined within the preset's grace."""
    return _change(app_id, call_id, caller, idempotency, MissCall(reason=body.reason if body else None))


def _change(app_id: str, call_id: str, caller: Caller, idempotency: str | None, decide: Decide) -> Response[str]:
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    changed = bookings.change_call()(app_id, call_id, decide, caller.actor, key, caller.check_rate)
    link = guest_links.guest_urls().shown_to(caller, api.rooms_at)
    view = CallView.of(changed.call, api.rooms_at, link(changed.call))
    return ok(CallData(call=view), changed.answered_at, replayed=changed.replayed)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
