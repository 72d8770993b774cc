"""Requests become payload format 2.0 events as API Gateway builds them."""

import base64
import json

import httpx
import pytest

from local.gateway.events import Request, authorizer_event, build_event
from local.gateway.routes import Match
from local.template import Route

ROUTE = Route("GET", "/things/{id}", "Echo", None, 30.0)


def event_of(**changes: object) -> dict:
    fields = {"method": "GET", "raw_path": "/things/1", "query": "", "headers": (), "body": b"", "client": "::1"}
    return build_event(Request(**{**fields, **changes}), Match(ROUTE, {"id": "1"}), "rid", now=1583348638.39)


def test_an_event_has_the_documented_shape():
    event = event_of(headers=(("host", "api.example.com:8000"), ("user-agent", "agent")))
    assert event["version"] == "2.0"
    assert event["routeKey"] == "GET /things/{id}"
    assert event["pathParameters"] == {"id": "1"}
    assert event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert context["http"] == {
        "method": "GET",
        "path": "/things/1",
        "protocol": "HTTP/1.1",
        "sourceIp": "::1",
        "userAgent": "agent",
    }
    assert (context["domainName"], context["domainPrefix"]) == ("api.example.com", "api")
    assert (context["time"], context["timeEpoch"]) == ("04/Mar/2020:19:03:58 +0000", 1583348638390)
    assert (context["accountId"], context["stage"], context["requestId"]) == ("000000000000", "$default", "rid")


def test_what_has_no_value_is_left_out():
    event = event_of()
    assert not {"body", "cookies", "queryStringParameters", "stageVariables"} & set(event)


def test_duplicates_are_joined_by_commas():
    event = event_of(query="a=1&b=&a=2%203", headers=(("x-many", "1"), ("x-many", "2")))
    assert event["queryStringParameters"] == {"a": "1,2 3", "b": ""}
    assert event["rawQueryString"] == "a=1&b=&a=2%203"
    assert event["headers"]["x-many"] == "1,2"


def test_cookies_have_a_place_of_their_own():
    event = event_of(headers=(("cookie", "a=1; b=2"), ("cookie", "c=3")))
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]


def test_the_path_is_decoded():
    assert event_of(raw_path="/things/a%20b%C3%BC")["rawPath"] == "/things/a bü"


def test_forwarding_headers_are_the_gateways_and_a_callers_come_first():
    headers = event_of(headers=(("x-forwarded-for", "9.9.9.9"),))["headers"]
    assert headers["x-forwarded-for"] == "9.9.9.9, ::1"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain; charset=utf-8", "application/problem+json", "application/xml"]
)
def test_text_is_passed_as_text(media_type):
    event = event_of(headers=(("content-type", media_type),), body='{"ü":1}'.encode())
    assert (event["body"], event["isBase64Encoded"]) == ('{"ü":1}', False)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", "application/x-www-form-urlencoded"),),
        (("content-type", "image/png"),),
        (("content-type", "application/json"), ("content-encoding", "gzip")),
    ],
)
def test_all_else_is_passed_in_base64(headers):
    event = event_of(headers=headers, body=b"a=1")
    assert (base64.b64decode(event["body"]), event["isBase64Encoded"]) == (b"a=1", True)


def test_text_that_is_no_utf8_is_passed_in_base64():
    event = event_of(headers=(("content-type", "text/plain"),), body=b"\xff")
    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)


def test_an_authorizer_sees_the_request_without_its_body():
    event = event_of(headers=(("content-type", "text/plain"),), body=b"secret")
    shown = authorizer_event(event, ["Bearer x"])
    assert not {"body", "isBase64Encoded"} & set(shown)
    assert (shown["type"], shown["identitySource"]) == ("REQUEST", ["Bearer x"])
    assert shown["routeArn"] == "arn:aws:execute-api:us-east-1:000000000000:local/$default/GET/things/1"


def test_it_is_the_same_over_the_wire(http: httpx.Client):
    answer = http.post("/echo/a%2Fb?x=1&x=2", json={"a": 1}, headers={"Cookie": "s=1"})
    event = answer.json()["event"]
    assert event["pathParameters"] == {"id": "a/b"}
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["cookies"] == ["s=1"]
    assert json.loads(event["body"]) == {"a": 1}
    assert event["routeKey"] == "ANY /echo/{id}"
    assert answer.headers["apigw-requestid"] == event["requestContext"]["requestId"]
