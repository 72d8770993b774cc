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
    place_of_exception,
    place_of_window,
)
from slotline.http.booking.agents import AgentData, AgentsData, AgentView, WorkingHoursData
from slotline.http.core.api import AgentInPath, AppId, make_api
from slotline.http.core.documents import answers
from slotline.http.core.envelopes import Envelope, Page, ok, page
from slotline.http.core.paging import AskedPart
from slotline.http.core.rights import needs
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
@needs(Scope.SCHEDULING_READ)
def find(app_id: AppId, asked: Annotated[AskedPart, Query()]) -> Response[str]:
    """The app's agents in order of their ids, inactive ones too."""
    shown, where = asked.part_of(list_agents(agents.agents(), app_id), lambda agent: agent.agent_id)
    return page(AgentsData(agents=[AgentView.of(agent) for agent in shown]), where, common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>",
    summary="Read an agent",
    operation_id="getAgent",
    responses=answers(200, Envelope[AgentData], 404),
)
@needs(Scope.SCHEDULING_READ)
def get(app_id: AppId, agent_id: AgentInPath) -> Response[str]:
    """The agent as they are now."""
    _, agent = read_agent(agents.agents(), app_id, agent_id)
    return ok(AgentData(agent=AgentView.of(agent)), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>/working-hours",
    summary="Read an agent's working hours",
    operation_id="getWorkingHours",
    responses=answers(200, Envelope[WorkingHoursData], 404),
)
@needs(Scope.SCHEDULING_READ)
def get_working_hours(app_id: AppId, agent_id: AgentInPath) -> Response[str]:
    """The windows of the agent's week, each on the clocks of its zone."""
    _, agent = read_agent(agents.agents(), app_id, agent_id)
    return ok(WorkingHoursData.of(agent), common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>/exceptions",
    summary="List an agent's exceptions",
    operation_id="listExceptions",
    responses=answers(200, Page[ExceptionsData], 404),
)
@needs(Scope.SCHEDULING_READ)
def find_exceptions(app_id: AppId, agent_id: AgentInPath, asked: Annotated[AskedPart, Query()]) -> Response[str]:
    """All of them by their first date, those that are over too."""
    _, agent = read_agent(agents.agents(), app_id, agent_id)
    shown, where = asked.part_of(sorted(agent.exceptions, key=place_of_exception), place_of_exception)
    data = ExceptionsData(exceptions=[ExceptionView.of(exception) for exception in shown])
    return page(data, where, common.clock().now())


@api.get(
    "/api/v1/video/<app_id>/agents/<agent_id>/do-not-disturb",
    summary="List an agent's do-not-disturb windows",
    operation_id="listDoNotDisturb",
    responses=answers(200, Page[DoNotDisturbListData], 404),
)
@needs(Scope.SCHEDULING_READ)
def find_windows(app_id: AppId, agent_id: AgentInPath, asked: Annotated[WindowsAsked, Query()]) -> Response[str]:
    """Those that reach into the time asked for, by their start; without a time, those that are not over."""
    now = common.clock().now()
    found = list_windows(agents.agents(), agent_time.agent_time(), app_id, agent_id, *asked.bounds(now))
    shown, where = asked.part_of(sorted(found, key=place_of_window), place_of_window)
    return page(DoNotDisturbListData(do_not_disturb=[DoNotDisturbView.of(window) for window in shown]), where, now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    return api.resolve(event, context)
