"""Free slots and holds as they travel."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.slots import SlotQuery, Slots
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import format_instant
from slotline.http.core.carried import LARGEST_CARRIED, fits
from slotline.http.core.fields import (
    MOST_AGENTS,
    MOST_TAGS,
    AgentId,
    Buffer,
    Duration,
    HoldId,
    Instant,
    PresetRef,
    Tag,
    WholeNumber,
)
from slotline.http.core.models import Model, Moment, RequestBody, check_not_sent
from slotline.http.core.queries import BY_COMMAS


class SlotsAsked(Model):
    """The query of `GET availability`."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    from_utc: Instant
    to_utc: Instant
    agent_id: Annotated[str | None, Field(description="One agent; left out: every active one", max_length=128)] = None
    duration_minutes: Annotated[int | None, Field(ge=5, le=480, description="Default: the preset's")] = None
    step_minutes: Annotated[int | None, Field(ge=1, le=1440, description="Default: the duration")] = None
    buffer_before_minutes: Annotated[int | None, Field(ge=0, le=240, description="Default: the preset's")] = None
    buffer_after_minutes: Annotated[int | None, Field(ge=0, le=240, description="Default: the preset's")] = None
    respect_working_hours: Annotated[bool, Field(description="false: as a booking of a named agent may")] = True
    required_tags: Annotated[list[Tag], BY_COMMAS] = Field(
        default_factory=list,
        max_length=MOST_TAGS,
        description="Only agents who carry all of these, beside the preset's",
    )
    agent_ids: Annotated[list[Annotated[str, Field(max_length=128)]], BY_COMMAS] = Field(
        default_factory=list, max_length=MOST_AGENTS, description="Only these agents"
    )
    first: Annotated[int | None, Field(ge=1, le=1000, description="Stop after so many slots")] = None
    explain: Annotated[bool, Field(description="Say why each other start of the grid is refused")] = False
    preset_id: Annotated[PresetRef | None, Field(description="Its id or slug; left out: the active preset")] = None

    def to_query(self, app_id: str, *, for_guests: bool = False) -> SlotQuery:
        """What the core is asked. `for_guests`: by a website; raises InvalidRequest for what is not theirs to say."""
        if for_guests:
            check_not_sent(self, _NOT_FOR_GUESTS, "must be left out: the service decides this")
        return SlotQuery(
            for_guests=for_guests,
            app_id=app_id,
            start=self.from_utc,
            end=self.to_utc,
            agent_id=self.agent_id,
            duration_minutes=self.duration_minutes,
            step_minutes=self.step_minutes,
            buffer_before_minutes=self.buffer_before_minutes,
            buffer_after_minutes=self.buffer_after_minutes,
            respect_working_hours=self.respect_working_hours,
            required_tags=tuple(self.required_tags),
            agent_ids=tuple(self.agent_ids),
            first=self.first,
            explain=self.explain,
            preset_id=self.preset_id,
        )


_NOT_FOR_GUESTS = (
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "respect_working_hours",
    "explain",
)


class SlotView(Model):
    """A free slot."""

    model_config = ConfigDict(alias_generator=to_camel)

    start_utc: Moment
    end_utc: Moment
    agent_id: str


class RefusedView(Model):
    """A start that is not offered, and why."""

    model_config = ConfigDict(alias_generator=to_camel)

    start_utc: Moment
    agent_id: str
    rule: Literal[
        "past",
        "minimum_notice",
        "horizon",
        "not_eligible",
        "slot_taken",
        "blocked",
        "dnd",
        "agent_day_full",
        "outside_working_hours",
        "does_not_fit",
    ]
    record_id: str | None


class SlotsData(Model):
    """`data` of a search."""

    slots: list[SlotView]
    refused: list[RefusedView] | None = None


class WebsiteSlotView(Model):
    """A time that a website may offer."""

    model_config = ConfigDict(alias_generator=to_camel)

    start_utc: Moment
    end_utc: Moment
    agent_id: Annotated[str, Field(default_factory=str, description="Left out if the service finds the agent")]


class WebsiteAgentView(Model):
    """Somebody whom a visitor can choose."""

    model_config = ConfigDict(alias_generator=to_camel)

    agent_id: str
    name: str
    photo_url: str | None


class WebsiteSlotsData(Model):
    """`data` of a search with a widget key."""

    slots: list[WebsiteSlotView]
    agents: Annotated[
        list[WebsiteAgentView],
        Field(description="Those of the slots, to choose from; none if the service finds the agent"),
    ]


def slots_body(found: Slots, at: datetime) -> str:
    """The answer as text. Written by hand: a search may find fifty thousand slots, and a model for each is a second.

    Raises InvalidRequest where it would not fit into an answer.
    """
    agents = [json.dumps(agent_id) for agent_id in found.agent_ids]
    minutes = {start for start, _ in found.starts}
    heads = {
        start: f'{{"startUtc":"{_text(start)}","endUtc":"{_text(start + found.length_minutes)}"' for start in minutes
    }
    if found.shown_to_guests == ():
        slots = ",".join([f"{heads[start]}}}" for start, _ in found.starts])
    else:
        slots = ",".join([f'{heads[start]},"agentId":{agents[place]}}}' for start, place in found.starts])
    beside = "" if found.refused is None else f',"refused":{_refused(found)}'
    if found.shown_to_guests is not None:
        beside += f',"agents":{_agents(found.shown_to_guests)}'
    body = f'{{"data":{{"slots":[{slots}]{beside}}},"meta":{{"timestamp":"{format_instant(at)}"}}}}'
    if not fits(body):
        raise InvalidRequest.of_field(
            "toUtc",
            f"the answer would be larger than {LARGEST_CARRIED} bytes, as Lambda counts; ask for fewer days or agents",
            "too_large",
        )
    return body


class NewHold(RequestBody):
    """The body of `POST holds`."""

    agent_id: Annotated[
        AgentId | None, Field(description="Required, but where a website asks and the service finds the agent")
    ] = None
    start_utc: Instant
    duration_minutes: Duration | None = None
    buffer_before_minutes: Buffer | None = None
    buffer_after_minutes: Buffer | None = None
    preset_id: Annotated[PresetRef | None, Field(description="Its id or slug; left out: the active preset")] = None
    seconds: Annotated[WholeNumber, Field(ge=10, le=600, description="How long to hold it")] = 600
    replaces: Annotated[
        HoldId | None, Field(description="A hold of yours that is let go if, and only if, this slot is taken")
    ] = None

    def agent_for(self, *, by_guest: bool) -> str | None:
        """The agent whose time is wanted. Raises InvalidRequest for what whoever asks must or must not say."""
        if by_guest:
            check_not_sent(self, _NOT_FOR_GUESTS[:3], "must be left out: the service decides this")
        elif self.agent_id is None:
            raise InvalidRequest.of_field("agentId", "is required", "missing")
        return self.agent_id


class HoldView(Model):
    """A slot that is held until `expires_at`, or until a booking spends it. `preset_id`: None if none was named."""

    id: str
    agent_id: str
    preset_id: str | None = None
    start: Moment
    end: Moment
    expires_at: Moment

    @classmethod
    def of(cls, hold: Mapping[str, Any]) -> Self:
        """The view of a hold."""
        return cls(**hold)


class HoldData(Model):
    """`data` of an answer with a hold."""

    hold: HoldView


def _text(minute: int) -> str:
    return format_instant(datetime.fromtimestamp(minute * 60, UTC))


def _agents(agents: Sequence[Agent]) -> str:
    """What guests may know of those whom they can meet."""
    return json.dumps([{"agentId": one.agent_id, "name": one.name, "photoUrl": one.photo_url} for one in agents])


def _refused(found: Slots) -> str:
    return json.dumps(
        [
            {
                "startUtc": format_instant(refused.start),
                "agentId": refused.agent_id,
                "rule": refused.rule,
                "recordId": refused.record_id,
            }
            for refused in found.refused or ()
        ]
    )
