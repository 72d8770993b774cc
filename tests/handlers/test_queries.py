"""How queries are read, the same for every route under /api/v1: known parameters, lists, times."""

import json
from typing import Any

import pytest

from tests.support.handlers import APP_ID, Endpoint, Reply, load_function, partner
from tools import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
OPERATIONS = [
    (route, DOCUMENT["paths"][route.path][route.method.lower()])
    for route in openapi.routes()
    if route.is_operation and not route.public and route.path.startswith("/api/v1/")
]
CALLS = f"/api/v1/video/{APP_ID}/scheduled-calls"


def _ask(folder: str, method: str, path: str, raw: str) -> Reply:
    """A request with its query as it comes over the wire."""
    event = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": raw,
        "headers": {},
        "requestContext": {
            "authorizer": {"lambda": partner()},
            "domainName": "api.example.com",
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"},
        },
        "isBase64Encoded": False,
    }
    answer = load_function(folder).handler(event, None)
    return Reply(answer["statusCode"], answer["headers"], answer["body"])


def _list(raw: str) -> Reply:
    return _ask("scheduled_calls/list", "GET", CALLS, raw)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("route", "operation"), OPERATIONS, ids=[route.key for route, _ in OPERATIONS])
def test_a_parameter_that_no_route_knows_is_refused_by_its_name(route: openapi.Route, operation: dict[str, Any]):
    path = "/".join(
        APP_ID if part == "{appId}" else "x" if part.startswith("{") else part for part in route.path.split("/")
    )
    reply = _ask(route.folder, route.method, path, "favouriteColour=blue")
    assert reply.status == 400, reply.text
    assert reply.error["details"][0]["field"] == "favouriteColour"
    assert reply.error["details"][0]["message"].startswith("is not a parameter of this request")
    assert operation["operationId"]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("agent_id", "agentId"),
        ("AgentID", "agentId"),
        ("agents", "agentId"),
        ("date_from", "dateFrom"),
        ("booking-source", "bookingSource"),
        ("curser", "cursor"),
        ("Limit", "limit"),
        ("stat", "status"),
    ],
)
def test_the_parameter_that_was_meant_is_named(sent: str, meant: str):
    (detail,) = _list(f"{sent}=1").error["details"]
    assert detail == {
        "field": sent,
        "message": f"is not a parameter of this request; did you mean {meant}",
        "code": "unknown_parameter",
    }


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("sent", ["page", "size", "tag"])
def test_where_no_parameter_is_close_all_are_named(sent: str):
    (detail,) = _list(f"{sent}=2").error["details"]
    assert detail["message"].startswith("is not a parameter of this request; it takes ")
    assert {"limit", "offset", "cursor"} <= set(detail["message"].partition("it takes ")[2].split(", "))


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("folder", ["dialing/read_calls"])
def test_the_dial_api_names_what_was_meant_in_its_own_spelling(folder: str):
    reply = _ask(folder, "GET", "/api/v1/calls", "campaignId=1")
    assert "did you mean campaign_id" in reply.error["message"]


@pytest.mark.usefixtures("app")
def test_several_of_a_list_come_with_commas_or_by_repetition():
    for query in (
        "status=scheduled,confirmed",
        "status=scheduled&status=confirmed",
        "status=scheduled,&status=confirmed",
    ):
        assert _list(query).status == 200, query
    reply = _list("status=scheduled&status=lost")
    assert reply.error["details"][0]["field"] == "status"
    assert reply.error["details"][0]["message"].startswith("must be one of scheduled, pending_confirmation,")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("raw", ["limit=1&limit=2", "limit=1&limit=1", "search=a&search=b", "dateFrom=&dateFrom="])
def test_what_is_no_list_is_sent_once(raw: str):
    reply = _list(raw)
    assert reply.status == 400
    assert reply.error["details"][0]["code"] == "repeated"


@pytest.mark.usefixtures("app")
def test_an_empty_parameter_says_nothing():
    assert _list("limit=&status=&dateFrom=&search=&agentId=").status == 200


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("raw", ["dateFrom=2026-05-04T10:00:00+02:00", "dateTo=2026-05-04T10:00+0200"])
def test_a_bare_plus_in_a_time_is_named(raw: str):
    (detail,) = _list(raw).error["details"]
    assert detail["field"] == raw.partition("=")[0]
    assert "%2B" in detail["message"]
    assert "Z" in detail["message"]


@pytest.mark.usefixtures("app")
def test_a_plus_that_is_written_as_it_must_be_is_read():
    assert _list("dateFrom=2026-05-04T10:00:00%2B02:00").status == 200


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("raw", ["search=%ff", "&".join(f"a{n}=1" for n in range(301))])
def test_a_query_that_cannot_be_read_is_a_400(raw: str):
    reply = _list(raw)
    assert reply.status == 400
    assert reply.error["total_details"] >= 1


@pytest.mark.usefixtures("app")
def test_fifty_faults_at_most_are_listed_and_all_are_counted():
    reply = _list("&".join(f"a{n}=1" for n in range(200)))
    assert len(reply.error["details"]) == 50
    assert reply.error["total_details"] == 200
    body = {f"field{n}": 1 for n in range(12_000)}
    reply = Endpoint("scheduled_calls/create", "POST")(CALLS, body)
    assert len(reply.error["details"]) == 50
    assert reply.error["total_details"] > 12_000
    assert len(reply.text) < 20_000
