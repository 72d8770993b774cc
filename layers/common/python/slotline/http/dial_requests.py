"""Requests for calls as they travel, and the answer: exactly what is documented, for one call and for ten thousand."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from itertools import chain
from typing import Annotated, Any, Literal, Self

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, Field, WithJsonSchema, model_validator

from slotline.domain.dial_campaigns import INLINE, LARGEST_UPLOAD, UPLOAD, CampaignRequest, Invitation
from slotline.domain.dial_csv import csv_bytes, csv_rows
from slotline.domain.dial_plan import LONGEST_INTERVAL_MINUTES, Preflight
from slotline.domain.dial_retries import LONGEST_PERIOD_MINUTES, LONGEST_QUERY, MOST_RETRIES, MOST_RULES
from slotline.domain.dial_rows import Row, Source, json_rows
from slotline.domain.dialing import LONGEST_CALL_MINUTES, DialCall, RetryRule, UseCase
from slotline.domain.errors import Detail, InvalidRequest
from slotline.domain.instants import format_instant
from slotline.http.dial_settings import UseCaseOfCall
from slotline.http.dial_views import CallMetadata, RowFault
from slotline.http.fields import Language, Line, WholeNumber, refused
from slotline.http.models import DialBody, Moment

LARGEST_ANSWER = 4_500_000
"""Bytes of an answer that is not compressed; Lambda carries 6 MB."""
COMPRESSED_FROM = 1_000_000
OVERRIDES = ("assistant_id", "voice_id", "model", "prompt_id", "agent_id", "model_id")

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


class RetryRuleBody(DialBody):
    """After which outcomes a call is dialled again, and how soon."""

    query: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_QUERY)] = Field(
        description="A JMESPath condition over status, attempt, metadata and params; or statuses with commas"
    )
    retry_period: Annotated[WholeNumber, Field(ge=1, le=LONGEST_PERIOD_MINUTES)] = Field(description="Minutes")
    max_retry_per_day: Annotated[WholeNumber, Field(ge=1, le=MOST_RETRIES)] | None = None

    def to_rule(self) -> RetryRule:
        """What the core is asked."""
        return RetryRule(query=self.query, retry_period=self.retry_period, max_retry_per_day=self.max_retry_per_day)


class CampaignBody(DialBody):
    """The body of `POST dial/scheduled`. Calls come as `calls`, as `csv_file`, or as both."""

    assistant_id: Line | None = None
    voice_id: Line | None = None
    model: Line | None = None
    number_id: Line
    prompt_id: Line | None = None
    use_case_id: Line
    agent_id: Line | None = None
    model_id: Line | None = None
    csv_file: Annotated[str, Field(strict=True)] | None = Field(
        default=None, description="CSV text, a data: URI, or upload:{id} for a file that was uploaded"
    )
    calls: Calls | None = Field(default=None, description="Calls, or lists of calls")
    staggered_interval_minutes: Annotated[WholeNumber, Field(ge=0, le=LONGEST_INTERVAL_MINUTES)] | None = Field(
        default=None, description="How long after one call without its own time the next one goes out"
    )
    campaign_name: Line | None = None
    retry_logic: list[RetryRuleBody] | None = Field(default=None, max_length=MOST_RULES)
    language: Language | None = None
    max_duration_mins: Minutes | None = None
    max_retries: Retries | None = Field(default=None, description="3 where there are rules, else 0")
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
            skips_bad_rows=self.on_error == "skip",
            upload_id=self._upload_id(),
        )

    def rows(self) -> Iterator[Row]:
        """The rows that the body itself holds, `calls` first. Raises InvalidRequest for CSV that cannot be read."""
        content = csv_bytes(self.csv_file) if self.csv_file and not self._upload_id() else b""
        table: Iterable[Row] = csv_rows([content], INLINE) if content else ()
        return chain(json_rows(self.calls or []), table)

    def _upload_id(self) -> str | None:
        if self.csv_file is None or not self.csv_file.startswith(UPLOAD):
            return None
        handle = _HANDLE.fullmatch(self.csv_file.strip())
        if not handle:
            message = "must be the csv_file that POST /api/v1/dial/uploads answered with"
            raise InvalidRequest.of_field("csv_file", message, "handle")
        return handle[1]


class PreflightBody(CampaignBody):
    """The body of `POST dial/preflight`: what `POST dial/scheduled` would be sent."""

    typical_call_seconds: Annotated[WholeNumber, Field(ge=1, le=LONGEST_CALL_MINUTES * 60)] = Field(
        default=120, description="How long a call is taken to last"
    )


class CustomMetadata(DialBody):
    """What a caller wants to find again with its call."""

    tags: list[Annotated[str, Field(strict=True, max_length=100)]] = Field(default_factory=list, max_length=50)
    custom: dict[str, Annotated[str, Field(strict=True, max_length=1_000)]] = Field(default_factory=dict, max_length=50)


class OutboundBody(DialBody):
    """The body of `POST dial/outbound`: one call, as soon as its hours allow."""

    use_case_id: Line
    number_id: Line
    phone_number: Annotated[str, Field(strict=True, max_length=40)]
    params: dict[str, Any] = Field(default_factory=dict, description="Parameters of the use case")
    metadata: CustomMetadata = Field(default_factory=CustomMetadata)
    language: Language | None = None
    max_duration_mins: Minutes | None = None
    retry_logic: list[RetryRuleBody] | None = Field(default=None, max_length=MOST_RULES)
    max_retries: Retries | None = None

    @model_validator(mode="after")
    def _params_are_params(self) -> Self:
        if "phone_number" in self.params or any(name.startswith("scheduled_") for name in self.params):
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
        )

    def row(self) -> Row:
        """The call as a row."""
        return Row(source=Source.CALLS, number=1, cells={**self.params, "phone_number": self.phone_number})


class UploadBody(DialBody):
    """The body of `POST dial/uploads`."""

    size: Annotated[WholeNumber, Field(ge=1, le=LARGEST_UPLOAD)] = Field(description="Bytes of the file, exactly")


class UploadView(BaseModel):
    """Where a file is put: one PUT of the whole file with these headers. Then `csv_file` names it."""

    csv_file: str
    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]
    expires_at: Moment

    @classmethod
    def of(cls, upload_id: str, invitation: Invitation) -> Self:
        """The view of an invitation."""
        return cls(
            csv_file=UPLOAD + upload_id,
            url=invitation.url,
            headers=dict(invitation.headers),
            expires_at=format_instant(invitation.expires_at),
        )


class CreatedCall(BaseModel):
    """A call that was created."""

    id: str
    organization_id: str
    metadata: CallMetadata
    use_case: UseCaseOfCall
    params: dict[str, Any]
    created: str = Field(description="UTC, to the second: 2024-01-01T01:01:01Z")


class CreatedCalls(BaseModel):
    """The calls that were created, in the order of the request.

    `total`: how many they are. Where they are too many for one answer, `createdCalls` has the first, and `next` is
    where all of them are listed; send `Accept-Encoding: gzip` to get them all. `refused` rows were left out, with
    `errors`.
    """

    createdCalls: list[CreatedCall]  # noqa: N815 - the documented name
    campaign_id: str | None
    total: int
    next: str | None
    refused: int
    errors: list[RowFault]


class Repeat(BaseModel):
    """A number that comes more than once, with the positions of its calls, counted from 1."""

    phone_number: str
    positions: list[int]


class PlannedStart(BaseModel):
    """When a call would go out. `starts_at` is null where it would not within a year."""

    position: int
    phone_number: str
    asked_at: Moment
    starts_at: Moment | None


class PreflightView(BaseModel):
    """What a campaign would be like. `planned` has the first thousand calls."""

    calls: int
    refused: int
    errors: list[RowFault]
    repeats: list[Repeat]
    late: int
    first_at: Moment | None
    last_at: Moment | None
    ends_at: Moment | None
    takes_minutes: float
    planned: list[PlannedStart]

    @classmethod
    def of(cls, found: Preflight, calls: Sequence[Any], refused_rows: int, faults: Sequence[Detail]) -> Self:
        """The view of a preflight. `calls`: the planned ones, in order."""
        starts = zip(calls[:1_000], found.starts, strict=False)
        return cls(
            calls=found.calls,
            refused=refused_rows,
            errors=[RowFault.of(fault) for fault in faults],
            repeats=[
                Repeat(phone_number=number, positions=[place + 1 for place in places])
                for number, places in found.repeats.items()
            ][:1_000],
            late=found.late,
            first_at=_moment(found.first_at),
            last_at=_moment(found.last_at),
            ends_at=_moment(found.ends_at),
            takes_minutes=round(found.takes.total_seconds() / 60, 1),
            planned=[
                PlannedStart(
                    position=position,
                    phone_number=call.request.phone_number,
                    asked_at=format_instant(call.asked_at),
                    starts_at=_moment(at),
                )
                for position, (call, at) in enumerate(starts, start=1)
            ],
        )


def created_calls(
    calls: Sequence[DialCall],
    use_case: UseCase,
    *,
    campaign_id: str | None,
    refused_rows: int = 0,
    faults: Sequence[Detail] = (),
    compresses: bool = False,
    replayed: bool = False,
) -> Response[str]:
    """200 with the calls, as many as the answer carries: where the client takes gzip, all of them."""
    shown_use_case = UseCaseOfCall.of(use_case).model_dump()
    texts: list[str] = []
    size = 0
    for call in calls:
        text = json.dumps(_created_call(call, shown_use_case))
        size += len(text) + 2
        if size > LARGEST_ANSWER and not compresses:
            break
        texts.append(text)
    rest = {
        "campaign_id": campaign_id,
        "total": len(calls),
        "next": f"/api/v1/calls?campaign_id={campaign_id}" if len(texts) < len(calls) else None,
        "refused": refused_rows,
        "errors": [RowFault.of(fault).model_dump() for fault in faults],
    }
    return Response(
        status_code=HTTPStatus.OK.value,
        content_type="application/json",
        body=f'{{"createdCalls": [{", ".join(texts)}], {json.dumps(rest)[1:]}',
        headers={"Idempotency-Replayed": "true"} if replayed else {},
        compress=size > COMPRESSED_FROM,
    )


def flat(data: BaseModel, status: HTTPStatus = HTTPStatus.OK, *, replayed: bool = False) -> Response[str]:
    """An answer without an envelope, as the dial endpoints give it."""
    return Response(
        status_code=status.value,
        content_type="application/json",
        body=data.model_dump_json(by_alias=True),
        headers={"Idempotency-Replayed": "true"} if replayed else {},
    )


def takes_gzip(event: Mapping[str, Any]) -> bool:
    """Whether the client says that it can read a compressed answer."""
    return "gzip" in str((event.get("headers") or {}).get("accept-encoding", ""))


def _created_call(call: DialCall, use_case: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": call.id,
        "organization_id": call.organization_id,
        "metadata": {
            "call_sid": call.carrier_call_id,
            "from": call.metadata.get("from"),
            "to": call.e164,
            "recording_sid": None,
            "tags": call.metadata.get("tags", []),
            "custom": call.metadata.get("custom", {}),
        },
        "use_case": use_case,
        "params": call.params,
        "created": f"{call.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def _moment(at: datetime | None) -> str | None:
    return format_instant(at) if at else None
