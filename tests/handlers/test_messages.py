"""Whatever is wrong with a field, the answer says so in the words of this API: every field of the OpenAPI document."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic_core._pydantic_core import list_all_errors

from slotline.http.core import messages
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tools import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
Place = Callable[[Any], Any]
WRONG = (None, True, -1, 1.5, 10**12, "", "\0", "?", "x" * 5_000, [], [None], ["?"], {}, {"?": "?"}, "9:00", 7)
_GIVEN = re.compile(r"\\\{[^}]*\}")
LIBRARY = [
    re.compile(_GIVEN.sub(".*", re.escape(error["message_template_python"])), re.IGNORECASE)
    for error in list_all_errors()
    if error["message_template_python"] != "{error}"  # what our own validators say
]
"""Every text of pydantic's, with whatever it puts between."""
JARGON = re.compile(
    r"pydantic|regex|pattern|traceback|validator|input should|\bstr\b|\bint\b|\bdict\b|NoneType|\^\[", re.IGNORECASE
)


def _schema(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = value
    while "$ref" in found:
        found = DOCUMENT["components"]["schemas"][found["$ref"].rsplit("/", 1)[1]]
    return found


def _places(value: dict[str, Any], into: Place, depth: int = 0) -> Iterator[Place]:
    """Each place of a body that a value can be put in: what builds the body around it."""
    schema = _schema(value)
    for choice in schema.get("anyOf", []):
        yield from _places(choice, into, depth)
    if depth > 4:
        return
    for name, inner in schema.get("properties", {}).items():

        def at(found: Any, name: str = name) -> Any:
            return into({name: found})

        yield at
        yield from _places(inner, at, depth + 1)
    if "items" in schema:
        yield from _places(schema["items"], lambda found: into([found]), depth + 1)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _places(schema["additionalProperties"], lambda found: into({"monday": found}), depth + 1)


BODIES = [
    (route, DOCUMENT["paths"][route.path][route.method.lower()]["requestBody"]["content"]["application/json"]["schema"])
    for route in openapi.routes()
    if route.is_operation
    and route.path.startswith("/api/v1/")
    and "requestBody" in DOCUMENT["paths"][route.path][route.method.lower()]
    and not route.public
]
QUERIES = [
    (route, DOCUMENT["paths"][route.path]["get"].get("parameters", []))
    for route in openapi.routes()
    if route.is_operation and route.method == "GET" and route.path.startswith("/api/v1/") and not route.public
]


def _ask(route: openapi.Route, body: Any = None, query: dict[str, str] | None = None) -> Reply:
    parts = route.path.split("/")
    path = "/".join(APP_ID if part == "{appId}" else "x" if part.startswith("{") else part for part in parts)
    return Endpoint(route.folder, route.method, partner())(path, body, query=query)


def _check(reply: Reply, sent: Any) -> int:
    """How many messages there are. Each is ours."""
    assert reply.status != 500, (sent, reply.text)
    if reply.status != 400:
        return 0
    for detail in reply.error["details"]:
        said = detail["message"]
        assert not any(text.search(said) for text in LIBRARY), (sent, detail)
        assert not JARGON.search(said), (sent, detail)
        assert said != messages._OTHERWISE, (sent, detail)
        assert said, sent
    return len(reply.error["details"])


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("route", "schema"), BODIES, ids=[route.key for route, _ in BODIES])
def test_a_wrong_value_in_a_body_is_told_in_our_words(route: openapi.Route, schema: dict[str, Any]):
    places = [lambda found: found, *_places(schema, lambda found: found)]
    told = sum(_check(_ask(route, place(value)), place(value)) for place in places for value in WRONG)
    assert told >= len(places)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("route", "parameters"), QUERIES, ids=[route.key for route, _ in QUERIES])
def test_a_wrong_value_in_a_query_is_told_in_our_words(route: openapi.Route, parameters: list[dict[str, Any]]):
    names = [parameter["name"] for parameter in parameters if parameter["in"] == "query"]
    for name in names:
        told = sum(
            _check(_ask(route, query={name: str(value)}), (name, value)) for value in ("\0", "?", -1, "x" * 5_000)
        )
        assert told, name


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"weekday": 7}, "must be at most 6"),
        ({"start": "9:00"}, "must be a time of day with two digits each, such as 09:00"),
        ({"start": 9}, "must be text"),
        ({"zone": "Bogota"}, None),
        ({"wekday": 1}, "is not a field of this request; did you mean weekday"),
    ],
)
def test_a_window_of_a_week_says_what_would_be_right(value: dict[str, Any], message: str | None):
    window = {"weekday": 0, "start": "09:00", "end": "17:00", "zone": "America/Bogota"} | value
    body = {"name": "Ada", "workingHours": [window]}
    reply = Endpoint("agents/write", "POST", partner())(f"/api/v1/video/{APP_ID}/agents", body)
    (detail,) = reply.error["details"]
    assert detail["field"] == f"workingHours.0.{next(iter(value))}"
    assert message is None or detail["message"] == message


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "empty",
    ["guestPhone", "guestTimezone", "guestLanguage", "guestIntakeNotes", "assignmentMethod", "holdId"],
)
def test_an_empty_text_is_an_absent_value(empty: str):
    body = {
        "guestName": "Ana",
        "guestEmail": "ana@example.com",
        "scheduledAtUtc": "2026-05-04T10:00:00Z",
        "appTimezone": "UTC",
        empty: "",
    }
    reply = Endpoint("scheduled_calls/create", "POST", partner())(f"/api/v1/video/{APP_ID}/scheduled-calls", body)
    assert reply.status == 201, reply.text


@pytest.mark.usefixtures("app")
def test_in_a_patch_an_empty_text_changes_nothing_and_null_clears():
    calls = f"/api/v1/video/{APP_ID}/scheduled-calls"
    body = {"guestName": "Ana", "guestEmail": "ana@example.com", "guestPhone": "+12025550100", "appTimezone": "UTC"}
    made = Endpoint("scheduled_calls/create", "POST", partner())(
        calls, body | {"scheduledAtUtc": "2026-05-04T10:00:00Z"}
    )
    change = Endpoint("scheduled_calls/update", "PATCH", partner())
    address = f"{calls}/{made.json['data']['call']['id']}"
    alone = change(address, {"guestPhone": ""})
    assert (alone.status, alone.error["details"][0]["code"]) == (400, "nothing_to_change")
    kept = change(address, {"guestPhone": "", "guestName": "Ana María"}).json["data"]["call"]
    assert (kept["guest_phone"], kept["guest_name"]) == ("+12025550100", "Ana María")
    assert change(address, {"guestPhone": None}).json["data"]["call"]["guest_phone"] is None
