"""POST and DELETE an agent's do-not-disturb windows."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.agent_time import AddedDoNotDisturbData, DoNotDisturbData, DoNotDisturbView, NewDoNotDisturb
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
from slotline.wiring.booking import do_not_disturb

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/agents/<agent_id>/do-not-disturb",
    summary="Set a do-not-disturb window",
    operation_id="createDoNotDisturb",
    responses=answers(201, Envelope[AddedDoNotDisturbData], 404, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def create(
    app_id: AppId,
    agent_id: AgentInPath,
    body: NewDoNotDisturb,
    caller: CurrentCaller,
    idempotency: IdempotencyHeader = None,
) -> Response[str]:
    """Once answered, nothing is booked into the window. Calls that are there stay; `affects` names them.

    With `notify` their guests get a `conflict_notice`, over the channels that the preset lists for it.
    """
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    added = do_not_disturb.add_do_not_disturb()(
        app_id, agent_id, body.to_window(), caller.author, key, caller.check_rate
    )
    return created(AddedDoNotDisturbData.of(added.result), added.answered_at, replayed=added.replayed)


@api.delete(
    "/api/v1/video/<app_id>/agents/<agent_id>/do-not-disturb/<window_id>",
    summary="Delete a do-not-disturb window",
    operation_id="deleteDoNotDisturb",
    responses=answers(200, Envelope[DoNotDisturbData], 404),
)
@needs(Scope.SCHEDULING_WRITE)
def delete(app_id: AppId, agent_id: AgentInPath, window_id: ResourceId, caller: CurrentCaller) -> Response[str]:
    """Give its time back. Answers with the window as it was."""
    window = do_not_disturb.remove_do_not_disturb()(app_id, agent_id, window_id, caller.author)
    return ok(DoNotDisturbData(do_not_disturb=DoNotDisturbView.of(window)), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
