"""A use case as it is named in a path, and as it is shown: by itself, and with every call that was created for it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler.openapi.params import Path
from pydantic import Field

from slotline.domain.dialing.hooks import HIDDEN
from slotline.domain.dialing.placeholders import defaults_of, texts_of, unfilled
from slotline.domain.dialing.use_cases import AmdBehavior, UseCase
from slotline.domain.shared.plain_json import plain
from slotline.http.core.models import Model, Moment
from slotline.http.core.paging import AskedCounted

UseCaseInPath = Annotated[str, Path(description="The use case")]


class AskedUseCases(AskedCounted):
    """The query of `GET use-cases`."""

    hidden: Annotated[bool, Field(description="true: with those that are hidden")] = False


class ExtractionView(Model):
    """One thing that is read out of a conversation."""

    name: str
    description: str
    type: str
    example: str
    required: bool


class TagView(Model):
    """A tag."""

    name: str
    description: str


class LabelView(Model):
    """A label."""

    name: str
    color: str


class HookHeaderView(Model):
    """A header."""

    key: str
    value: str = Field(description=f"Never the value itself, but {HIDDEN}")


class HookView(Model):
    """An address that is told about calls."""

    url: str
    headers: list[HookHeaderView]


class DayWindowView(Model):
    """A window of a weekday."""

    start: str
    end: str


class UseCaseOfCall(Model):
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
        """The view of a use case as plain JSON. What a hook's headers say is shown to nobody."""
        hooks = [
            {"url": hook["url"], "headers": [{"key": name, "value": HIDDEN} for name, _ in hook["headers"]]}
            for hook in fields["hooks"]
        ]
        return cls.model_validate({**fields, "hooks": hooks})


class UseCaseView(UseCaseOfCall):
    """A use case, with what the product adds: the hours of callees, closed dates, and when it last changed."""

    callee_start: str
    callee_end: str
    closed_dates: list[str]
    created_at: Moment | None
    updated_at: Moment | None
    unfilled_placeholders: list[str] = Field(
        description="Names in braces in what it says that its own params do not fill: each call's parameters must"
    )

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """The view of a use case as plain JSON."""
        says = UseCase(
            **{name: fields[name] for name in ("id", "organization_id", "name", "params", "amd", "amd_messages")},
            amd_behavior=AmdBehavior(fields["amd_behavior"]),
        )
        return super().of_fields({**fields, "unfilled_placeholders": unfilled(texts_of(says), defaults_of(says))})


class UseCaseData(Model):
    """`data` of an answer with one use case."""

    use_case: UseCaseView


class UseCasesData(Model):
    """`data` of an answer with use cases."""

    use_cases: list[UseCaseView]
