"""A call to be dialled, a campaign, and what is wrong with a row, as answers show them."""

from typing import Any, Self

from pydantic import Field

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.duplicates import Duplicate
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.errors import Detail
from slotline.http.core.models import Model, Moment
from slotline.http.dialing.shown_calls import shown_campaign, shown_dial_call

WARNINGS = "Retry rules that hold for none of these calls"
UNFILLED = "Names in braces in what is said that nothing fills: they are left out"


class CallMetadata(Model):
    """What is known of a call beside its parameters. `call_sid` is the carrier's id of its last attempt."""

    call_sid: str | None
    from_: str = Field(alias="from")
    to: str
    recording_sid: str | None
    tags: list[str]
    custom: dict[str, str]


class DialCallView(Model):
    """A call to be dialled, or that was. `due_at`: when it acts next; null once it is over."""

    id: str
    organization_id: str
    campaign_id: str | None
    use_case_id: str
    number_id: str
    status: DialStatus
    reason: str | None
    phone_number: str
    metadata: CallMetadata
    params: dict[str, Any]
    language: str | None
    max_duration_mins: int
    attempts: int
    scheduled_at: Moment
    due_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, call: DialCall) -> Self:
        """The view of a call."""
        return cls.model_validate(shown_dial_call(call))


class RetryRuleView(Model):
    """After which outcomes a call is dialled again, and how soon."""

    query: str
    retry_period: int
    max_retry_per_day: int | None

    @classmethod
    def of(cls, rule: RetryRule) -> Self:
        """The view of a rule."""
        return cls(query=rule.query, retry_period=rule.retry_period, max_retry_per_day=rule.max_retry_per_day)


class OwnMetadataView(Model):
    """What its sender wants to find again with every call of a campaign."""

    tags: list[str]
    custom: dict[str, str]


class CampaignView(Model):
    """A campaign. `reason`: why it is paused, if nobody asked for that: `number_not_granted`."""

    id: str
    organization_id: str
    name: str
    state: str
    reason: str | None
    use_case_id: str
    number_id: str
    staggered_interval_minutes: int
    retry_logic: list[RetryRuleView]
    max_retries: int
    max_duration_mins: int | None
    language: str | None
    assistant_id: str | None
    voice_id: str | None
    model: str | None
    prompt_id: str | None
    agent_id: str | None
    model_id: str | None
    metadata: OwnMetadataView
    duplicates: str
    revision: int
    first_at: Moment | None
    last_at: Moment | None
    created_at: Moment
    updated_at: Moment

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """The view of a campaign."""
        return cls.model_validate(shown_campaign(campaign))


class Warned(Model):
    """What may not be as its sender means it, and is taken all the same."""

    field: str | None
    code: str
    message: str

    @classmethod
    def of(cls, detail: Detail) -> Self:
        """The view of a warning."""
        return cls(field=detail.field, code=detail.code, message=detail.message)


class RowFault(Model):
    """What is wrong with a row. `row` counts from 1 in `calls`; in a CSV file the header is row 1."""

    source: str | None
    row: int | None
    field: str | None
    code: str
    message: str

    @classmethod
    def of(cls, detail: Detail) -> Self:
        """The view of a fault."""
        return cls(
            source=_text_or_none(detail.extra.get("source")),
            row=row if isinstance(row := detail.extra.get("row"), int) else None,
            field=detail.field,
            code=detail.code,
            message=detail.message,
        )


class DuplicateView(Model):
    """A number that comes more than once: `times` times, and the first rows that have it, each with its source."""

    phone_number: str
    times: int
    rows: list[int]
    sources: list[str]

    @classmethod
    def of(cls, found: Duplicate) -> Self:
        """The view of a duplicate."""
        return cls(
            phone_number=found.e164,
            times=found.times,
            rows=[place.row for place in found.rows],
            sources=[place.source.value for place in found.rows],
        )


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
