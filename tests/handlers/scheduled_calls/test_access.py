"""Who may, how often, and that a refusal tells nothing it should not."""

import json
from io import StringIO
from typing import Any, ClassVar

import pytest

from slotline.wiring import common
from tests.handlers.scheduled_calls.conftest import (
    OTHER_APP_ID,
    SEED,
    booked,
    creating,
    getting,
    listing,
    path,
)
from tests.support.aws.requests import Failing
from tests.support.builders.apps import SetClock, put_app
from tests.support.handlers import Endpoint, load_function

CALL_ID = "01960000-0000-7000-8000-000000000001"
ENDPOINTS = [
    pytest.param(lambda endpoint: creating(**endpoint), path(), SEED, "scheduling:write", id="create"),
    pytest.param(lambda endpoint: getting(**endpoint), path(call_id=CALL_ID), None, "scheduling:read", id="get"),
    pytest.param(lambda endpoint: listing(**endpoint), path(), None, "scheduling:read", id="list"),
]
RATE = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Window"}


def rate_headers(headers: dict[str, str]) -> set[str]:
    return {name for name in headers if name.lower().startswith("x-ratelimit")}


@pytest.mark.parametrize(
    ("error", "challenge"),
    [
        ("missing_credential", 'Bearer realm="slotline"'),
        ("bad_credential", 'Bearer realm="slotline", error="invalid_token"'),
        ("expired_token", 'Bearer realm="slotline", error="invalid_token"'),
    ],
)
@pytest.mark.parametrize(("endpoint", "address", "body", "scope"), ENDPOINTS)
def test_without_a_credential_that_counts_it_is_401_with_a_challenge(
    app: str, ports: Any, endpoint: Any, address: str, body: Any, scope: str, error: str, challenge: str
) -> None:
    del app, scope
    nobody = endpoint({})
    nobody.caller = {"error": error}
    reply = nobody(address, body)
    assert (reply.status, reply.error["type"]) == (401, "unauthorized")
    assert reply.headers["WWW-Authenticate"] == challenge
    assert rate_headers(reply.headers) == set()
    assert booked(ports) == 0


@pytest.mark.parametrize(("endpoint", "address", "body", "scope"), ENDPOINTS)
def test_where_nobody_can_be_looked_up_it_is_503_and_no_bad_credential(
    app: str, ports: Any, endpoint: Any, address: str, body: Any, scope: str
) -> None:
    del app, scope
    nobody = endpoint({})
    nobody.caller = {"error": "unavailable"}
    reply = nobody(address, body)
    assert (reply.status, reply.error["type"], reply.headers["Retry-After"]) == (503, "unavailable", "1")
    assert booked(ports) == 0


@pytest.mark.parametrize("length", [201, 1_100, 4_000])
def test_an_id_longer_than_any_is_not_found(app: str, length: int) -> None:
    reply = Endpoint("scheduled_calls/get", "GET")(f"{path(app)}/{'x' * length}")
    assert (reply.status, reply.error["type"]) == (404, "not_found")


@pytest.mark.parametrize("scopes", ["", "dialing:write", "other"])
@pytest.mark.parametrize(("endpoint", "address", "body", "scope"), ENDPOINTS)
def test_without_the_scope_it_is_403(
    app: str, ports: Any, endpoint: Any, address: str, body: Any, scope: str, scopes: str
) -> None:
    del app
    granted = {"other": "scheduling:read" if scope.endswith("write") else "scheduling:write"}.get(scopes, scopes)
    reply = endpoint({"scopes": granted})(address, body)
    assert (reply.status, reply.error["type"]) == (403, "forbidden")
    assert scope in reply.error["message"]
    assert rate_headers(reply.headers) == set()
    assert booked(ports) == 0


@pytest.mark.parametrize(("endpoint", "address", "body", "scope"), ENDPOINTS)
def test_an_app_not_granted_is_403_the_same_whether_or_not_it_exists(
    app: str, ports: Any, endpoint: Any, address: str, body: Any, scope: str
) -> None:
    del scope
    put_app(ports, OTHER_APP_ID)
    there = endpoint({})(address.replace(app, OTHER_APP_ID), body)
    nowhere = endpoint({})(address.replace(app, "01890000-0000-7000-8000-00000000dead"), body)
    assert there.status == nowhere.status == 403
    assert there.error == nowhere.error
    assert {**there.headers} == {**nowhere.headers}
    assert booked(ports) == 0


@pytest.mark.parametrize(("endpoint", "address", "body", "scope"), ENDPOINTS)
def test_an_app_granted_and_gone_is_app_not_found(app: str, endpoint: Any, address: str, body: Any, scope: str) -> None:
    del scope
    reply = endpoint({"app_ids": f"{app} {OTHER_APP_ID}"})(address.replace(app, OTHER_APP_ID), body)
    assert (reply.status, reply.error["type"]) == (404, "app_not_found")
    assert rate_headers(reply.headers) == RATE


def test_a_call_of_another_app_looks_like_none_at_all(app: str, ports: Any) -> None:
    put_app(ports, OTHER_APP_ID)
    both = {"app_ids": f"{app} {OTHER_APP_ID}"}
    call_id = creating(**both)(path(OTHER_APP_ID), SEED).json["data"]["call"]["id"]
    assert getting(**both)(path(OTHER_APP_ID, call_id)).status == 200
    foreign, unknown = getting(**both)(path(app, call_id)), getting(**both)(path(app, CALL_ID))
    assert (foreign.status, foreign.error["type"]) == (404, "not_found")
    assert foreign.text == unknown.text


def test_the_agent_of_another_app_is_unknown_here(app: str, ports: Any) -> None:
    put_app(ports, OTHER_APP_ID, agents=("theirs",))
    reply = creating()(path(app), SEED | {"assignedAgentId": "theirs"})
    unknown = creating()(path(app), SEED | {"assignedAgentId": "nobodys"})
    assert (reply.status, reply.error["details"][0]["code"]) == (400, "unknown_agent")
    assert reply.error == unknown.error


class TestRateLimits:
    """Headers on every authenticated answer but 401 and 403; a full window refuses before anything happens."""

    def test_every_answer_tells_where_the_caller_stands(self, app: str) -> None:
        answers = {
            201: creating()(path(app), SEED),
            409: creating()(path(app), SEED),
            400: creating()(path(app), {}),
            415: creating()(path(app), SEED, headers={"content-type": "text/plain"}),
            413: creating()(path(app), raw=" " * (256 * 1024 + 1)),
            404: getting()(path(app, CALL_ID)),
            200: listing()(path(app)),
        }
        for number, (status, reply) in enumerate(answers.items(), start=1):
            assert reply.status == status
            assert rate_headers(reply.headers) == RATE
            assert reply.headers["X-RateLimit-Limit"] == "1000"
            assert reply.headers["X-RateLimit-Remaining"] == str(1000 - number)
            assert reply.headers["X-RateLimit-Window"] == "minute"
            assert reply.headers["X-RateLimit-Reset"] == "1776859260"

    @pytest.mark.parametrize(
        ("limit", "window", "wait"),
        [("limit_minute", "minute", 60), ("limit_hour", "hour", 3600), ("limit_day", "day", 12 * 3600)],
    )
    def test_over_a_limit_it_is_429_and_nothing_is_booked(
        self, app: str, ports: Any, clock: SetClock, limit: str, window: str, wait: int
    ) -> None:
        endpoint = creating(**{limit: "2"})
        assert [endpoint(path(app), {}).status for _ in range(2)] == [400, 400]
        reply = endpoint(path(app), SEED)
        assert (reply.status, reply.error["type"]) == (429, "rate_limit_exceeded")
        assert reply.error["details"][0]["code"] == "client_limit"
        assert reply.headers["Retry-After"] == str(wait)
        assert rate_headers(reply.headers) == RATE
        assert (reply.headers["X-RateLimit-Remaining"], reply.headers["X-RateLimit-Window"]) == ("0", window)
        assert booked(ports) == 0
        clock.advance(seconds=wait)
        assert endpoint(path(app), SEED).status == 201

    @pytest.mark.parametrize(
        ("limit", "window", "length"),
        [("limit_minute", "minute", 60), ("limit_hour", "hour", 3600), ("limit_day", "day", 24 * 3600)],
    )
    def test_a_limit_of_nothing_lets_not_even_a_windows_first_request_through(
        self, app: str, ports: Any, clock: SetClock, limit: str, window: str, length: int
    ) -> None:
        endpoint = creating(**{limit: "0"})
        for _ in range(2):
            reply = endpoint(path(app), SEED)
            assert (reply.status, reply.error["details"][0]["code"]) == (429, "client_limit")
            assert (reply.headers["X-RateLimit-Limit"], reply.headers["X-RateLimit-Window"]) == ("0", window)
            assert reply.headers["X-RateLimit-Remaining"] == "0"
            clock.advance(seconds=length)
        assert booked(ports) == 0
        allowed = creating()(path(app), SEED)
        assert allowed.status == 201
        assert allowed.headers["X-RateLimit-Remaining"] == "999", "what was refused counted nowhere"

    def test_over_a_limit_a_bad_request_is_429_too(self, app: str) -> None:
        endpoint = creating(limit_minute="1")
        assert [endpoint(path(app), {}).status for _ in range(2)] == [400, 429]

    @pytest.mark.parametrize("endpoint", [getting, listing])
    def test_readers_are_limited_too(self, app: str, endpoint: Any) -> None:
        address = path(app) if endpoint is listing else path(app, CALL_ID)
        reader = endpoint(limit_minute="1")
        reader(address)
        assert reader(address).status == 429

    def test_one_client_does_not_spend_what_another_has(self, app: str) -> None:
        listing(limit_minute="1")(path(app))
        assert listing(limit_minute="1", client_id="client-2")(path(app)).status == 200

    def test_all_handlers_count_as_one(self, app: str) -> None:
        assert listing(limit_minute="2")(path(app)).status == 200
        assert creating(limit_minute="2")(path(app), SEED).status == 201
        assert getting(limit_minute="2")(path(app, CALL_ID)).status == 429


class TestPrivacy:
    """No log line and no metric holds what a guest or a client gave us; no answer tells how we fell over."""

    PERSONAL: ClassVar = {
        "guestName": "Zebulon Quux",
        "guestPhone": "+57 311 222 3344",
        "guestEmail": "zebulon@quux.example",
        "guestIntakeNotes": "my secret illness",
    }
    WORDS = ("Zebulon", "Quux", "quux", "311 222", "3112223344", "secret illness", "order-4711", "tok3n")
    HEADERS: ClassVar = {"authorization": "Bearer tok3n", "idempotency-key": "order-4711"}

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"durationMinutes": 4},
            {"guestPhone": "+57 311 222 3344 x"},
            {"guestEmail": "zebulon@quux"},
            {"assignedAgentId": "agent-9"},
            {"Zebulon": "Quux"},
        ],
        ids=lambda changes: next(iter(changes), "good"),
    )
    def test_nothing_personal_is_logged(
        self, app: str, log: StringIO, capsys: pytest.CaptureFixture[str], changes: dict[str, Any]
    ) -> None:
        for _ in range(3):  # booked, replayed; and refused
            creating()(path(app), SEED | self.PERSONAL | changes, headers=self.HEADERS)
        creating()(path(app), SEED | self.PERSONAL | changes)
        listing()(path(app), query={"search": "Zebulon"}, headers=self.HEADERS)
        self.check(log, capsys)

    @pytest.mark.usefixtures("tables")
    @pytest.mark.parametrize("operation", ["batch_get_item", "transact_write_items", "update_item"])
    def test_nor_when_something_unexpected_happens_and_the_answer_is_silent_too(
        self,
        app: str,
        monkeypatch: pytest.MonkeyPatch,
        log: StringIO,
        capsys: pytest.CaptureFixture[str],
        operation: str,
    ) -> None:
        def explode(request: dict[str, Any]) -> Exception:
            return RuntimeError(f"it was Zebulon Quux, +573112223344, with {json.dumps(request, default=str)}")

        failing = Failing(common.dynamodb(), **{operation: [explode]})
        monkeypatch.setattr(common, "dynamodb", lambda: failing)
        reply = creating()(path(app), SEED | self.PERSONAL, headers=self.HEADERS)
        assert (reply.status, reply.error["type"]) == (500, "server_error")
        assert reply.error["details"] == []
        for word in ("Traceback", "RuntimeError", "slotline/", ".py", "Table", "Zebulon", "dynamo"):
            assert word not in reply.text
        out = self.check(log, capsys)
        assert "RuntimeError" in out
        assert "ServerErrors" in out

    def check(self, log: StringIO, capsys: pytest.CaptureFixture[str]) -> str:
        """The log and the metrics, clean."""
        out, err = capsys.readouterr()
        assert '"message":"answered"' in log.getvalue()
        assert '"Latency"' in out
        text = log.getvalue() + out + err
        for word in self.WORDS:
            assert word not in text
        return text


@pytest.mark.usefixtures("app")
def test_a_handler_answers_an_event_it_cannot_read_with_a_refusal() -> None:
    answer = load_function("scheduled_calls/create").handler({"requestContext": {}}, None)
    assert answer["statusCode"] == 401


def test_the_default_route_is_404_in_the_same_shape(app: str) -> None:
    reply = Endpoint("scheduled_calls/get", "GET")(f"/api/v1/video/{app}/nothing/here")
    assert (reply.status, reply.error["type"]) == (404, "not_found")
