"""Presets as they travel."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import AfterValidator, ConfigDict, Field

from slotline.domain.booking.apps import (
    THE_AGENT,
    AgentMessage,
    AssignmentMode,
    CustomerLimit,
    OnZoneChange,
    Period,
    Preset,
    PresetOfApp,
    Verification,
)
from slotline.domain.booking.questions import MOST_OPTIONS, MOST_QUESTIONS, Question, QuestionType, check_questions
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.shared.emails import LONGEST, to_mailbox
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.names import check_name, check_prose
from slotline.domain.shared.origins import genesys_origin, normal_origin
from slotline.domain.shared.plain_json import plain
from slotline.domain_names import to_ascii
from slotline.http.core.changes import SomethingToChange
from slotline.http.core.fields import (
    AgentId,
    Buffer,
    Duration,
    Flag,
    Language,
    OneLine,
    Slug,
    Tags,
    TextOrTexts,
    WholeNumber,
    once_each,
    refused,
    spelled,
)
from slotline.http.core.models import Model, RequestBody, not_sent

MOST_ORIGINS = 50
LARGEST_REVISION = 1_000_000_000
_COLOUR = spelled(r"^#[0-9A-Fa-f]{6}$", "must be a colour such as #1A73E8")

PresetInPath = Annotated[str, Path(description="The preset")]


def _origin(value: str) -> str:
    """Without TLS only one's own machine: anybody on the way could else be the website."""
    with suppress(ValueError):
        origin = normal_origin(value)
        if origin.startswith("https://") or urlsplit(origin).hostname in {"localhost", "127.0.0.1"}:
            return origin
    raise refused(
        "origin",
        "must be an origin such as https://www.example.com, or http://localhost:3000; no path, no wildcard, and "
        "letters outside ASCII in punycode (xn--…)",
    )


def _reply_to(value: str) -> str:
    if value == THE_AGENT:
        return value
    try:
        return to_mailbox(value, to_ascii)
    except InvalidRequest as error:
        message = f"{error.details[0].message}; or agent, for the agent who has the call"
        raise refused(error.details[0].code, message) from error


def _genesys_origin(value: str) -> str:
    try:
        return genesys_origin(value)
    except ValueError as error:
        raise refused("origin", f"{error}; no path, no wildcard") from error


ReplyTo = Annotated[str, Field(strict=True, max_length=LONGEST), AfterValidator(_reply_to)]
Origin = Annotated[str, Field(strict=True, max_length=300), AfterValidator(_origin)]
GenesysOrigin = Annotated[str, Field(strict=True, max_length=300), AfterValidator(_genesys_origin)]
Channels = Annotated[list[Channel], AfterValidator(once_each)]
LineText = Annotated[str | dict[str, str], TextOrTexts(check_name, 200)]
ProseText = Annotated[str | dict[str, str], TextOrTexts(check_prose, 4_000)]


class CustomerLimitBody(RequestBody):
    """At most so many bookings of one customer in a sliding window; a month is 30 days."""

    max_bookings: Annotated[WholeNumber, Field(ge=1, le=10_000)]
    per: Period


class QuestionBody(RequestBody):
    """One question to guests."""

    key: Annotated[
        str,
        Field(strict=True, description="Names the answer"),
        spelled(
            r"^[A-Za-z][A-Za-z0-9_-]{0,63}$",
            "must be a letter from A to Z, then up to 63 letters, digits, underscores or hyphens",
        ),
    ]
    label: Annotated[LineText, Field(description="The question itself, one text or one a language")]
    type: QuestionType
    required: Annotated[Flag, Field(description="Whether a guest must answer; partners and agents need not")] = False
    options: Annotated[
        list[OneLine],
        Field(max_length=MOST_OPTIONS, description="Of the two choices"),
        AfterValidator(once_each),
    ] = Field(default_factory=list)
    hidden: Annotated[Flag, Field(description="Not shown; answered by the link that leads to the page")] = False
    help: Annotated[ProseText | None, Field(description="What else guests read about it")] = None

    def to_question(self) -> Question:
        """The question."""
        return Question(
            key=self.key,
            label=self.label,
            type=self.type,
            required=self.required,
            options=tuple(self.options),
            hidden=self.hidden,
            help=self.help,
        )


class PresetChanges(SomethingToChange, RequestBody):
    """The body of `PATCH presets/{presetId}`: what is not sent stays. What need not be set may be null."""

    name: OneLine = Field(default_factory=not_sent)
    slug: Slug | None = Field(default_factory=not_sent)
    title: LineText | None = Field(default_factory=not_sent, description="What guests read; at first null: the name")
    description: ProseText | None = Field(
        default_factory=not_sent,
        description="What guests read about it. Title, description and questions have 64 KB as JSON, all together",
    )
    public: Flag = Field(
        default_factory=not_sent, description="Whether websites and the booking page offer it; at first false"
    )
    agent_ids: Annotated[list[AgentId], AfterValidator(once_each)] = Field(
        default_factory=not_sent, max_length=200, description="The agents who take its calls; none listed: all"
    )
    required_tags: Tags = Field(default_factory=not_sent, description="Tags an agent must carry to take its calls")
    questions: list[QuestionBody] = Field(
        default_factory=not_sent, max_length=MOST_QUESTIONS, description="What guests are asked; at first nothing"
    )
    verification: Verification = Field(
        default_factory=not_sent, description="Over what a guest must prove their address; at first none"
    )
    agent_messages: Annotated[list[AgentMessage], AfterValidator(once_each)] = Field(
        default_factory=not_sent, description="What agents get a calendar mail about; at first nothing"
    )
    on_zone_change: OnZoneChange = Field(
        default_factory=not_sent,
        description="What a call keeps if the rules of its time zone change; at first keep_instant",
    )
    scheduling_enabled: Flag = Field(default_factory=not_sent, description="At first true")
    duration_minutes: Duration = Field(default_factory=not_sent, description="Minutes; at first 30")
    buffer_before_minutes: Buffer = Field(default_factory=not_sent, description="Minutes; at first 0")
    buffer_after_minutes: Buffer = Field(default_factory=not_sent, description="Minutes; at first 0")
    horizon_days: WholeNumber = Field(
        default_factory=not_sent, ge=1, le=730, description="How far ahead a call may start; at first 730"
    )
    minimum_notice_minutes: WholeNumber = Field(
        default_factory=not_sent, ge=0, le=43_200, description="How soon a call may start; at first 0"
    )
    assignment_mode: AssignmentMode = Field(default_factory=not_sent, description="At first pick_from_options")
    require_confirmation: Flag = Field(default_factory=not_sent, description="At first false")
    guest_can_reschedule: Flag = Field(
        default_factory=not_sent, description="Whether guests move their calls by their links; at first false"
    )
    guest_can_cancel: Flag = Field(
        default_factory=not_sent, description="Whether guests cancel their calls by their links; at first false"
    )
    customer_limits: list[CustomerLimitBody] = Field(
        default_factory=not_sent, max_length=10, description="At first none"
    )
    cancelled_bookings_count: Flag = Field(
        default_factory=not_sent,
        description="Whether a cancelled booking counts for the customer limits; at first true",
    )
    no_show_grace_minutes: WholeNumber = Field(
        default_factory=not_sent,
        ge=1,
        le=240,
        description="How long after its start a call that nobody joined becomes a no-show; at first 15",
    )
    reminders: dict[ReminderKind, Channels] = Field(
        default_factory=not_sent,
        description="The channels of each kind of message; what is not listed is not sent",
    )
    reminders_per_call_per_day: WholeNumber = Field(
        default_factory=not_sent, ge=1, le=100, description="Messages that may be asked for about one call; at first 10"
    )
    reminders_per_recipient_per_hour: WholeNumber = Field(
        default_factory=not_sent, ge=1, le=100, description="Messages asked for that one recipient gets; at first 5"
    )
    reminders_per_app_per_hour: WholeNumber = Field(
        default_factory=not_sent, ge=1, le=1_000, description="Messages that may be asked for in the app; at first 200"
    )
    allow_foreign_recipients: Flag = Field(
        default_factory=not_sent,
        description="Whether messages that are asked for may go to others than the call's guest; at first false",
    )
    genesys_dispatch_minutes: Annotated[WholeNumber, Field(ge=1, le=1_440)] | None = Field(
        default_factory=not_sent,
        description="How long before the start a reminder over genesys goes out; null: as over every other channel",
    )
    genesys_origins: Annotated[list[GenesysOrigin], AfterValidator(once_each)] = Field(
        default_factory=not_sent,
        max_length=MOST_ORIGINS,
        description="Where agents work in Genesys Cloud, and may have My schedules in a frame; the list of the active "
        "preset counts. None listed: nowhere",
    )
    reply_to: ReplyTo | None = Field(
        default_factory=not_sent,
        description="Where guests' answers to mails go: an address, or agent for that of the agent who has the call. "
        "At first null: to the sender",
    )
    language: Language = Field(
        default_factory=not_sent, description="Of messages to guests whose own is not known; at first en"
    )
    allowed_embed_origins: Annotated[list[Origin], AfterValidator(once_each)] = Field(
        default_factory=not_sent,
        max_length=MOST_ORIGINS,
        description="Websites that may frame the pages, and use the app's widget keys for this preset; for requests "
        "that name no preset, the active one's list counts. None listed: no framing, and any website may use a key",
    )
    branding_name: OneLine | None = Field(default_factory=not_sent)
    branding_color: Annotated[str, Field(strict=True), _COLOUR] | None = Field(
        default_factory=not_sent, description="#RRGGBB"
    )
    host_name: OneLine | None = Field(
        default_factory=not_sent, description="What the host of an instant call is called"
    )
    guest_name: OneLine | None = Field(
        default_factory=not_sent, description="What the guest of an instant call is called"
    )
    record_on_start: Flag = Field(default_factory=not_sent, description="At first false")
    preview_enabled: Flag = Field(default_factory=not_sent, description="At first true")
    join_tokens: Flag = Field(
        default_factory=not_sent,
        description="Whether links into a room carry role tokens, instead of the widget key or nothing; at first false",
    )
    recording_days: WholeNumber = Field(
        default_factory=not_sent, ge=1, le=3650, description="How long recordings are kept; at first 30"
    )

    def to_values(self) -> Mapping[str, Any]:
        """The attributes that were sent, as the core has them. Raises InvalidRequest: questions nobody could ask."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "customer_limits" in sent:
            limits = (CustomerLimit(max_bookings=limit.max_bookings, per=limit.per) for limit in self.customer_limits)
            sent["customer_limits"] = tuple(limits)
        if "reminders" in sent:
            sent["reminders"] = plain(self.reminders)
        if "questions" in sent:
            sent["questions"] = tuple(question.to_question() for question in self.questions)
            check_questions(sent["questions"])
        for name in sent.keys() & {
            "allowed_embed_origins",
            "genesys_origins",
            "agent_ids",
            "required_tags",
            "agent_messages",
        }:
            sent[name] = tuple(sent[name])
        return sent


class NewPreset(PresetChanges):
    """The body of `POST presets`. What is not sent has the product's default."""

    model_config = ConfigDict(
        json_schema_extra={
            "minProperties": 1,
            "examples": [
                {"name": "Sales", "durationMinutes": 45, "customerLimits": [{"maxBookings": 3, "per": "day"}]},
                {
                    "name": "Onboarding",
                    "slug": "onboarding",
                    "title": {"en": "Onboarding", "es": "Bienvenida"},
                    "public": True,
                    "requiredTags": ["spanish"],
                    "questions": [{"key": "seats", "label": "How many seats?", "type": "number", "required": True}],
                },
            ],
        }
    )

    name: OneLine

    def to_preset(self) -> Preset:
        """What the core is asked; the id is made there."""
        return Preset(preset_id="", **{"public": False, **self.to_values()})


class CustomerLimitView(Model):
    """A customer limit."""

    max_bookings: int
    per: Period


class QuestionView(Model):
    """One question to guests."""

    key: str
    label: str | dict[str, str]
    type: QuestionType
    required: bool
    options: list[str]
    hidden: bool
    help: str | dict[str, str] | None


class PresetView(Model):
    """A preset. `active`: it rules the app's bookings."""

    preset_id: str
    active: bool
    name: str
    revision: int
    slug: str | None
    title: str | dict[str, str] | None
    description: str | dict[str, str] | None
    public: bool
    agent_ids: list[str]
    required_tags: list[str]
    questions: list[QuestionView]
    verification: Verification
    agent_messages: list[AgentMessage]
    on_zone_change: OnZoneChange
    scheduling_enabled: bool
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    horizon_days: int
    minimum_notice_minutes: int
    assignment_mode: AssignmentMode
    require_confirmation: bool
    guest_can_reschedule: bool
    guest_can_cancel: bool
    customer_limits: list[CustomerLimitView]
    cancelled_bookings_count: bool
    no_show_grace_minutes: int
    reminders: dict[ReminderKind, list[Channel]]
    reminders_per_call_per_day: int
    reminders_per_recipient_per_hour: int
    reminders_per_app_per_hour: int
    allow_foreign_recipients: bool
    genesys_dispatch_minutes: int | None
    genesys_origins: list[str]
    reply_to: str | None
    language: str
    allowed_embed_origins: list[str]
    branding_name: str | None
    branding_color: str | None
    host_name: str | None
    guest_name: str | None
    record_on_start: bool
    preview_enabled: bool
    join_tokens: bool
    recording_days: int

    @classmethod
    def of(cls, found: PresetOfApp) -> Self:
        """The view of a preset."""
        return cls.of_fields(plain(found))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a preset as plain JSON."""
        return cls.model_validate({**fields["preset"], "active": fields["active"]})


class PresetData(Model):
    """`data` of an answer with one preset."""

    preset: PresetView


class PresetsData(Model):
    """`data` of an answer with an app's presets."""

    presets: list[PresetView]
