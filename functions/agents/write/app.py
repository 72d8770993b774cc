"""POST, PATCH, DELETE agents, and PUT their working hours."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from slotline.domain.access.scopes import Scope
from slotline.http.booking.agents import (
    AgentChanges,
    AgentData,
    AgentView,
    NewAgentBody,
    WorkingHoursBody,
    WorkingHoursData,
)
from slotline.http.core.api import AgentInPath, AppId, CurrentCaller, IdempotencyHeader, idempotency_key, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, created, ok
from slotline.http.core.rights import needs
from slotline.wiring import common
from slotline.wiring.booking import agents

api = make_api(common)


@api.post(
    "/api/v1/video/<app_id>/agents",
    summary="Add an agent",
    operation_id="createAgent",
    responses=answers(201, Envelope[AgentData], 404, 409, 422),
)
@needs(Scope.SCHEDULING_WRITE, checks_rate=False)
def create(
    app_id: AppId, body: NewAgentBody, caller: CurrentCaller, idempotency: IdempotencyHeader = None
) -> Response[str]:
    """Add an agent. They start at the least share of turns of the active ones; `agent_exists` where the id is taken."""
    key = idempotency_key(caller, api.current_event.raw_event, idempotency)
    added = agents.add_agent()(app_id, body.to_agent(), caller.author, key, caller.check_rate)
    data = AgentData(agent=AgentView.model_validate(added.result))
    return created(data, added.answered_at, replayed=added.replayed)


@api.patch(
    "/api/v1/video/<app_id>/agents/<agent_id>",
    summary="Change an agent",
    operation_id="updateAgent",
    responses=answers(200, Envelope[AgentData], 404),
)
@needs(Scope.SCHEDULING_WRITE)
def update(app_id: AppId, agent_id: AgentInPath, body: AgentChanges, caller: CurrentCaller) -> Response[str]:
    """Change what is sent; `workingHours` replaces the whole week. Under another weight the agent keeps their share.

    Of two changes of the same field at once, the later one stands.
    """
    agent = agents.change_agent()(app_id, agent_id, body.to_values(), caller.author)
    return ok(AgentData(agent=AgentView.of(agent)), common.clock().now())


@api.delete(
    "/api/v1/video/<app_id>/agents/<agent_id>",
    summary="Deactivate an agent",
    operation_id="deactivateAgent",
    responses=answers(200, Envelope[AgentData], 404),
)
@needs(Scope.SCHEDULING_WRITE)
def deactivate(app_id: AppId, agent_id: AgentInPath, caller: CurrentCaller) -> Response[str]:
    """The agent gets no new calls. Calls already booked stay. Repeating it gives the same answer."""
    agent = agents.change_agent()(app_id, agent_id, {"active": False}, caller.author)
    return ok(AgentData(agent=AgentView.of(agent)), common.clock().now())


@api.put(
    "/api/v1/video/<app_id>/agents/<agent_id>/working-hours",
    summary="Replace an agent's working hours",
    operation_id="replaceWorkingHours",
    responses=answers(200, Envelope[WorkingHoursData], 404),
)
@needs(Scope.SCHEDULING_WRITE)
def replace_working_hours(
    app_id: AppId, agent_id: AgentInPath, body: WorkingHoursBody, caller: CurrentCaller
) -> Response[str]:
    """The whole week. Calls that are booked outside it stay."""
    agent = agents.change_agent()(app_id, agent_id, body.to_values(), caller.author)
    return ok(WorkingHoursData.of(agent), common.clock().now())


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
