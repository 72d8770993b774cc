"""Every operation of the document: rights before whatever else is wrong, HEAD wherever GET is, 405 elsewhere."""

import json
from typing import Any

import pytest

from slotline.http.core.api import make_api
from slotline.wiring import common
from tests.support.challenges import read_challenge
from tests.support.handlers import APP_ID, Endpoint, Reply, load_function, partner
from tests.support.memory.wiring import MemoryPorts
from tools import openapi

ROUTES = [route for route in openapi.routes() if route.is_operation and route.path.startswith("/api/v1/")]
GUARDED = [route for route in ROUTES if not route.public]
READ = [route for route in GUARDED if route.method == "GET"]


def _path(route: openapi.Route, app_id: str = APP_ID) -> str:
    parts = route.path.split("/")
    return "/".join(app_id if part == "{appId}" else "x" if part.startswith("{") else part for part in parts)


def _ask(
    route: openapi.Route, *, method: str = "", app_id: str = APP_ID, raw: str | None = None, **caller: str
) -> Reply:
    endpoint = Endpoint(route.folder, method or route.method, partner(**caller))
    return endpoint(_path(route, app_id), query={"favouriteColour": "blue"} if raw else None, raw=raw)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("route", GUARDED, ids=[route.key for route in GUARDED])
@pytest.mark.parametrize(
    "raw", ["{", '{"favouriteColour": "blue"}', "x" * 6_000_000], ids=["no JSON", "unknown", "huge"]
)
def test_without_the_scope_nobody_learns_what_is_wrong_with_a_request(route: openapi.Route, raw: str):
    reply = _ask(route, raw=raw, scopes="")
    assert (reply.status, reply.error["type"]) == (403, "forbidden"), reply.text
    challenge = reply.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="slotline", error="insufficient_scope", scope="')
    assert reply.error["details"][0]["challenge"] == read_challenge(challenge)
    assert reply.error["total_details"] == 1


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("route", GUARDED, ids=[route.key for route in GUARDED])
@pytest.mark.parametrize(
    ("error", "code"), [("missing_credential", "unauthorized"), ("expired_token", "invalid_token")]
)
def test_the_body_of_a_401_says_all_that_its_header_says(route: openapi.Route, error: str, code: str):
    """API Gateway may send the header under another name."""
    reply = Endpoint(route.folder, route.method, {"error": error})(_path(route))
    (detail,) = reply.error["details"]
    assert (reply.status, detail["code"], detail["message"]) == (401, code, reply.error["message"])
    assert detail["challenge"] == read_challenge(reply.headers["WWW-Authenticate"])
    assert detail["challenge"].get("error") == (code if code == "invalid_token" else None)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("route", [route for route in GUARDED if "{appId}" in route.path], ids=lambda route: route.key)
def test_without_the_app_nobody_learns_what_is_wrong_with_a_request(route: openapi.Route):
    reply = _ask(route, app_id="01890000-0000-7000-8000-00000000ffff", raw="{")
    assert (reply.status, reply.error["type"]) == (403, "forbidden"), reply.text
    assert "WWW-Authenticate" not in reply.headers, "no other scope would help"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("route", READ, ids=[route.key for route in READ])
def test_head_is_answered_as_get_without_the_body(route: openapi.Route):
    get, head = _ask(route), _ask(route, method="HEAD")
    assert head.status == get.status
    assert head.text == ""
    counted = {"X-RateLimit-Remaining", "X-RateLimit-Reset"}
    assert {name: value for name, value in head.headers.items() if name not in counted} == {
        name: value for name, value in get.headers.items() if name not in counted
    }


@pytest.mark.parametrize("path", ["/.well-known/oauth-authorization-server", "/api/v1/openapi.json", "/api/v1/docs"])
def test_head_of_what_is_public_is_answered_too(path: str, ports: MemoryPorts):
    del ports
    folder = "oauth/jwks" if "well-known" in path else "docs/openapi"
    head = Endpoint(folder, "HEAD", None)(path)
    assert (head.status, head.text) == (200, "")
    assert "Cache-Control" in head.headers


def _event(method: str, path: str) -> dict[str, Any]:
    return {
        "version": "2.0",
        "routeKey": f"ANY {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"domainName": "x", "stage": "$default", "http": {"method": method, "path": path}},
    }


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("folder", "path", "allow"),
    [
        ("scheduled_calls/list", f"/api/v1/video/{APP_ID}/scheduled-calls", "GET, HEAD, OPTIONS, POST"),
        ("agents/read", f"/api/v1/video/{APP_ID}/agents/a", "DELETE, GET, HEAD, PATCH"),
        ("dialing/export_calls", "/api/v1/campaigns/c/export.csv", "GET, HEAD"),
        ("oauth/jwks", "/.well-known/jwks.json", "GET, HEAD"),
        ("docs/openapi", "/api/v1/openapi.json", "GET, HEAD"),
        ("pages/room", "/c/01890000-0000-7000-8000-00000000ca11", "GET, HEAD"),
        ("video_calls/get", "/api/calls/01890000-0000-7000-8000-00000000ca11", "GET, HEAD, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "TRACE", "QUERY"])
def test_another_method_at_an_address_that_is_read_is_a_405(folder: str, path: str, allow: str, method: str):
    answer = load_function(folder).handler(_event(method, path), None)
    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, allow)
    assert json.loads(answer["body"])["error"]["type"] == "invalid_request"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("DELETE", "/api/calls", 405), ("GET", "/api/calls/a/b/c", 404)]
)
def test_where_websites_call_the_default_route_speaks_as_they_are_spoken_to(method: str, path: str, status: int):
    reply = Endpoint("docs/no_such_route", method, None)(path)
    assert (reply.status, reply.json["ok"]) == (status, False)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert ("Allow" in reply.headers) == (status == 405)


def test_a_handler_that_says_no_scope_cannot_be_routed_to():
    def handler() -> None:
        """Says nothing about who may call it."""

    with pytest.raises(LookupError, match="/nothing: say beside its handler which scope it needs"):
        make_api(common).get("/nothing")(handler)
