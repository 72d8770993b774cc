"""Bodies that add or change a use case. In snake_case, as everything of dialing."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema

from slotline.domain.dialing.hooks import HIDDEN, Hook
from slotline.domain.dialing.use_cases import (
    LONGEST_CALL_MINUTES,
    MOST_CLOSED_DATES,
    AmdBehavior,
    ClassificationTag,
    DayWindow,
    Extraction,
    SampleLabel,
    UseCase,
)
from slotline.domain.dialing.written_times import date_of
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.names import check_name
from slotline.http.core.changes import SomethingToChange
from slotline.http.core.fields import (
    CustomerUrl,
    EndTime,
    Flag,
    Notes,
    OneLine,
    Phone,
    StartTime,
    WholeNumber,
    Zone,
    in_our_words,
    refused,
)
from slotline.http.core.models import DialBody, not_sent
from slotline.http.dialing.languages import DialLanguage, TextsByLanguage


def _date(value: Any) -> date:
    if not isinstance(value, str):
        raise refused("date", "must be text: a date such as 2027-12-25")
    try:
        return date_of(value, "closed_dates")
    except InvalidRequest as error:
        raise refused(error.details[0].code, error.details[0].message) from error


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Text = Annotated[str, Field(max_length=4_000, strict=True)]
Word = Annotated[str, Field(min_length=1, max_length=100, strict=True), AfterValidator(in_our_words(check_name))]
Minutes = Annotated[WholeNumber, Field(ge=1, le=LONGEST_CALL_MINUTES)]
Day = Annotated[
    date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date", "description": "2027-12-25"})
]
_KEPT = "Kept and shown; nothing acts on it yet"


class ExtractionBody(DialBody):
    """One thing that is read out of a conversation."""

    name: Word
    description: Text = ""
    type: Annotated[str, Field(strict=True, max_length=50)] = "string"
    example: Text = ""
    required: Flag = False


class TagBody(DialBody):
    """One tag that a conversation may be given."""

    name: Word
    description: Text = ""


class LabelBody(DialBody):
    """A label with its colour."""

    name: Word
    color: Annotated[str, Field(strict=True, max_length=50)] = "slate"


class HookHeaderBody(DialBody):
    """A header that a hook is sent with."""

    key: Word
    value: Annotated[
        Text, Field(description=f"Written only: it is shown as {HIDDEN}, which in the same hook keeps what is there")
    ]


class HookBody(DialBody):
    """An address that is told about calls."""

    url: CustomerUrl
    headers: list[HookHeaderBody] = Field(default_factory=list, max_length=20)


class DayWindowBody(DialBody):
    """From one time of a weekday to another."""

    start: StartTime
    end: EndTime


class UseCaseChanges(SomethingToChange, DialBody):
    """The body of `PATCH use-cases/{use_case_id}`: what is not sent stays. What need not be set may be null."""

    name: OneLine = Field(default_factory=not_sent)
    transfer_number: Phone | None = Field(default_factory=not_sent)
    extract_with_ai: list[ExtractionBody] = Field(default_factory=not_sent, max_length=100, description=_KEPT)
    classification_tags: list[TagBody] = Field(default_factory=not_sent, max_length=100, description=_KEPT)
    language: DialLanguage = Field(default_factory=not_sent, description="At first en-US")
    detailed_work_hours: dict[Weekday, Annotated[list[DayWindowBody], Field(max_length=24)]] = Field(
        default_factory=not_sent, description="Windows by weekday; a weekday that is not there is closed"
    )
    work_start: StartTime | None = Field(default_factory=not_sent)
    work_end: EndTime | None = Field(default_factory=not_sent)
    timezone: Zone = Field(default_factory=not_sent, description="IANA time zone of its hours; at first UTC")
    generic_after_hours_message: Notes | None = Field(default_factory=not_sent, description=_KEPT)
    enable_detailed_work_hours: Flag = Field(
        default_factory=not_sent, description="Whether they rule instead of work_start and work_end; at first false"
    )
    keywords: list[Word] = Field(default_factory=not_sent, max_length=200, description=_KEPT)
    hooks: list[HookBody] = Field(
        default_factory=not_sent,
        max_length=20,
        description="Kept, and shown without what headers say; nothing acts on it yet",
    )
    params: dict[str, Any] = Field(
        default_factory=not_sent,
        max_length=200,
        description="Free parameters. `message` is what is said: names in braces, such as `{first_name}`, "
        "are filled from the call's parameters, else from these",
    )
    amd: Flag = Field(default_factory=not_sent, description="Whether answering machines are detected; at first false")
    amd_behavior: AmdBehavior = Field(default_factory=not_sent, description="At first Hangup")
    amd_messages: TextsByLanguage = Field(
        default_factory=not_sent, max_length=100, description="What is left on answering machines, by language"
    )
    sample_labels: list[LabelBody] = Field(default_factory=not_sent, max_length=100, description=_KEPT)
    hidden: Flag = Field(default_factory=not_sent, description="Left out of lists; it dials like any other")
    evaluation_models: list[Word] = Field(default_factory=not_sent, max_length=50, description=_KEPT)
    max_duration_mins: Minutes = Field(default_factory=not_sent, description="Minutes; at first 10")
    recorded_message_inbound: Flag = Field(default_factory=not_sent, description=_KEPT)
    recorded_message_outbound: Flag = Field(
        default_factory=not_sent,
        description="Whether Twilio records its calls; nothing is announced yet. At first false",
    )
    show_original_caller_id: Flag = Field(default_factory=not_sent, description=_KEPT)
    disable_end_call_after_n_reminders: Flag = Field(default_factory=not_sent, description=_KEPT)
    model: OneLine | None = Field(default_factory=not_sent, description=_KEPT)
    callee_start: StartTime = Field(
        default_factory=not_sent, description="Nobody is called earlier on their own clock; at first 08:00"
    )
    callee_end: EndTime = Field(
        default_factory=not_sent, description="Nobody is called later on their own clock; at first 21:00"
    )

    closed_dates: list[Day] = Field(
        default_factory=not_sent,
        max_length=MOST_CLOSED_DATES,
        description="Days of timezone on which none of its calls goes out, whoever is called; at most 366",
    )

    def to_values(self) -> Mapping[str, Any]:
        """The attributes that were sent, as the core has them."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: _IN_THE_CORE.get(name, _as_it_is)(value) for name, value in sent.items()}


class NewUseCase(UseCaseChanges):
    """The body of `POST use-cases`. What is not sent has the product's default."""

    model_config = ConfigDict(
        json_schema_extra={
            "minProperties": 1,
            "examples": [{"name": "Kate", "timezone": "America/New_York", "work_start": "09:00", "work_end": "17:00"}],
        }
    )

    name: OneLine

    def to_use_case(self, organization_id: str) -> UseCase:
        """What the core is asked; the id is made there."""
        return UseCase(id="", organization_id=organization_id, **self.to_values())


def _as_it_is(value: Any) -> Any:
    return value


_IN_THE_CORE: Mapping[str, Any] = {
    "extract_with_ai": lambda rows: tuple(Extraction(**row.model_dump()) for row in rows),
    "classification_tags": lambda rows: tuple(ClassificationTag(**row.model_dump()) for row in rows),
    "detailed_work_hours": lambda days: {
        day: tuple(DayWindow(start=window.start, end=window.end) for window in windows) for day, windows in days.items()
    },
    "keywords": tuple,
    "hooks": lambda rows: tuple(
        Hook(url=row.url, headers=tuple((header.key, header.value) for header in row.headers)) for row in rows
    ),
    "sample_labels": lambda rows: tuple(SampleLabel(**row.model_dump()) for row in rows),
    "evaluation_models": tuple,
    "closed_dates": tuple,
}
