"""Agents, their working hours, exceptions and do-not-disturb windows, as they travel."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.alias_generators import to_camel

from slotline.domain.apps import Agent
from slotline.domain.errors import InvalidRequest
from slotline.domain.intervals import Interval
from slotline.domain.schedules import DoNotDisturbWindow, ExceptionKind, ExceptionState, ScheduleException
from slotline.domain.snapshots import plain
from slotline.domain.working_hours import Window, overlapping
from slotline.http.envelopes import Pagination
from slotline.http.fields import AgentId, Email, Flag, Instant, Line, WholeNumber, Zone, refused
from slotline.http.scheduled_calls import Moment, RequestBody

MOST_WINDOWS = 50

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

AgentInPath = Annotated[str, Path(description="The agent")]


def unsaid() -> Any:
    """The value of a field that was not sent: `model_fields_set` tells, and nobody reads it."""
    return None


def _date(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise refused("date", "must be a date such as 2026-05-01")
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise refused("date", "must be a date that exists, such as 2026-05-01") from error
    if not 1970 <= day.year < 2200:
        raise refused("date", "must be between the years 1970 and 2199")
    return day


def _separate(windows: "list[WindowBody]") -> "list[WindowBody]":
    found = overlapping([window.to_window() for window in windows])
    if found:
        raise refused(
            "overlap", f"{found[0]} and {found[1]} overlap: windows of one weekday and zone must not share time"
        )
    return windows


Day = Annotated[
    date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date", "description": "2026-05-01"})
]
StartTime = Annotated[str, Field(strict=True, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM")]
EndTime = Annotated[
    str, Field(strict=True, pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", description="HH:MM; 24:00 ends the day")
]


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
    name: Line
    email: Email | None = None
    weight: Weight = 1
    active: Flag = True
    working_hours: WorkingHours = Field(default_factory=list)

    def to_agent(self) -> Agent:
        """What the core is asked; an empty id becomes one there."""
        return Agent(
            agent_id=self.agent_id or "",
            name=self.name,
            email=self.email,
            weight=self.weight,
            active=self.active,
            working_hours=_windows(self.working_hours),
        )


class AgentChanges(RequestBody):
    """The body of `PATCH agents/{agentId}`: what is not sent stays. `email` null clears it."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Line = Field(default_factory=unsaid)
    email: Email | None = Field(default_factory=unsaid)
    weight: Weight = Field(default_factory=unsaid)
    active: Flag = Field(default_factory=unsaid)
    working_hours: WorkingHours = Field(default_factory=unsaid)

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set:
            raise refused("nothing_to_change", "at least one field is required")
        return self

    def to_values(self) -> Mapping[str, object]:
        """The attributes that were sent."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "working_hours" in sent:
            sent["working_hours"] = _windows(self.working_hours)
        return sent


class WorkingHoursBody(RequestBody):
    """The body of `PUT agents/{agentId}/working-hours`."""

    working_hours: WorkingHours

    def to_values(self) -> Mapping[str, object]:
        """The one attribute."""
        return {"working_hours": _windows(self.working_hours)}


class NewExceptionBody(RequestBody):
    """The body of `POST agents/{agentId}/exceptions`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "blocked", "dateFrom": "2027-05-03", "dateTo": "2027-05-07", "label": "Leave"}]
        }
    )

    kind: Annotated[ExceptionKind, Field(description="Blocked beats everything; extra adds to the working hours")]
    date_from: Day
    date_to: Annotated[Day, Field(description="The last date, itself in it; up to 366 dates")]
    start: Annotated[StartTime, Field(description="On each date; HH:MM")] = "00:00"
    end: Annotated[EndTime, Field(description="On each date; HH:MM, 24:00 ends the day")] = "24:00"
    zone: Annotated[Zone | None, Field(description="Whose dates and clocks; left out: the app's")] = None
    label: Line | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise refused("end", "end must be after start: an exception is on each date from start to end")
        return self

    def to_exception(self) -> ScheduleException:
        """What the core is asked; the id, and a zone that was not said, come there."""
        return ScheduleException(
            id="",
            kind=self.kind,
            first=self.date_from,
            last=self.date_to,
            start=self.start,
            end=self.end,
            zone=self.zone or "",
            label=self.label,
        )


class NewDoNotDisturb(RequestBody):
    """The body of `POST agents/{agentId}/do-not-disturb`."""

    start_utc: Instant
    end_utc: Annotated[Instant, Field(description="Up to 31 days after startUtc")]
    label: Line | None = None
    notify: Annotated[
        Flag, Field(description="Kept with the window as a wish that the guests of affected calls be told")
    ] = False

    def to_window(self) -> DoNotDisturbWindow:
        """What the core is asked. Raises InvalidRequest where it ends before it starts."""
        if self.end_utc <= self.start_utc:
            raise InvalidRequest.of_field("endUtc", "must be after startUtc")
        return DoNotDisturbWindow(
            id="", interval=Interval(self.start_utc, self.end_utc), label=self.label, notify=self.notify
        )


class AgentsAsked(BaseModel):
    """The query of `GET agents`."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0

    def page_of(self, agents: Sequence[Agent]) -> tuple[Sequence[Agent], Pagination]:
        """The part of the list that was asked for, and where it stands."""
        end = self.offset + self.limit
        where = Pagination(
            total=len(agents), limit=self.limit, offset=self.offset, has_more=len(agents) > end, next_cursor=None
        )
        return agents[self.offset : end], where


class WindowsAsked(BaseModel):
    """The query of `GET do-not-disturb`."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    from_utc: Annotated[Instant | None, Field(description="Windows that end after it; left out: now")] = None
    to_utc: Annotated[Instant | None, Field(description="Windows that start before it; left out: two years on")] = None

    def bounds(self, now: datetime) -> tuple[datetime, datetime | None]:
        """From when, to when. Raises InvalidRequest where the one is not before the other."""
        start = self.from_utc or now
        if self.to_utc is not None and self.to_utc <= start:
            raise InvalidRequest.of_field("toUtc", "must be after fromUtc, which is now where it is left out")
        return start, self.to_utc


class WindowView(BaseModel):
    """A weekly window."""

    weekday: int
    start: str
    end: str
    zone: str


class AgentView(BaseModel):
    """An agent. `turns`: round-robin bookings given so far, which a newcomer's start level is part of."""

    agent_id: str
    name: str
    email: str | None
    weight: int
    active: bool
    working_hours: list[WindowView]
    turns: int
    last_turn_at: Moment | None

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """The view of an agent."""
        return cls.model_validate(plain(agent))


class ExceptionView(BaseModel):
    """An exception. `state`: a long block is `applying` until all its days are written, and may be `removing`."""

    id: str
    kind: ExceptionKind
    date_from: str
    date_to: str
    start: str
    end: str
    zone: str
    label: str | None
    state: ExceptionState

    @classmethod
    def of(cls, exception: ScheduleException) -> Self:
        """The view of an exception."""
        return cls.of_fields(plain(exception))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of an exception as plain JSON."""
        return cls.model_validate({**fields, "date_from": fields["first"], "date_to": fields["last"]})


class DoNotDisturbView(BaseModel):
    """A do-not-disturb window. `notify`: that the guests of affected calls be told was asked for."""

    id: str
    start_utc: Moment
    end_utc: Moment
    label: str | None
    notify: bool

    @classmethod
    def of(cls, window: DoNotDisturbWindow) -> Self:
        """The view of a window."""
        return cls.of_fields(plain(window))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a window as plain JSON."""
        interval = fields["interval"]
        return cls.model_validate({**fields, "start_utc": interval["start"], "end_utc": interval["end"]})


class AffectedCallView(BaseModel):
    """A call in the blocked time."""

    id: str
    scheduled_at: Moment


class AffectsView(BaseModel):
    """The calls in the blocked time. They stay. All are counted, the first 500 are listed."""

    count: int
    calls: list[AffectedCallView]


class AgentData(BaseModel):
    """`data` of an answer with one agent."""

    agent: AgentView


class AgentsData(BaseModel):
    """`data` of an answer with a page of agents."""

    agents: list[AgentView]


class WorkingHoursData(BaseModel):
    """`data` of an answer with an agent's week."""

    working_hours: list[WindowView]

    @classmethod
    def of(cls, agent: Agent) -> Self:
        """The week of an agent."""
        return cls.model_validate({"working_hours": plain(agent.working_hours)})


class ExceptionData(BaseModel):
    """`data` of an answer with one exception."""

    exception: ExceptionView


class ExceptionsData(BaseModel):
    """`data` of an answer with an agent's exceptions."""

    exceptions: list[ExceptionView]


class AddedExceptionData(BaseModel):
    """`data` of the answer to a new exception."""

    exception: ExceptionView
    affects: AffectsView

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self:
        """What the core answered."""
        return cls(exception=ExceptionView.of_fields(result["exception"]), affects=result["affects"])


class DoNotDisturbData(BaseModel):
    """`data` of an answer with one do-not-disturb window."""

    do_not_disturb: DoNotDisturbView


class DoNotDisturbListData(BaseModel):
    """`data` of an answer with an agent's do-not-disturb windows."""

    do_not_disturb: list[DoNotDisturbView]


class AddedDoNotDisturbData(BaseModel):
    """`data` of the answer to a new do-not-disturb window."""

    do_not_disturb: DoNotDisturbView
    affects: AffectsView

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> Self:
        """What the core answered."""
        return cls(do_not_disturb=DoNotDisturbView.of_fields(result["window"]), affects=result["affects"])


def _windows(bodies: list[WindowBody]) -> tuple[Window, ...]:
    return tuple(body.to_window() for body in bodies)
