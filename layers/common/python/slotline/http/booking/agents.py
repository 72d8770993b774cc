"""Agents and their working hours, as they travel."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from slotline.domain.booking.apps import Agent
from slotline.domain.shared.plain_json import plain
from slotline.domain.shared.working_hours import Window, overlapping
from slotline.http.core.changes import SomethingToChange
from slotline.http.core.fields import (
    AgentId,
    CustomerUrl,
    Email,
    EndTime,
    Flag,
    OneLine,
    StartTime,
    Tags,
    WholeNumber,
    Zone,
    refused,
)
from slotline.http.core.models import Model, Moment, RequestBody, not_sent
from slotline.http.core.parsing import parse

MOST_WINDOWS = 50


def _separate(windows: "list[WindowBody]") -> "list[WindowBody]":
    found = overlapping([window.to_window() for window in windows])
    if found:
        raise refused(
            "overlap", f"{found[0]} and {found[1]} overlap: windows of one weekday and zone must not share time"
        )
    return windows


class WindowBody(RequestBody):
    """A weekly window. One over midnight is two windows."""

    weekday: Annotated[WholeNumber, Field(ge=0, le=6, description="0 Monday to 6 Sunday")]
    start: StartTime
    end: EndTime
    zone: Zone

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise refused("end", "end must be after start; a window may not cross midnight: two windows do")
        return self

    def to_window(self) -> Window:
        """The window."""
        return Window(weekday=self.weekday, start=self.start, end=self.end, zone=self.zone)


WorkingHours = Annotated[
    list[WindowBody],
    Field(max_length=MOST_WINDOWS, description="The whole week; no windows: never offered, only booked by name"),
    AfterValidator(_separate),
]
Weight = Annotated[WholeNumber, Field(ge=1, le=1000, description="The share of round-robin bookings")]

MaxCalls = Annotated[WholeNumber, Field(ge=1, le=200, description="Calls on one day of the agent's zone; null: any")]
PhotoUrl = Annotated[CustomerUrl, Field(description="An https address")]


class NewAgentBody(RequestBody):
    """The body of `POST agents`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Ada Park",
                    "email": "ada@example.com",
                    "workingHours": [{"weekday": 0, "start": "09:00", "end": "17:00", "zone": "America/Bogota"}],
                }
            ]
        }
    )

    agent_id: Annotated[AgentId | None, Field(description="Left out: a UUID is made")] = None
    name: OneLine
    email: Email | None = None
    timezone: Annotated[Zone | None, Field(description="Where the agent's days begin; left out: see the docs")] = None
    tags: Annotated[Tags, Field(description="What the agent can do or speaks")] = Field(default_factory=list)
    max_calls_per_day: MaxCalls | None = None
    photo_url: PhotoUrl | None = None
    weight: Weight = 1
    active: Flag = True
    working_hours: WorkingHours = Field(default_factory=list)

    def to_agent(self) -> Agent:
        """What the core is asked; an empty id becomes one there."""
        return Agent(
            agent_id=self.agent_id or "",
            name=self.name,
            email=self.email,
            timezone=self.timezone,
            tags=tuple(self.tags),
            max_calls_per_day=self.max_calls_per_day,
            photo_url=self.photo_url,
            weight=self.weight,
            active=self.active,
            working_hours=_windows(self.working_hours),
        )


class AgentChanges(SomethingToChange, RequestBody):
    """The body of `PATCH agents/{agentId}`: what is not sent stays. Null clears what need not be there."""

    name: OneLine = Field(default_factory=not_sent)
    email: Email | None = Field(default_factory=not_sent)
    timezone: Zone | None = Field(default_factory=not_sent)
    tags: Tags = Field(default_factory=not_sent, description="What the agent can do or speaks")
    max_calls_per_day: MaxCalls | None = Field(default_factory=not_sent)
    photo_url: PhotoUrl | None = Field(default_factory=not_sent)
    weight: Weight = Field(default_factory=not_sent)
    active: Flag = Field(default_factory=not_sent)
    working_hours: WorkingHours = Field(default_factory=not_sent)

    def to_values(self) -> Mapping[str, object]:
        """The attributes that were sent."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "working_hours" in sent:
            sent["working_hours"] = _windows(self.working_hours)
        if "tags" in sent:
            sent["tags"] = tuple(self.tags)
        return sent


def agent_values(fields: Mapping[str, object]) -> Mapping[str, object]:
    """The attributes that these fields change, for a form. Raises InvalidRequest."""
    return parse(AgentChanges, fields).to_values()


class WorkingHoursBody(RequestBody):
    """The body of `PUT agents/{agentId}/working-hours`."""

    working_hours: WorkingHours

    def to_values(self) -> Mapping[str, object]:
        """The one attribute."""
        return {"working_hours": _windows(self.working_hours)}


class WindowView(Model):
    """A weekly window."""

    weekday: int
    start: str
    end: str
    zone: str


class AgentView(Model):
    """An agent. `turns`: round-robin bookings so far, including those a newcomer is credited with at the start."""

    agent_id: str
    name: str
    email: str | None
    timezone: str | None
    tags: list[str]
    max_calls_per_day: int | None
    photo_url: str | None
    weight: int
    active: bool
    working_hours: list[WindowView]
    turns: int
    last_turn_at: Moment | None

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """The view of an agent."""
        return cls.model_validate(plain(agent))


class AgentData(Model):
    """`data` of an answer with one agent."""

    agent: AgentView


class AgentsData(Model):
    """`data` of an answer with a page of agents."""

    agents: list[AgentView]


class WorkingHoursData(Model):
    """`data` of an answer with an agent's week."""

    working_hours: list[WindowView]

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """The week of an agent."""
        return cls.model_validate({"working_hours": plain(agent.working_hours)})


def _windows(bodies: list[WindowBody]) -> tuple[Window, ...]:
    return tuple(body.to_window() for body in bodies)
