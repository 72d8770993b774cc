"""What the OpenAPI document says of an operation's answers."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from slotline.http.core.models import Model

_ALWAYS = (400, 401, 403, 429, 500, 503)
_MEANING = {
    400: "`invalid_request`: something in the request is missing or wrong; every bad field is listed",
    401: "`unauthorized`: no access token, or one that is not valid",
    403: "`forbidden`: not this scope, not this app, or switched off on the preset",
    404: "`app_not_found` or `not_found`",
    409: "`conflict`: the time or the call's state stands against it; `details[0].code` says which",
    413: "`invalid_request`: the body is too large",
    415: "`invalid_request`: the body is not JSON",
    422: "`idempotency_mismatch`: the Idempotency-Key was used with another body",
    429: "`rate_limit_exceeded`: the client's limit, or the customer's; try again after `Retry-After` seconds",
    500: "`server_error`",
    503: "`unavailable`: try again after `Retry-After` seconds",
}


class ChallengeView(Model):
    """What `WWW-Authenticate` says: the scheme, and its parameters under their own names."""

    model_config = ConfigDict(extra="allow")

    scheme: str
    realm: str
    error: str | None = Field(default=None, description="RFC 6750 §3.1: `invalid_token` or `insufficient_scope`")
    scope: str | None = Field(default=None, description="The scope that the request needs, if it is that which lacks")


class ErrorDetail(Model):
    """One thing that was wrong. `challenge`: with a 401, and with a 403 for want of a scope."""

    model_config = ConfigDict(extra="allow")

    field: str | None = None
    message: str
    code: str
    challenge: ChallengeView | None = None


class ErrorContent(Model):
    """What went wrong."""

    type: str
    message: str
    timestamp: str
    details: list[ErrorDetail] = Field(description="The first 50")
    total_details: int = Field(default_factory=lambda said: len(said["details"]), description="How many there are")


class ErrorAnswer(Model):
    """Every answer that is not a success."""

    error: ErrorContent


_TWO_SHAPES = ": the first shape to a partner, the second to a website that comes with a widget key"
_TO_ANYBODY = (400, 429, 500, 503)
_MEANING_TO_GUESTS = {
    403: "`forbidden`: the call's preset does not let guests do this",
    404: "`not_found`: the link opens nothing, for whatever reason",
    429: "`rate_limit_exceeded`: too many requests from one address; try again after `Retry-After` seconds",
}


def answers_to_guests(status: int, content: type[BaseModel] | str, *errors: int) -> dict[int, Any]:
    """The same for a route behind a guest's link, where nobody has a token. `content`: a model, or a media type."""
    said = (
        {content: {"schema": {"type": "string"}}}
        if isinstance(content, str)
        else {"application/json": {"model": content}}
    )
    return {
        status: {"description": HTTPStatus(status).phrase, "content": said},
        **{
            code: {
                "description": (_MEANING | _MEANING_TO_GUESTS)[code],
                "content": {"application/json": {"model": ErrorAnswer}},
            }
            for code in sorted({*_TO_ANYBODY, *errors})
        },
    }


def answers(
    status: int, model: type[BaseModel], *errors: int, to_websites: type[BaseModel] | None = None
) -> dict[int, Any]:
    """The `responses` of a route: its success, its own errors, and those that any request may meet.

    `to_websites`: the success as a website gets it, if that is another than a partner's.
    """
    said = HTTPStatus(status).phrase + (_TWO_SHAPES if to_websites else "")
    return {
        status: {
            "description": said,
            "content": {"application/json": {"model": model if to_websites is None else model | to_websites}},
        },
        **{
            code: {"description": _MEANING[code], "content": {"application/json": {"model": ErrorAnswer}}}
            for code in sorted({*_ALWAYS, *errors})
        },
    }
