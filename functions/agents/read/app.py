"""GET agents, their working hours, exceptions and do-not-disturb windows: what is set up, and changes nothing."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from slotline.domain.access.scopes import Scope
from slotline.http.booking.agent_time import (
    DoNotDisturbListData,
    DoNotDisturbView,
    ExceptionsData,
    ExceptionView,
    WindowsAsked,
)
from slotline.http.booking.agents import AgentData, AgentsAsked, AgentsData, AgentView, WorkingHoursData
from slotline.http.core.api import AgentInPath, AppId, CurrentCaller, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.usecases.booking.keep_agents import list_agents, read_agent
from slotline.usecases.booking.keep_do_not_disturb import list_windows
from slotline.wiring import common
from slotline.wiring.booking import agent_time, agents

api = make_api(common)


@api.get(
    "/api/v1/video/<app_id>/agents",
    summary="List agents",
    operation_id="listAgents",
    responses=answers(200, Page[AgentsData], 404),
)
def find(app_id: AppId, asked: Annotated[AgentsAsked, Query()], caller: CurrentCaller) -> Response[str]:
    """The app's agents in order of their ids, inactive ones too."""
    caller.needs(Scope.SCHEDULING_READ, app_id)
    shown, where = asked.page_of(list_agents(agents.agents(), app_id))
    return page(AgentsData(agents=[AgentView.of(agent) for agent in shown]), where, common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>",
    summary="Read an agent",
    operation_id="getAgent",
    responses=answers(200, Envelope[AgentData], 404),
)
def get(app_id: AppId, agent_id: AgentInPath, caller: CurrentCaller) -> Response[str]:
    """The agent as they are now."""
    caller.needs(Scope.SCHEDULING_READ, app_id)
    _, agent = read_agent(agents.agents(), app_id, agent_id)
    return ok(AgentData(agent=AgentView.of(agent)), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>/working-hours",
    summary="Read an agent's working hours",
    operation_id="getWorkingHours",
    responses=answers(200, Envelope[WorkingHoursData], 404),
)
def get_working_hours(app_id: AppId, agent_id: AgentInPath, caller: CurrentCaller) -> Response[str]:
    """The windows of the agent's week, each on the clocks of its zone."""
    caller.needs(Scope.SCHEDULING_READ, app_id)
    _, agent = read_agent(agents.agents(), app_id, agent_id)
    return ok(WorkingHoursData.of(agent), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>/exceptions",
    summary="List an agent's exceptions",
    operation_id="listExceptions",
    responses=answers(200, Envelope[ExceptionsData], 404),
)
def find_exceptions(app_id: AppId, agent_id: AgentInPath, caller: CurrentCaller) -> Response[str]:
    """All of them by their first date, those that are over too."""
    caller.needs(Scope.SCHEDULING_READ, app_id)
    _, agent = read_agent(agents.agents(), app_id, agent_id)
    found = sorted(agent.exceptions, key=lambda exception: (exception.first, exception.id))
    data = ExceptionsData(exceptions=[ExceptionView.of(exception) for exception in found])
    return ok(data, common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>/do-not-disturb",
    summary="List an agent's do-not-disturb windows",
    operation_id="listDoNotDisturb",
    responses=answers(200, Envelope[DoNotDisturbListData], 404),
)
def find_windows(
    app_id: AppId, agent_id: AgentInPath, asked: Annotated[WindowsAsked, Query()], caller: CurrentCaller
) -> Response[str]:
    """Those that reach into the time asked for, by their start; without a time, those that are not over."""
    caller.needs(Scope.SCHEDULING_READ, app_id)
    now = common.clock().now()
    found = list_windows(agents.agents(), agent_time.agent_time(), app_id, agent_id, *asked.bounds(now))
    return ok(DoNotDisturbListData(do_not_disturb=[DoNotDisturbView.of(window) for window in found]), now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
