"""Authorizers are asked, remembered and obeyed as API Gateway does."""

import asyncio
import json

import pytest

from local.gateway.authorizers import Authorizers, Refused
from local.gateway.events import Request, build_event
from local.gateway.routes import Match
from local.template import Authorizer, Route


class Asked:
    """An authorizer function that counts its invocations."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.events: list[dict] = []
        self.now = 0.0
        self.authorizers = Authorizers(self, clock=lambda: self.now)

    async def __call__(self, function: str, event: dict) -> bytes:
        assert function == "Guard"
        self.events.append(event)
        return json.dumps(self.answer).encode()

    def request(self, guard: Authorizer, path: str = "/a", query: str = "", **headers: str) -> dict:
        request = Request("GET", path, query, tuple(headers.items()), b"", "127.0.0.1")
        event = build_event(request, Match(Route("GET", path, "F", guard, 30.0), {}), "rid")
        asyncio.run(self.authorizers.authorize(guard, request, event))
        return event


BY_HEADER = Authorizer("Guard", "Guard", ("$request.header.Authorization",), 60)
YES = {"isAuthorized": True, "context": {"client": "c", "scopes": ["a"]}}


def test_its_context_reaches_the_function():
    event = Asked(YES).request(BY_HEADER, authorization="x")
    assert event["requestContext"]["authorizer"] == {"lambda": {"client": "c", "scopes": ["a"]}}


def test_a_missing_identity_source_is_refused_unasked():
    asked = Asked(YES)
    with pytest.raises(Refused) as refused:
        asked.request(BY_HEADER)
    assert (refused.value.status, asked.events) == (401, [])


def test_a_no_is_a_403():
    with pytest.raises(Refused) as refused:
        Asked({"isAuthorized": False}).request(BY_HEADER, authorization="x")
    assert refused.value.status == 403


@pytest.mark.parametrize("answer", [None, "yes", {}, {"isAuthorized": "true"}])
def test_nonsense_is_a_500(answer):
    with pytest.raises(Refused) as refused:
        Asked(answer).request(BY_HEADER, authorization="x")
    assert refused.value.status == 500


def test_an_answer_is_kept_for_its_time_and_serves_every_route():
    asked = Asked(YES)
    asked.request(BY_HEADER, "/a", authorization="x")
    asked.request(BY_HEADER, "/b", authorization="x")
    assert len(asked.events) == 1
    asked.request(BY_HEADER, "/a", authorization="y")
    assert len(asked.events) == 2
    asked.now = 61.0
    asked.request(BY_HEADER, "/a", authorization="x")
    assert len(asked.events) == 3


def test_a_route_key_among_the_sources_keeps_answers_apart():
    asked = Asked(YES)
    guard = Authorizer("Guard", "Guard", ("$request.header.Authorization", "$context.routeKey"), 60)
    asked.request(guard, "/a", authorization="x")
    asked.request(guard, "/b", authorization="x")
    assert [event["identitySource"] for event in asked.events] == [["x", "GET /a"], ["x", "GET /b"]]


def test_without_a_time_to_live_every_request_asks():
    asked = Asked(YES)
    guard = Authorizer("Guard", "Guard", (), 0)
    asked.request(guard)
    asked.request(guard)
    assert [event["identitySource"] for event in asked.events] == [None, None]


def test_a_query_parameter_can_be_the_source():
    asked = Asked(YES)
    asked.request(Authorizer("Guard", "Guard", ("$request.querystring.key",), 0), query="key=k")
    assert asked.events[0]["identitySource"] == ["k"]
