"""Use cases, numbers and the do-not-call list as they travel: in snake_case, as everything of dialing."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import BaseModel, ConfigDict, Field, model_validator

from slotline.domain.dialing import (
    FASTEST,
    LONGEST_CALL_MINUTES,
    MOST_LINES,
    AmdBehavior,
    BarredNumber,
    CarrierName,
    ClassificationTag,
    DayWindow,
    Extraction,
    Hook,
    Number,
    SampleLabel,
    UseCase,
)
from slotline.domain.phones import to_e164
from slotline.domain.snapshots import plain
from slotline.http.fields import (
    EndTime,
    Flag,
    Language,
    Line,
    Notes,
    Phone,
    Reason,
    StartTime,
    WholeNumber,
    Zone,
    refused,
)
from slotline.http.models import DialBody, Moment, unsaid

MOST_LISTED = 1_000
"""Numbers of one request to the do-not-call list."""

UseCaseInPath = Annotated[str, Path(description="The use case")]
NumberInPath = Annotated[str, Path(description="The number to call from")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Text = Annotated[str, Field(max_length=4_000, strict=True)]
Word = Annotated[str, Field(min_length=1, max_length=100, strict=True)]
Minutes = Annotated[WholeNumber, Field(ge=1, le=LONGEST_CALL_MINUTES)]
Url = Annotated[str, Field(strict=True, max_length=2_000, pattern=r"^https?://[^\s]+$")]
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
    value: Text


class HookBody(DialBody):
    """An address that is told about calls."""

    url: Url
    headers: list[HookHeaderBody] = Field(default_factory=list, max_length=20)


class DayWindowBody(DialBody):
    """From one time of a weekday to another."""

    start: StartTime
    end: EndTime


class UseCaseChanges(DialBody):
    """The body of `PATCH use-cases/{use_case_id}`: what is not sent stays. What need not be set may be null."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Line = Field(default_factory=unsaid)
    transfer_number: Phone | None = Field(default_factory=unsaid)
    extract_with_ai: list[ExtractionBody] = Field(default_factory=unsaid, max_length=100, description=_KEPT)
    classification_tags: list[TagBody] = Field(default_factory=unsaid, max_length=100, description=_KEPT)
    language: Language = Field(default_factory=unsaid, description="At first en-US")
    detailed_work_hours: dict[Weekday, Annotated[list[DayWindowBody], Field(max_length=24)]] = Field(
        default_factory=unsaid, description="Windows by weekday; a weekday that is not there is closed"
    )
    work_start: StartTime | None = Field(default_factory=unsaid)
    work_end: EndTime | None = Field(default_factory=unsaid)
    timezone: Zone = Field(default_factory=unsaid, description="IANA time zone of its hours; at first UTC")
    generic_after_hours_message: Notes | None = Field(default_factory=unsaid, description=_KEPT)
    enable_detailed_work_hours: Flag = Field(
        default_factory=unsaid, description="Whether they rule instead of work_start and work_end; at first false"
    )
    keywords: list[Word] = Field(default_factory=unsaid, max_length=200, description=_KEPT)
    hooks: list[HookBody] = Field(default_factory=unsaid, max_length=20, description=_KEPT)
    params: dict[str, Any] = Field(default_factory=unsaid, max_length=200, description="Free parameters")
    amd: Flag = Field(default_factory=unsaid, description="Whether answering machines are detected; at first false")
    amd_behavior: AmdBehavior = Field(default_factory=unsaid, description="At first Hangup")
    amd_messages: dict[Language, Notes] = Field(
        default_factory=unsaid, max_length=100, description="What is left on answering machines, by language"
    )
    sample_labels: list[LabelBody] = Field(default_factory=unsaid, max_length=100, description=_KEPT)
    hidden: Flag = Field(default_factory=unsaid)
    evaluation_models: list[Word] = Field(default_factory=unsaid, max_length=50, description=_KEPT)
    max_duration_mins: Minutes = Field(default_factory=unsaid, description="Minutes; at first 10")
    recorded_message_inbound: Flag = Field(default_factory=unsaid, description=_KEPT)
    recorded_message_outbound: Flag = Field(default_factory=unsaid, description=_KEPT)
    show_original_caller_id: Flag = Field(default_factory=unsaid, description=_KEPT)
    disable_end_call_after_n_reminders: Flag = Field(default_factory=unsaid, description=_KEPT)
    model: Line | None = Field(default_factory=unsaid, description=_KEPT)
    callee_start: StartTime = Field(
        default_factory=unsaid, description="Nobody is called earlier on their own clock; at first 08:00"
    )
    callee_end: EndTime = Field(
        default_factory=unsaid, description="Nobody is called later on their own clock; at first 21:00"
    )

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set:
            raise refused("nothing_to_change", "at least one field is required")
        return self

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

    name: Line

    def to_use_case(self, organization_id: str) -> UseCase:
        """What the core is asked; the id is made there."""
        return UseCase(id="", organization_id=organization_id, **self.to_values())


class ExtractionView(BaseModel):
    """One thing that is read out of a conversation."""

    name: str
    description: str
    type: str
    example: str
    required: bool


class TagView(BaseModel):
    """A tag."""

    name: str
    description: str


class LabelView(BaseModel):
    """A label."""

    name: str
    color: str


class HookHeaderView(BaseModel):
    """A header."""

    key: str
    value: str


class HookView(BaseModel):
    """An address that is told about calls."""

    url: str
    headers: list[HookHeaderView]


class DayWindowView(BaseModel):
    """A window of a weekday."""

    start: str
    end: str


class UseCaseOfCall(BaseModel):
    """A use case as every call shows it."""

    id: str
    organization_id: str
    name: str
    transfer_number: str | None
    extract_with_ai: list[ExtractionView]
    classification_tags: list[TagView]
    language: str
    detailed_work_hours: dict[str, list[DayWindowView]]
    work_start: str | None
    work_end: str | None
    timezone: str
    generic_after_hours_message: str | None
    enable_detailed_work_hours: bool
    keywords: list[str]
    hooks: list[HookView]
    params: dict[str, Any]
    amd: bool
    amd_behavior: str
    amd_messages: dict[str, str]
    sample_labels: list[LabelView]
    hidden: bool
    evaluation_models: list[str]
    max_duration_mins: int
    recorded_message_inbound: bool
    recorded_message_outbound: bool
    show_original_caller_id: bool
    disable_end_call_after_n_reminders: bool
    model: str | None

    @classmethod
    def of(cls, use_case: UseCase) -> Self:
        """The view of a use case."""
        return cls.of_fields(plain(use_case))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a use case as plain JSON."""
        hooks = [
            {"url": hook["url"], "headers": [{"key": name, "value": value} for name, value in hook["headers"]]}
            for hook in fields["hooks"]
        ]
        return cls.model_validate({**fields, "hooks": hooks})


class UseCaseView(UseCaseOfCall):
    """A use case, with what the product adds: the hours of those who are called, and when it last changed."""

    callee_start: str
    callee_end: str
    created_at: Moment | None
    updated_at: Moment | None


class UseCaseData(BaseModel):
    """`data` of an answer with one use case."""

    use_case: UseCaseView


class UseCasesData(BaseModel):
    """`data` of an answer with use cases."""

    use_cases: list[UseCaseView]


class NumberChanges(DialBody):
    """The body of `PATCH numbers/{number_id}`: what is not sent stays."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    name: Line | None = Field(default_factory=unsaid)
    calls_per_second: Annotated[WholeNumber, Field(ge=1, le=FASTEST)] = Field(
        default_factory=unsaid, description="How many calls it may start a second; at first 1"
    )
    lines: Annotated[WholeNumber, Field(ge=1, le=MOST_LINES)] = Field(
        default_factory=unsaid, description="How many calls it may hold at once; at first 10"
    )

    @model_validator(mode="after")
    def _something_to_change(self) -> Self:
        if not self.model_fields_set:
            raise refused("nothing_to_change", "at least one field is required")
        return self

    def to_values(self) -> Mapping[str, Any]:
        """The attributes that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class NewNumber(NumberChanges):
    """The body of `POST numbers`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"phone_number": "+12025550100", "carrier": "twilio", "name": "Sales"}]}
    )

    phone_number: Phone
    carrier: Literal["twilio", "connect"] = Field(description="Who places its calls")

    def to_number(self, organization_id: str) -> Number:
        """What the core is asked; the id is made there."""
        e164 = to_e164(self.phone_number, "phone_number")
        values = {**self.to_values(), "phone_number": e164, "carrier": CarrierName(self.carrier)}
        return Number(id="", organization_id=organization_id, **values)


class NumberView(BaseModel):
    """A number to call from."""

    id: str
    organization_id: str
    phone_number: str
    carrier: str
    name: str | None
    calls_per_second: int
    lines: int
    created_at: Moment | None
    updated_at: Moment | None

    @classmethod
    def of(cls, number: Number) -> Self:
        """The view of a number."""
        return cls.of_fields(plain(number))

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a number as plain JSON."""
        return cls.model_validate(fields)


class NumberData(BaseModel):
    """`data` of an answer with one number."""

    number: NumberView


class NumbersData(BaseModel):
    """`data` of an answer with numbers."""

    numbers: list[NumberView]


class NotToBeCalled(DialBody):
    """The body of `POST do-not-call`: one number, or many."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"phone_number": "+573005550100", "reason": "asked"}]})

    phone_number: Phone | None = None
    phone_numbers: list[Phone] = Field(default_factory=list, max_length=MOST_LISTED)
    reason: Reason | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.phone_number is None) == (not self.phone_numbers):
            raise refused("required", "either phone_number or phone_numbers is required")
        return self

    def to_numbers(self) -> list[str]:
        """The numbers in E.164."""
        given = self.phone_numbers or [self.phone_number or ""]
        return [to_e164(number, "phone_number") for number in given]


class BarredNumberView(BaseModel):
    """A number that is not called."""

    phone_number: str
    reason: str | None
    listed_at: Moment

    @classmethod
    def of(cls, number: BarredNumber) -> Self:
        """The view of a number."""
        fields = plain(number)
        return cls(phone_number=fields["e164"], reason=fields["reason"], listed_at=fields["listed_at"])


class ListedData(BaseModel):
    """`data` of the answer to numbers that were put on the list."""

    listed: int


class BarredNumberData(BaseModel):
    """`data` of the answer to a number that was taken off the list."""

    phone_number: str


class BarredNumbersData(BaseModel):
    """`data` of an answer with the list."""

    numbers: list[BarredNumberView]


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
}
