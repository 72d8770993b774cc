"""The answer with the calls that were created: exactly what is documented, for one call and for ten thousand."""

import json
import zlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import Field

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.duplicates import NO_DUPLICATES, Duplicates
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import Detail
from slotline.http.core.carried import LARGEST_ENCODED, carried
from slotline.http.core.models import Model
from slotline.http.dialing.use_case_views import UseCaseOfCall
from slotline.http.dialing.views import (
    UNFILLED,
    WARNINGS,
    CallMetadata,
    DuplicateView,
    RetryRuleView,
    RowFault,
    Warned,
)

LARGEST_ANSWER = 4_500_000
"""Bytes, as Lambda counts them, of the calls in an answer that is not compressed."""
LARGEST_COMPRESSED = LARGEST_ENCODED - 500_000
"""Bytes of the calls in one that is. What is behind them takes less than the rest, and so does what zlib holds back."""
LARGEST_UNPACKED = 64_000_000
"""Bytes of one that is, before it is: a function has so much memory."""
COMPRESSED_FROM = 1_000_000


class CreatedCall(Model):
    """A call that was created."""

    id: str
    organization_id: str
    metadata: CallMetadata
    use_case: UseCaseOfCall
    params: dict[str, Any]
    created: str = Field(description="UTC, to the second: 2024-01-01T01:01:01Z")


class CreatedCalls(Model):
    """The calls that were created, in the order of the request.

    `total`: how many they are. Where they are too many for one answer, `createdCalls` has the first, and `next` is
    where all of them are listed; send `Accept-Encoding: gzip` to get them all. `refused` rows were left out, with
    `errors`. `retry_logic` and `max_retries` are the rules that all of them follow, the default one included.
    """

    createdCalls: list[CreatedCall]  # noqa: N815 - the documented name
    campaign_id: str | None
    total: int
    next: str | None
    refused: int
    errors: list[RowFault]
    duplicates: list[DuplicateView] = Field(description="Numbers that come more than once, up to 50 of them")
    total_duplicates: int
    retry_logic: list[RetryRuleView]
    max_retries: int
    unfilled_placeholders: list[str] = Field(description=UNFILLED)
    warnings: list[Warned] = Field(description=WARNINGS)


def created_calls(
    calls: Sequence[DialCall],
    use_case: UseCase,
    *,
    campaign_id: str | None,
    rules: Sequence[RetryRule],
    max_retries: int,
    unfilled: Sequence[str],
    warnings: Sequence[Detail],
    refused_rows: int = 0,
    faults: Sequence[Detail] = (),
    duplicates: Duplicates = NO_DUPLICATES,
    compresses: bool = False,
    replayed: bool = False,
) -> Response[str]:
    """200 with the calls, as many as the answer carries: where the client takes gzip, all of them."""
    shown_use_case = json.dumps(UseCaseOfCall.of(use_case).model_dump())  # written once, and shown in every call
    room = _Room(compresses=compresses)
    texts: list[str] = []
    for call in calls:
        text = _created_call(call, shown_use_case)
        if not room.takes(text):
            break
        texts.append(text)
    rest = {
        "campaign_id": campaign_id,
        "total": len(calls),
        "next": f"/api/v1/calls?campaign_id={campaign_id}" if len(texts) < len(calls) else None,
        "refused": refused_rows,
        "errors": [RowFault.of(fault).model_dump() for fault in faults],
        "duplicates": [DuplicateView.of(found).model_dump() for found in duplicates.listed],
        "total_duplicates": duplicates.total,
        "retry_logic": [RetryRuleView.of(rule).model_dump() for rule in rules],
        "max_retries": max_retries,
        "unfilled_placeholders": list(unfilled),
        "warnings": [Warned.of(warning).model_dump() for warning in warnings],
    }
    return Response(
        status_code=HTTPStatus.OK.value,
        content_type="application/json",
        body=f'{{"createdCalls": [{", ".join(texts)}], {json.dumps(rest)[1:]}',
        headers={"Idempotency-Replayed": "true"} if replayed else {},
        compress=room.carried > COMPRESSED_FROM,
    )


class _Room:
    """What an answer still takes. Compressed it takes more; how much more depends on what it holds."""

    def __init__(self, *, compresses: bool) -> None:
        # The quickest level says how small it becomes at least. The answer is packed once it is whole.
        self._packer = zlib.compressobj(level=1) if compresses else None
        self._packed = self._unpacked = self.carried = 0

    def takes(self, text: str) -> bool:
        """Whether this text fits behind what is there. It is there from now on."""
        self.carried += carried(text)
        if self._packer is None:
            return self.carried <= LARGEST_ANSWER
        self._unpacked += len(text)
        self._packed += len(self._packer.compress(text.encode()))
        return self._packed <= LARGEST_COMPRESSED and self._unpacked <= LARGEST_UNPACKED


def _created_call(call: DialCall, use_case: str) -> str:
    """The JSON of a `CreatedCall`. `use_case`: that of its use case."""
    about = {
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
    }
    rest = {"params": call.params, "created": f"{call.created_at:%Y-%m-%dT%H:%M:%SZ}"}
    return f'{json.dumps(about)[:-1]}, "use_case": {use_case}, {json.dumps(rest)[1:]}'
