"""Our doors read every route's requests as Powertools' own validation does: the same values, the same faults.

The requests are those of `events/`, and each of them with one thing changed. A new version of Powertools that reads
otherwise is found here: the OpenAPI document is still Powertools', and says what it takes.
"""

import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import OpenAPIRequestValidationMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from slotline.domain.shared.errors import InvalidRequest
from slotline.http.core.api import Api
from slotline.http.core.bodies import parse_json
from slotline.http.core.doors import Door
from tests.support.handlers import ROOT, load_function
from tools import openapi

Event = dict[str, Any]
OTHER_VALUES: tuple[Any, ...] = (
    None,
    "",
    " ",
    "x" * 5000,
    "2027-05-03T10:00:00Z",
    -1,
    1e300,
    True,
    [],
    ["a"],
    {"a": 1},
)
OTHER_TEXTS = ("", ",", "a,b", " 7 ", "true", "many", "2027-05-03T10:00:00Z", "é", "x" * 5000)
DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))


def _routes() -> Iterator[tuple[openapi.Route, Any]]:
    """Each operation that is built on `make_api`, with what Powertools knows of it."""
    for route in openapi.routes():
        api = getattr(load_function(route.folder), "api", None) if route.is_operation else None
        if isinstance(api, Api):
            # Powertools has no public list of its routes.
            for known in [*api._static_routes, *api._dynamic_routes]:
                shape = openapi._shape(known.openapi_path)
                if known.method == route.method and shape == openapi._shape(route.path):
                    yield route, known


ROUTES = list(_routes())
EVENTS = [
    event
    for file in sorted((ROOT / "events").rglob("*.json"))
    if "rawPath" in (event := json.loads(file.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize(("route", "known"), ROUTES, ids=[route.key for route, _ in ROUTES])
def test_a_request_is_read_as_powertools_reads_it(route: openapi.Route, known: Any) -> None:
    door = Door(known.method, known.path, known.func)
    outcomes = [
        (_ours(door, path, event), _theirs(known, path, event))
        for path, event in _requests(route, door)
        if _passes_the_query(route, event)
    ]
    assert [ours for ours, _ in outcomes] == [theirs for _, theirs in outcomes]
    assert len(outcomes) > len(OTHER_TEXTS)


def _requests(route: openapi.Route, door: Door) -> Iterator[tuple[dict[str, str], Event]]:
    """What was sent to this route, and each with another value somewhere."""
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    known = {
        place: [one["name"] for one in operation["parameters"] if one["in"] == place] for place in ("query", "header")
    }
    for event in [*_sent(door), _plain(route)]:
        path = door.opened_by(door.method, event["rawPath"]) or {}
        yield path, event
        for text in OTHER_TEXTS:
            yield dict.fromkeys(path, text or "-"), event
            for name in known["header"]:
                yield path, event | {"headers": {**event["headers"], name: text}}
            for name in known["query"]:
                yield path, event | {"rawQueryString": urlencode({name: text})}
                yield path, event | {"rawQueryString": urlencode(dict.fromkeys(known["query"], text))}
                yield path, event | {"rawQueryString": urlencode([(name, text), (name, "a")])}
        for body in _other_bodies(event):
            yield path, event | {"body": json.dumps(body)}
        yield path, event | {"body": None}


def _sent(door: Door) -> Iterator[Event]:
    for event in EVENTS:
        method = event["requestContext"]["http"]["method"]
        if door.opened_by(method, event["rawPath"]) is not None and not event.get("isBase64Encoded"):
            yield event


def _plain(route: openapi.Route) -> Event:
    path = "/".join("x" if part.startswith("{") else part for part in route.path.split("/"))
    http = {"method": route.method, "path": path}
    return {"rawPath": path, "headers": {}, "requestContext": {"http": http, "stage": "$default"}, "body": "{}"}


def _other_bodies(event: Event) -> Iterator[dict[str, Any]]:
    try:
        body = parse_json(event.get("body"))
    except InvalidRequest:
        return
    yield body | {"favouriteColour": "blue"}
    for name in body:
        yield {other: value for other, value in body.items() if other != name}
        for value in OTHER_VALUES:
            yield body | {name: value}


def _passes_the_query(route: openapi.Route, event: Event) -> bool:
    """Whether no parameter comes twice that is no list: our rule, which Powertools does not know."""
    names = [name for name, _ in parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True)]
    lists = {
        one["name"]
        for one in DOCUMENT["paths"][route.path][route.method.lower()]["parameters"]
        if one["schema"].get("type") == "array"
    }
    return all(names.count(name) == 1 or name in lists for name in names)


def _ours(door: Door, path: Mapping[str, str], event: Event) -> object:
    try:
        return door.read(path, event, parse_json)
    except InvalidRequest as refused:
        return (refused.total or len(refused.details), [detail.code for detail in refused.details])


_goes_on: Any = lambda app: app  # noqa: E731 - Powertools' type of it asks for a name
"""What Powertools calls once it has read a request."""


def _theirs(known: Any, path: Mapping[str, str], event: Event) -> object:
    said: dict[str, list[str]] = {}
    for name, value in parse_qsl(event.get("rawQueryString") or "", keep_blank_values=True):
        said.setdefault(name, []).append(value)
    query = {name: ",".join(values) for name, values in said.items() if any(values)}
    asked = {
        **event,
        "queryStringParameters": query,
        "headers": {**event["headers"], "content-type": "application/json"},
    }
    current = APIGatewayProxyEventV2(asked, parse_json)
    app: Any = SimpleNamespace(context={"_route": known, "_route_args": dict(path)}, current_event=current)
    try:
        OpenAPIRequestValidationMiddleware().handler(app, _goes_on)
    except RequestValidationError as refused:
        faults = refused.errors()
        codes = [str((fault.get("ctx") or {}).get("code", fault["type"])) for fault in faults]
        return (len(faults), codes[:50])
    except InvalidRequest as refused:
        return (refused.total or len(refused.details), [detail.code for detail in refused.details])
    return app.context["_route_args"]
