"""Requests for calls as they travel."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, model_validator

from slotline.domain.dialing.campaign_requests import INLINE, UPLOAD, CampaignRequest
from slotline.domain.dialing.csv_encodings import CsvEncoding
from slotline.domain.dialing.csv_tables import csv_bytes, csv_encoding, csv_rows
from slotline.domain.dialing.duplicates import DuplicatePolicy
from slotline.domain.dialing.own_metadata import (
    LONGEST_CUSTOM,
    LONGEST_CUSTOM_NAME,
    LONGEST_TAG,
    MOST_CUSTOM,
    MOST_TAGS,
    NO_METADATA,
    OwnMetadata,
)
from slotline.domain.dialing.planning import LONGEST_INTERVAL_MINUTES
from slotline.domain.dialing.retries import LONGEST_PERIOD_MINUTES, MOST_RETRIES, MOST_RULES
from slotline.domain.dialing.retry_rules import LONGEST_QUERY, RetryRule
from slotline.domain.dialing.rows import Row, Source, json_rows
from slotline.domain.dialing.use_cases import LONGEST_CALL_MINUTES
from slotline.domain.shared.errors import InvalidRequest
from slotline.http.core.fields import OneLine, WholeNumber, refused
from slotline.http.core.models import DialBody
from slotline.http.dialing.languages import DialLanguage
from slotline.http.dialing.shown_calls import OVERRIDES

_HANDLE = re.compile(r"upload:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_CALL = {
    "type": "object",
    "required": ["phone_number"],
    "properties": {
        "phone_number": {"type": "string"},
        "scheduled_date": {"type": "string", "format": "date"},
        "scheduled_time": {"type": "string", "description": "HH:MM or HH:MM:SS"},
        "timezone": {"type": "string", "description": "IANA; the use case's where it is left out"},
        "max_duration_mins": {"type": "integer", "minimum": 1, "maximum": LONGEST_CALL_MINUTES},
        "metadata": {
            "type": "object",
            "properties": {
                "tags": {"type": "array", "items": {"type": "string"}},
                "custom": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            "additionalProperties": False,
            "description": "What its sender wants to find again with the call; its tags come behind the request's own",
        },
    },
    "additionalProperties": {
        "anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}],
        "description": "A parameter of the use case",
    },
}
Calls = Annotated[
    list[Any],
    WithJsonSchema({"type": "array", "items": {"anyOf": [_CALL, {"type": "array", "items": _CALL}]}}),
]
Minutes = Annotated[WholeNumber, Field(ge=1, le=LONGEST_CALL_MINUTES)]
Retries = Annotated[WholeNumber, Field(ge=0, le=MOST_RETRIES)]
_MAX_RETRIES = (
    "3 if there are rules, else 0. If it is sent without rules, the default rule applies; the answer shows it"
)


class RetryRuleBody(DialBody):
    """After which outcomes a call is dialled again, and how soon."""

    query: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_QUERY)] = Field(
        description="A JMESPath condition over status, attempt, metadata and params, such as attempt < `3`; "
        "or statuses with commas"
    )
    retry_period: Annotated[WholeNumber, Field(ge=1, le=LONGEST_PERIOD_MINUTES)] = Field(description="Minutes")
    max_retry_per_day: Annotated[WholeNumber, Field(ge=1, le=MOST_RETRIES)] | None = None

    def to_rule(self) -> RetryRule:
        """What the core is asked."""
        return RetryRule(query=self.query, retry_period=self.retry_period, max_retry_per_day=self.max_retry_per_day)


class CustomMetadata(DialBody):
    """What its sender wants to find again with a call: tags, and texts by name. At most 16 KB."""

    tags: list[Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_TAG)]] = Field(
        default_factory=list, max_length=MOST_TAGS
    )
    custom: dict[
        Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CUSTOM_NAME)],
        Annotated[str, Field(strict=True, max_length=LONGEST_CUSTOM)],
    ] = Field(default_factory=dict, max_length=MOST_CUSTOM)

    def to_metadata(self) -> OwnMetadata:
        """What the core is asked."""
        return OwnMetadata(tags=tuple(dict.fromkeys(self.tags)), custom=self.custom)


class CampaignBody(DialBody):
    """The body of `POST dial/scheduled`. Calls come as `calls`, as `csv_file`, or as both."""

    assistant_id: OneLine | None = None
    voice_id: OneLine | None = None
    model: OneLine | None = None
    number_id: OneLine
    prompt_id: OneLine | None = None
    use_case_id: OneLine
    agent_id: OneLine | None = None
    model_id: OneLine | None = None
    csv_file: Annotated[str, Field(strict=True)] | None = Field(
        default=None, description="CSV text, a data: URI, or upload:{id} for a file that was uploaded"
    )
    csv_encoding: CsvEncoding | None = Field(
        default=None, description="Of an upload or a data: URI that is neither UTF-8 nor UTF-16, or does not say so"
    )
    calls: Calls | None = Field(default=None, description="Calls, or lists of calls")
    staggered_interval_minutes: Annotated[WholeNumber, Field(ge=0, le=LONGEST_INTERVAL_MINUTES)] | None = Field(
        default=None, description="How long after one call without its own time the next one goes out"
    )
    campaign_name: OneLine | None = None
    retry_logic: list[RetryRuleBody] | None = Field(default=None, max_length=MOST_RULES)
    language: DialLanguage | None = None
    max_duration_mins: Minutes | None = None
    max_retries: Retries | None = Field(default=None, description=_MAX_RETRIES)
    metadata: CustomMetadata | None = Field(
        default=None, description="Of every call, beside what its row says under metadata"
    )
    duplicates: DuplicatePolicy | None = Field(
        default=None,
        description="What becomes of a row whose number an earlier row has: keep (the default) dials it, too; "
        "skip leaves it out; refuse takes it for a bad row",
    )
    on_error: Literal["fail", "skip"] | None = Field(
        default=None, description="skip: take the good rows, and tell of the others"
    )

    def to_request(self, organization_id: str) -> CampaignRequest:
        """What the core is asked. Raises InvalidRequest for a handle that is none."""
        overrides = {name: getattr(self, name) for name in OVERRIDES}
        return CampaignRequest(
            organization_id=organization_id,
            use_case_id=self.use_case_id,
            number_id=self.number_id,
            name=self.campaign_name or "",
            staggered_interval_minutes=self.staggered_interval_minutes or 0,
            rules=tuple(rule.to_rule() for rule in self.retry_logic or ()),
            max_retries=self.max_retries,
            max_duration_mins=self.max_duration_mins,
            language=self.language,
            overrides={name: value for name, value in overrides.items() if value is not None},
            metadata=self.metadata.to_metadata() if self.metadata else NO_METADATA,
            duplicates=self.duplicates or DuplicatePolicy.KEEP,
            skips_bad_rows=self.on_error == "skip",
            upload_id=self._upload_id(),
            encoding=self.csv_encoding,
        )

    def rows(self) -> Iterator[Row]:
        """The rows that the body itself holds, `calls` first. Raises InvalidRequest for CSV that cannot be read."""
        content = csv_bytes(self.csv_file) if self.csv_file and not self._upload_id() else b""
        encoding = csv_encoding(self.csv_file or "", self.csv_encoding)
        table: Iterable[Row] = csv_rows([content], INLINE, encoding) if content else ()
        return chain(json_rows(self.calls or []), table)

    def _upload_id(self) -> str | None:
        if self.csv_file is None or not self.csv_file.startswith(UPLOAD):
            return None
        handle = _HANDLE.fullmatch(self.csv_file.strip())
        if not handle:
            message = "must be the csv_file that POST /api/v1/dial/uploads answered with"
            raise InvalidRequest.of_field("csv_file", message, "handle")
        return handle[1]


class OutboundBody(DialBody):
    """The body of `POST dial/outbound`: one call, as soon as its hours allow."""

    use_case_id: OneLine
    number_id: OneLine
    phone_number: Annotated[str, Field(strict=True, max_length=40)]
    params: dict[str, Any] = Field(default_factory=dict, description="Parameters of the use case")
    metadata: CustomMetadata = Field(default_factory=CustomMetadata)
    language: DialLanguage | None = None
    max_duration_mins: Minutes | None = None
    retry_logic: list[RetryRuleBody] | None = Field(default=None, max_length=MOST_RULES)
    max_retries: Retries | None = Field(default=None, description=_MAX_RETRIES)

    @model_validator(mode="after")
    def _params_are_params(self) -> Self:
        if "phone_number" in self.params or any(name.startswith(("scheduled_", "metadata")) for name in self.params):
            raise refused("params", "params must not be named as the columns of a call are")
        return self

    def to_request(self, organization_id: str) -> CampaignRequest:
        """What the core is asked."""
        return CampaignRequest(
            organization_id=organization_id,
            use_case_id=self.use_case_id,
            number_id=self.number_id,
            rules=tuple(rule.to_rule() for rule in self.retry_logic or ()),
            max_retries=self.max_retries,
            max_duration_mins=self.max_duration_mins,
            language=self.language,
            metadata=self.metadata.to_metadata(),
        )

    def row(self) -> Row:
        """The call as a row."""
        return Row(source=Source.CALLS, number=1, cells={**self.params, "phone_number": self.phone_number})
