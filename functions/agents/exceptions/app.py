"""POST and DELETE an agent's exceptions: dates blocked, or added to the working hours."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.agent_time import AddedExceptionData, ExceptionData, ExceptionView, NewExceptionBody
from slotline.http.core.api import (
    AgentInPath,
    AppId,
    CurrentCaller,
    IdempotencyHeader,
    ResourceId,
    idempotency_key,
    make_api,
)
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created, ok
from slotline.http.core.rights import needs
from slotline.wiring import common
from slotline.wiring.booking import exceptions

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/agents/<agent_id>/exceptions",
    summary="Block or add dates",
    operation_id="createException",
    responses=answers(201, Envelope[AddedExceptionData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def create(
    app_id: AppId,
    agent_id: AgentInPath,
    body: NewExceptionBody,
    caller: CurrentCaller,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """Once answered, nothing is booked into blocked time. Calls that are there stay; `affects` names them.

    A block of more than 90 days is written in several steps. After a 503 the same request with its Idempotency-Key
    finishes it, and a DELETE cleans it up.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    added = exceptions.add_exception()(app_id, agent_id, body.to_exception(), caller.author, key, caller.check_rate)
    return created(AddedExceptionData.of(added.result), added.answered_at, replayed=added.replayed)


@api.delete(
    "/api/v1/video/<app_id>/agents/<agent_id>/exceptions/<exception_id>",
    summary="Delete an exception",
    operation_id="deleteException",
    responses=answers(200, Envelope[ExceptionData], 404),
)
@needs(Scope.SCHEDULING_WRITE)
def delete(app_id: AppId, agent_id: AgentInPath, exception_id: ResourceId, caller: CurrentCaller) -> Response[str]:
    """Give blocked time back, or take added time away. Answers with the exception as it was."""
    exception = exceptions.remove_exception()(app_id, agent_id, exception_id, caller.author)
    return ok(ExceptionData(exception=ExceptionView.of(exception)), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
