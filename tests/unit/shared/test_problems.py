"""One table from what went wrong to what a client is told."""

import inspect
import json
from datetime import timedelta

import pytest

from slotline.domain.shared import errors
from slotline.domain.shared.errors import Detail, DomainError
from slotline.http.core.problems import TABLE, answer_to, problem_of, server_error
from tests.support.builders.apps import NOW

EVERY_ERROR = sorted(
    (
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, DomainError) and kind is not DomainError
    ),
    key=lambda kind: kind.__name__,
)
MADE = {
    errors.RateLimited: lambda: errors.RateLimited("too often", retry_after_seconds=7),
    errors.MethodNotAllowed: lambda: errors.MethodNotAllowed("not so", allowed=("GET", "POST")),
    errors.LimitReached: lambda: errors.LimitReached("too often", next_allowed_at=NOW),
    errors.CustomerLimitReached: lambda: errors.CustomerLimitReached("too often", next_allowed_at=NOW),
    errors.HoldLimitReached: lambda: errors.HoldLimitReached("too many", next_allowed_at=NOW),
    errors.CodeLimitReached: lambda: errors.CodeLimitReached("too often", next_allowed_at=NOW),
    errors.MessageLimitReached: lambda: errors.MessageLimitReached("too often", next_allowed_at=NOW),
}
STATUS_OF_TYPE = {
    "invalid_request": {400, 405, 413, 415},
    "unauthorized": {401},
    "forbidden": {403},
    "app_not_found": {404},
    "not_found": {404},
    "conflict": {409},
    "idempotency_mismatch": {422},
    "rate_limit_exceeded": {429},
    "unavailable": {503},
}


def make(kind: type[DomainError]) -> DomainError:
    return MADE.get(kind, lambda: kind("what was wrong"))()


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_has_a_row(kind: type[DomainError]) -> None:
    assert kind in TABLE or issubclass(kind, errors.Conflict)
    problem = problem_of(make(kind))
    assert problem.status in STATUS_OF_TYPE[problem.type]


def test_every_row_is_of_an_error() -> None:
    assert set(TABLE) <= set(EVERY_ERROR)


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_leaves_in_one_shape(kind: type[DomainError]) -> None:
    answer = answer_to(make(kind), NOW)
    body = json.loads(answer.body)
    assert body.keys() == {"error"}
    assert body["error"].keys() == {"type", "message", "timestamp", "details", "total_details"}
    assert body["error"]["timestamp"] == "2026-04-22T12:00:00.000Z"
    assert isinstance(body["error"]["details"], list)
    assert all({"message", "code"} <= detail.keys() for detail in body["error"]["details"])


@pytest.mark.parametrize("kind", [kind for kind in EVERY_ERROR if issubclass(kind, errors.Conflict)])
def test_a_conflict_says_by_a_code_what_stands_against_it(kind: type[errors.Conflict]) -> None:
    (detail,) = json.loads(answer_to(kind("no"), NOW).body)["error"]["details"]
    assert detail["code"] == kind.code


def test_details_keep_the_field_as_the_client_spelled_it_and_what_more_there_is() -> None:
    error = errors.InvalidRequest(
        "bad", [Detail("is wrong", "wrong", "guestName", {"row": 7}), Detail("is odd", "odd")]
    )
    assert json.loads(answer_to(error, NOW).body)["error"]["details"] == [
        {"field": "guestName", "message": "is wrong", "code": "wrong", "row": 7},
        {"message": "is odd", "code": "odd"},
    ]


def test_who_asks_too_often_or_finds_us_busy_is_told_how_long_to_wait() -> None:
    assert answer_to(make(errors.RateLimited), NOW).headers == {"Retry-After": "7"}
    assert answer_to(errors.Unavailable("busy"), NOW).headers == {"Retry-After": "1"}


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (timedelta(hours=1), 3600),
        (timedelta(seconds=7, microseconds=1), 8),
        (timedelta(milliseconds=1), 1),
        (timedelta(0), 1),
        (timedelta(seconds=-2), 1),
    ],
)
def test_a_customer_over_the_limit_is_told_whole_seconds_that_are_enough(wait: timedelta, seconds: int) -> None:
    error = errors.CustomerLimitReached("too often", next_allowed_at=NOW + wait)
    assert answer_to(error, NOW).headers == {"Retry-After": str(seconds)}


def test_a_customer_over_the_limit_is_told_the_instant() -> None:
    (detail,) = json.loads(answer_to(make(errors.CustomerLimitReached), NOW).body)["error"]["details"]
    assert (detail["code"], detail["nextAllowedAt"]) == ("customer_limit", "2026-04-22T12:00:00.000Z")


@pytest.mark.parametrize(
    ("code", "challenge"),
    [(None, 'Bearer realm="slotline"'), ("invalid_token", 'Bearer realm="slotline", error="invalid_token"')],
)
def test_an_unauthorized_answer_carries_its_challenge(code: str | None, challenge: str) -> None:
    assert answer_to(errors.Unauthorized("no", rfc6750_error=code), NOW).headers == {"WWW-Authenticate": challenge}


def test_a_fault_of_ours_tells_nothing_about_us() -> None:
    answer = server_error(NOW)
    assert answer.problem.status == 500
    assert json.loads(answer.body)["error"]["details"] == []
