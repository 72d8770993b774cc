"""POST /api/v1/video/{appId}/scheduled-calls/bulk: cancel or reassign up to a hundred calls."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.domain.booking.calls import Call
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.errors import DomainError, Unavailable
from slotline.http.booking.call_changes import BulkData, BulkRequest
from slotline.http.core.api import AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, ok
from slotline.http.core.problems import answer_to
from slotline.http.core.rights import needs
from slotline.ports.shared import StoreBusyError
from slotline.usecases.booking.call_changes import CancelCall, UpdateCall
from slotline.usecases.booking.change_call import Decide
from slotline.usecases.booking.change_calls import ChangeCalls, Outcome
from slotline.wiring import common
from slotline.wiring.booking import bookings
from slotline.wiring.shared import phones, receipts

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/scheduled-calls/bulk",
    summary="Change many calls",
    operation_id="changeScheduledCalls",
    responses=answers(200, Envelope[BulkData], 404, 422),
)
@needs(Scope.SCHEDULING_WRITE)
def bulk(
    app_id: AppId, body: BulkRequest, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """A result per id, in the order asked; one failure does not stop the others."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    change_calls = ChangeCalls(
        change_call=bookings.change_call(),
        receipts=receipts.receipts(),
        clock=common.clock(),
        show_call=_show_call,
        show_more=_show_more,
        show_error=_show_error,
    )
    changed = change_calls(app_id, body.ids, _decision(body), caller.actor, key, caller.check_rate)
    data = BulkData.model_validate({"results": changed.outcomes})
    return ok(data, changed.answered_at, replayed=changed.replayed)


def _decision(body: BulkRequest) -> Decide:
    if body.action == "cancel":
        return CancelCall(reason=body.reason)
    update = CallUpdate(assigned_agent_id=body.assigned_agent_id, reason=body.reason)
    return UpdateCall(bookings=bookings.bookings(), update=update, screen=phones.refusal_of)


def _show_call(call: Call) -> Outcome:
    return {"id": call.id, "ok": True, "status": call.status.value, "revision": call.revision}


def _show_more(call: Call) -> Outcome:
    return {"external_id": call.external_id, "metadata": call.metadata}


def _show_error(call_id: str, error: DomainError | StoreBusyError) -> Outcome:
    if isinstance(error, StoreBusyError):
        error = Unavailable("The service is busy. Try again in a moment.")
    problem = answer_to(error, common.clock().now())
    return {"id": call_id, "ok": False, "error": json.loads(problem.body)["error"]}


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
