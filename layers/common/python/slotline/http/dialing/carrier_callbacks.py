"""What carriers ask of us: forms about one attempt, signed by whoever sends them."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from slotline.domain.shared.errors import BodyTooLarge, DomainError, InvalidRequest, NotFound
from slotline.http.core import problems
from slotline.http.core.urls import check_path

LARGEST_BODY = 32 * 1024
MOST_FIELDS = 200

Answer = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A form about one attempt. Nothing of it is true until its signature is found to be right.

    `host`: the one that the form was sent to. `query`: what is behind the address. Ours have none; what has one is
    signed with it.
    """

    host: str
    organization_id: str
    call_id: str
    attempt: int
    query: str = ""
    fields: Sequence[tuple[str, str]] = field(repr=False)
    signature: str = field(repr=False)

    @property
    def place(self) -> tuple[str, str, int]:
        """Whose attempt it is about, and which."""
        return self.organization_id, self.call_id, self.attempt

    @property
    def said(self) -> Mapping[str, str]:
        """The fields by name."""
        return dict(self.fields)


def read(event: Mapping[str, Any]) -> Callback:
    """The form of a payload 2.0 event. Raises NotFound, BodyTooLarge or InvalidRequest."""
    check_path(event)
    parts = event["pathParameters"]
    attempt = str(parts["attempt"])
    if not (attempt.isascii() and attempt.isdecimal() and len(attempt) <= 4):
        raise NotFound("There is nothing at this address.")
    return Callback(
        host=event["requestContext"]["domainName"],
        organization_id=parts["organizationId"],
        call_id=parts["callId"],
        attempt=int(attempt),
        query=event.get("rawQueryString", ""),
        fields=_fields(event),
        signature=event.get("headers", {}).get("x-twilio-signature", ""),
    )


def taken() -> Answer:
    """It was understood; there is nothing to say."""
    return {"statusCode": HTTPStatus.NO_CONTENT.value, "headers": {}, "body": ""}


def instructed(twiml: str) -> Answer:
    """What the carrier is to do."""
    headers = {"Content-Type": "text/xml; charset=utf-8", "Cache-Control": "no-store"}
    return {
        "statusCode": HTTPStatus.OK.value,
        "headers": headers,
        "body": f'<?xml version="1.0" encoding="UTF-8"?>{twiml}',
    }


def refused(error: DomainError, now: datetime) -> Answer:
    """The refusal, as the API has it everywhere."""
    return _answer(problems.answer_to(error, now))


def failed(now: datetime) -> Answer:
    """Our fault."""
    return _answer(problems.server_error(now))


def _answer(problem: problems.ProblemAnswer) -> Answer:
    return {
        "statusCode": problem.problem.status.value,
        "headers": {"Content-Type": "application/json", **problem.headers},
        "body": problem.body,
    }


def _fields(event: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    body = event.get("body") or ""
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge("The body is larger than any report of a carrier.")
    try:
        text = base64.b64decode(body).decode() if event.get("isBase64Encoded") else body
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except (ValueError, binascii.Error) as error:
        raise InvalidRequest("The body is no form.") from error
