"""The one table from what went wrong to what a client is told. No other place builds an error body."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from math import ceil

from slotline.domain.shared import errors
from slotline.domain.shared.errors import MOST_DETAILS, DomainError, LimitReached, RateLimited, Unavailable
from slotline.domain.shared.instants import format_instant
from slotline.http.core.challenges import HEADER, Challenge, bearer

NOT_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""On every answer that may hold what people told us: nobody between keeps it, and no browser guesses what it is."""
JSON_HEADERS = {"Content-Type": "application/json", **NOT_KEPT}


@dataclass(frozen=True, slots=True)
class Problem:
    """The type that a client reads and the status that goes with it."""

    type: str
    status: HTTPStatus


TABLE: Mapping[type[DomainError], Problem] = {
    errors.InvalidRequest: Problem("invalid_request", HTTPStatus.BAD_REQUEST),
    errors.RowsRefused: Problem("invalid_request", HTTPStatus.BAD_REQUEST),
    errors.BodyTooLarge: Problem("invalid_request", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    errors.UnsupportedContentType: Problem("invalid_request", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    errors.MethodNotAllowed: Problem("invalid_request", HTTPStatus.METHOD_NOT_ALLOWED),
    errors.Unauthorized: Problem("unauthorized", HTTPStatus.UNAUTHORIZED),
    errors.NoPass: Problem("unauthorized", HTTPStatus.UNAUTHORIZED),
    errors.PassOver: Problem("unauthorized", HTTPStatus.UNAUTHORIZED),
    errors.Forbidden: Problem("forbidden", HTTPStatus.FORBIDDEN),
    errors.NumberNotGranted: Problem("forbidden", HTTPStatus.FORBIDDEN),
    errors.AppNotFound: Problem("app_not_found", HTTPStatus.NOT_FOUND),
    errors.NotFound: Problem("not_found", HTTPStatus.NOT_FOUND),
    errors.Conflict: Problem("conflict", HTTPStatus.CONFLICT),
    errors.IdempotencyMismatch: Problem("idempotency_mismatch", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.RateLimited: Problem("rate_limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS),
    errors.LimitReached: Problem("rate_limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS),
    errors.CustomerLimitReached: Problem("rate_limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS),
    errors.HoldLimitReached: Problem("rate_limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS),
    errors.CodeLimitReached: Problem("rate_limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS),
    errors.MessageLimitReached: Problem("rate_limit_exceeded", HTTPStatus.TOO_MANY_REQUESTS),
    errors.Unavailable: Problem("unavailable", HTTPStatus.SERVICE_UNAVAILABLE),
}
OUR_FAULT = "Something went wrong on our side. It was recorded."
SERVER_ERROR = Problem("server_error", HTTPStatus.INTERNAL_SERVER_ERROR)


@dataclass(frozen=True, slots=True)
class ProblemAnswer:
    """An error as it leaves: status, headers, JSON text."""

    problem: Problem
    headers: Mapping[str, str]
    body: str


def problem_of(error: DomainError) -> Problem:
    """The row of the table for this error, or for the nearest class above it."""
    return next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)


def answer_to(error: DomainError, now: datetime, challenge: Challenge | None = None) -> ProblemAnswer:
    """The answer that tells a client about this error.

    `challenge`: how else than with a token whoever is not known here proves who it is.
    """
    problem = problem_of(error)
    headers: dict[str, str] = {}
    if (seconds := retry_after(error, now)) is not None:
        headers["Retry-After"] = str(seconds)
    if isinstance(error, errors.MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    challenge = challenge if challenge and isinstance(error, errors.Unauthorized) else bearer_challenge(error)
    if challenge:
        headers[HEADER] = challenge.header
    details = shown_details(error, challenge)
    text = error_body(problem, error.message, now, details, max(error.total, len(details)))
    return ProblemAnswer(problem, headers, text)


def shown_details(error: DomainError, challenge: Challenge | None = None) -> list[dict[str, object]]:
    """What was wrong, as an answer lists it: the first of it, where it is much.

    The first says the challenge too, if there is one: its header may not arrive under its name.
    """
    shown = _shown(error)
    if challenge:
        first = shown[0] if shown else {"message": error.message, "code": challenge.parameters.get("error", error.code)}
        shown[:1] = [{**first, "challenge": challenge.shown()}]
    return shown


def _shown(error: DomainError) -> list[dict[str, object]]:
    return [
        {
            **({"field": detail.field} if detail.field else {}),
            "message": detail.message,
            "code": detail.code,
            **detail.extra,
        }
        for detail in error.details[:MOST_DETAILS]
    ]


def bearer_challenge(error: DomainError) -> Challenge | None:
    """For whoever should come with a token, or with one of more scope (RFC 6750 §3)."""
    if isinstance(error, errors.Unauthorized):
        return bearer(error=error.rfc6750_error) if error.rfc6750_error else bearer()
    if isinstance(error, errors.Forbidden) and error.needed_scope:
        return bearer(error="insufficient_scope", scope=error.needed_scope)
    return None


def retry_after(error: DomainError, now: datetime) -> int | None:
    """Whole seconds after which the same request may succeed, where that is known."""
    if isinstance(error, LimitReached):
        return max(ceil((error.next_allowed_at - now).total_seconds()), 1)
    return error.retry_after_seconds if isinstance(error, RateLimited | Unavailable) else None


def server_error(now: datetime) -> ProblemAnswer:
    """The answer where the fault is ours: it tells nothing about us."""
    return ProblemAnswer(SERVER_ERROR, {}, error_body(SERVER_ERROR, OUR_FAULT, now))


def error_body(
    problem: Problem, message: str, now: datetime, details: Sequence[Mapping[str, object]] = (), total: int = 0
) -> str:
    """`{"error": {type, message, timestamp, details, total_details}}` as text."""
    return json.dumps(
        {
            "error": {
                "type": problem.type,
                "message": message,
                "timestamp": format_instant(now),
                "details": list(details),
                "total_details": total,
            }
        }
    )
