"""What a request about agents can get wrong: one row, one wrong thing. Nothing is changed by any of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.handlers.agents.conftest import excepting, path, quieting, writing
from tests.handlers.agents.test_agents import ADA, AFTERNOON, WINDOW
from tests.support.builders.apps import SetClock
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint
from tests.support.memory.wiring import MemoryPorts

Row = tuple[str, Any, str | None, str]


@pytest.fixture(scope="module")
def ports() -> Iterator[MemoryPorts]:
    """One app for all rows."""
    in_memory = MemoryPorts(SetClock())
    with in_memory.in_place():
        provision(in_memory, APP_ID)
        yield in_memory


@pytest.fixture(autouse=True)
def _nothing_changes(ports: MemoryPorts) -> Iterator[None]:
    before = ports.rows()
    yield
    assert ports.rows() == before


def refused(endpoint: Endpoint, where: str, body: Any, field: str | None, code: str) -> None:
    reply = endpoint(where, body)
    assert (reply.status, reply.error["type"]) == (400, "invalid_request"), reply.text
    details = reply.error["details"]
    assert (field, code) in {(detail.get("field"), detail["code"]) for detail in details}, details


def week(*windows: Any) -> dict[str, Any]:
    return {"name": "Ada", "workingHours": list(windows)}


NEW: list[Row] = [
    ("an unknown field", ADA | {"colour": "red"}, "colour", "extra_forbidden"),
    ("turns", ADA | {"turns": 0}, "turns", "extra_forbidden"),
    ("no name", {}, "name", "missing"),
    ("a blank name", {"name": " "}, "name", "blank"),
    ("no e-mail address", ADA | {"email": "ada"}, "email", "email"),
    ("a weight of none", ADA | {"weight": 0}, "weight", "greater_than_equal"),
    ("too much weight", ADA | {"weight": 1001}, "weight", "less_than_equal"),
    ("half a weight", ADA | {"weight": 1.5}, "weight", "int_type"),
    ("a weight of true", ADA | {"weight": True}, "weight", "int_type"),
    ("an id with a slash", ADA | {"agentId": "a/b"}, "agentId", "string_pattern_mismatch"),
    ("an id with a hash", ADA | {"agentId": "a#b"}, "agentId", "string_pattern_mismatch"),
    ("active as text", ADA | {"active": "yes"}, "active", "bool_type"),
    ("an eighth day", week(WINDOW | {"weekday": 7}), "workingHours.0.weekday", "less_than_equal"),
    ("no such time", week(WINDOW | {"end": "24:30"}), "workingHours.0.end", "string_pattern_mismatch"),
    ("24:00 as a start", week(WINDOW | {"start": "24:00"}), "workingHours.0.start", "string_pattern_mismatch"),
    ("over midnight", week(WINDOW | {"start": "22:00", "end": "02:00"}), "workingHours.0", "end"),
    ("an empty window", week(WINDOW | {"start": "12:00"}), "workingHours.0", "end"),
    ("an abbreviation for a zone", week(WINDOW | {"zone": "EST"}), "workingHours.0.zone", "timezone"),
    ("no such zone", week(WINDOW | {"zone": "Mars/Phobos"}), "workingHours.0.zone", "timezone"),
    ("no zone", week({"weekday": 0, "start": "09:00", "end": "10:00"}), "workingHours.0.zone", "missing"),
    ("two that overlap", week(WINDOW, AFTERNOON, WINDOW | {"start": "11:59"}), "workingHours", "overlap"),
    ("51 windows", week(*[WINDOW] * 51), "workingHours", "too_long"),
]
CHANGES: list[Row] = [
    ("nothing to change", {}, None, "nothing_to_change"),
    ("a name of null", {"name": None}, "name", "string_type"),
    ("a week of null", {"workingHours": None}, "workingHours", "list_type"),
    ("a weight of null", {"weight": None}, "weight", "int_type"),
    ("another id", {"agentId": "new"}, "agentId", "extra_forbidden"),
]
HOURS: list[Row] = [
    ("the same twice", {"workingHours": [WINDOW, WINDOW]}, "workingHours", "overlap"),
    ("no week", {}, "workingHours", "missing"),
]
_DATES = {"kind": "blocked", "dateFrom": "2026-05-04", "dateTo": "2026-05-08"}
EXCEPTIONS: list[Row] = [
    ("an unknown field", _DATES | {"reason": "x"}, "reason", "extra_forbidden"),
    ("no kind", {"dateFrom": "2026-05-04", "dateTo": "2026-05-08"}, "kind", "missing"),
    ("another kind", _DATES | {"kind": "busy"}, "kind", "enum"),
    ("no last date", {"kind": "blocked", "dateFrom": "2026-05-04"}, "dateTo", "missing"),
    ("an instant for a date", _DATES | {"dateFrom": "2026-05-04T00:00:00Z"}, "dateFrom", "date"),
    ("a date that is none", _DATES | {"dateTo": "2026-02-30"}, "dateTo", "date"),
    ("a number for a date", _DATES | {"dateTo": 20260508}, "dateTo", "date"),
    ("a year beyond", _DATES | {"dateTo": "2200-01-01"}, "dateTo", "date"),
    ("an end before its beginning", _DATES | {"dateTo": "2026-05-03"}, "dateTo", "invalid"),
    ("367 dates", _DATES | {"dateTo": "2027-05-05"}, "dateTo", "invalid"),
    ("no such time", _DATES | {"start": "9:00"}, "start", "string_pattern_mismatch"),
    ("over midnight", _DATES | {"start": "22:00", "end": "02:00"}, None, "end"),
    ("an abbreviation for a zone", _DATES | {"zone": "CET"}, "zone", "timezone"),
    ("no such zone", _DATES | {"zone": "../UTC"}, "zone", "timezone"),
    ("a label of 201 characters", _DATES | {"label": "x" * 201}, "label", "string_too_long"),
    ("a label of two lines", _DATES | {"label": "a\nb"}, "label", "control_character"),
]
_WINDOW = {"startUtc": "2026-05-04T10:00:00Z", "endUtc": "2026-05-04T11:00:00Z"}
WINDOWS: list[Row] = [
    ("an unknown field", _WINDOW | {"zone": "UTC"}, "zone", "extra_forbidden"),
    ("no end", {"startUtc": "2026-05-04T10:00:00Z"}, "endUtc", "missing"),
    ("an end before its start", _WINDOW | {"endUtc": "2026-05-04T09:00:00Z"}, "endUtc", "invalid"),
    ("no length", _WINDOW | {"endUtc": "2026-05-04T10:00:00Z"}, "endUtc", "invalid"),
    ("over already", {"startUtc": "2026-04-22T10:00:00Z", "endUtc": "2026-04-22T12:00:00Z"}, "endUtc", "past"),
    ("half a minute", _WINDOW | {"endUtc": "2026-05-04T11:00:30Z"}, "endUtc", "whole_minute"),
    ("milliseconds", _WINDOW | {"startUtc": "2026-05-04T10:00:00.001Z"}, "startUtc", "whole_minute"),
    ("a local time", _WINDOW | {"startUtc": "2026-05-04T10:00:00"}, "startUtc", "instant"),
    ("notify as text", _WINDOW | {"notify": "true"}, "notify", "bool_type"),
]
ENDPOINTS: dict[str, tuple[Endpoint, str, list[Row]]] = {
    "POST agents": (writing("POST"), path(), NEW),
    "PATCH agents": (writing("PATCH"), path("agent-1"), CHANGES),
    "PUT working-hours": (writing("PUT"), path("agent-1", "working-hours"), HOURS),
    "POST exceptions": (excepting(), path("agent-1", "exceptions"), EXCEPTIONS),
    "POST do-not-disturb": (quieting(), path("agent-1", "do-not-disturb"), WINDOWS),
}
CASES = [(endpoint, where, *row) for endpoint, where, table in ENDPOINTS.values() for row in table]
NAMES = [f"{name}: {row[0]}" for name, (_, _, table) in ENDPOINTS.items() for row in table]


@pytest.mark.parametrize(("endpoint", "where", "_name", "body", "field", "code"), CASES, ids=NAMES)
def test_the_answer_says_what_is_wrong(
    endpoint: Endpoint, where: str, _name: str, body: Any, field: str | None, code: str
):
    refused(endpoint, where, body, field, code)


@pytest.mark.parametrize("rest", [(), ("exceptions",), ("do-not-disturb",)])
def test_a_bad_idempotency_key_is_refused(rest: tuple[str, ...]):
    endpoints = {(): writing("POST"), ("exceptions",): excepting(), ("do-not-disturb",): quieting()}
    where = path("agent-1", *rest) if rest else path()
    assert endpoints[rest](where, ADA, headers={"idempotency-key": "x" * 256}).status == 400


@pytest.mark.parametrize("agent_id", ["x" * 201, "\u6f22" * 67, "\U0001f600" * 51], ids=ascii)
def test_a_part_of_a_path_that_has_more_bytes_than_any_id_is_at_no_address(agent_id: str):
    """Two of them make a key of a table, which has 1,024 at most."""
    reply = Endpoint("agents/read", "GET")(path(agent_id))
    assert (reply.status, reply.error["message"]) == (404, "There is nothing at this address.")


@pytest.mark.parametrize("agent_id", ["\U0001f600" * 50, "a\u00a0b", "\uff0b1", "a\n"], ids=ascii)
def test_an_id_of_any_characters_is_looked_for_and_not_found(agent_id: str):
    reply = Endpoint("agents/read", "GET")(path(agent_id))
    assert (reply.status, reply.error["message"]) == (404, "There is no such agent in this app.")


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "201"}, {"offset": "-1"}, {"limit": "many"}], ids=str)
def test_a_bad_page_is_refused(query: dict[str, str]):
    assert Endpoint("agents/read", "GET")(path(), query=query).status == 400


@pytest.mark.parametrize("query", [{"fromUtc": "today"}, {"toUtc": "2020-01-01T00:00:00Z"}], ids=str)
def test_a_bad_span_is_refused(query: dict[str, str]):
    assert Endpoint("agents/read", "GET")(path("agent-1", "do-not-disturb"), query=query).status == 400
