"""Every list of the API, found in the OpenAPI document: one pagination, walked to its end a row at a time."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from slotline.clock import FullJitter
from slotline.wiring import common
from slotline.wiring.webhooks import receivers
from tests.handlers.dialing.conftest import GRANTED
from tests.handlers.webhooks.conftest import book, events_of, fan_out, subscribe
from tests.support.builders.dialing import a_grant
from tests.support.builders.provisioned import provision
from tests.support.handlers import APP_ID, Endpoint, Reply, partner
from tests.support.memory.webhooks import Receiver
from tests.support.memory.wiring import MemoryPorts
from tools import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.DOCUMENT.read_text(encoding="utf-8"))
ROWS = 4
VIDEO = f"/api/v1/video/{APP_ID}"
AGENT = f"{VIDEO}/agents/agent-1"
NO_LISTS = {"searchAvailability", "searchAvailabilityAsGuest", "getWorkingHours"}
"""Slots are computed, and bounded by the range that is asked for; a week has at most 50 windows, replaced as one."""


def _schema(value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = value
    while "$ref" in found:
        found = DOCUMENT["components"]["schemas"][found["$ref"].rsplit("/", 1)[1]]
    return found


def _answer(operation: dict[str, Any]) -> dict[str, Any]:
    success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    (content,) = success["content"].values()
    return _schema(content["schema"])


def _lists_rows_alone(operation: dict[str, Any]) -> bool:
    """Whether the data of an answer is a list, and nothing but that."""
    data = _schema(_answer(operation).get("properties", {}).get("data", {})).get("properties", {})
    return bool(data) and all(_schema(field).get("type") == "array" for field in data.values())


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        if "get" in methods:
            yield path, methods["get"]["operationId"], methods["get"]


LISTS = {
    name: (path, operation) for path, name, operation in _operations() if "pagination" in json.dumps(_answer(operation))
}


def _ask(name: str, *ids: str, query: dict[str, str] | None = None) -> Reply:
    route = next(route for route in openapi.routes() if (route.method, route.path) == ("GET", LISTS[name][0]))
    parts = iter(ids)
    path = "/".join(next(parts) if part.startswith("{") else part for part in route.path.split("/"))
    return Endpoint(route.folder, "GET", partner())(path, query=query)


def _post(folder: str, path: str, body: Any) -> dict[str, Any]:
    reply = Endpoint(folder, "POST", partner())(path, body)
    assert reply.status in {200, 201}, reply.text
    answer: dict[str, Any] = reply.json
    return answer


def _calls() -> tuple[str, ...]:
    for hour in range(ROWS):
        book(scheduledAtUtc=f"2026-05-04T{10 + hour}:00:00Z")
    return (APP_ID,)


def _agents() -> tuple[str, ...]:
    for number in range(ROWS):
        _post("agents/write", f"{VIDEO}/agents", {"name": f"Agent {number}"})
    return (APP_ID,)


def _exceptions() -> tuple[str, ...]:
    for day in (5, 3, 4, 3, 1):  # two on one day
        _post("agents/exceptions", f"{AGENT}/exceptions", {"kind": "available_extra"} | _date(day))
    return (APP_ID, "agent-1")


def _date(day: int) -> dict[str, str]:
    return {"dateFrom": f"2026-06-0{day}", "dateTo": f"2026-06-0{day}"}


def _windows() -> tuple[str, ...]:
    for day in (5, 3, 4, 3, 1):
        times = {"startUtc": f"2026-06-0{day}T10:00:00Z", "endUtc": f"2026-06-0{day}T11:00:00Z"}
        _post("agents/do_not_disturb", f"{AGENT}/do-not-disturb", times)
    return (APP_ID, "agent-1")


def _presets() -> tuple[str, ...]:
    for number in range(ROWS):
        _post("presets/write", f"{VIDEO}/presets", {"name": f"Preset {number}"})
    return (APP_ID,)


def _webhooks() -> tuple[str, ...]:
    for _ in range(ROWS):
        subscribe()
    return (APP_ID,)


def _use_cases() -> tuple[str, ...]:
    for number in range(ROWS):
        _post("dialing/write_settings", "/api/v1/use-cases", {"name": f"Use case {number}"})
    return ()


def _numbers() -> tuple[str, ...]:
    for e164 in GRANTED[:ROWS]:
        _post("dialing/write_settings", "/api/v1/numbers", {"phone_number": e164, "carrier": "twilio"})
    return ()


def _barred() -> tuple[str, ...]:
    numbers = [f"+1202555010{number}" for number in range(ROWS)]
    _post("dialing/do_not_call", "/api/v1/do-not-call", {"phone_numbers": numbers})
    return ()


def _campaigns() -> tuple[str, ...]:
    named = {"use_case_id": _new_use_case(), "number_id": _new_number()}
    for number in range(ROWS):
        rows = [{"phone_number": f"+1202555011{number}"}]
        _post("dialing/schedule", "/api/v1/dial/scheduled", {**named, "calls": rows})
    return ()


def _new_use_case() -> str:
    body = {"name": "Kate", "callee_start": "00:00", "callee_end": "24:00"}
    return str(_post("dialing/write_settings", "/api/v1/use-cases", body)["data"]["use_case"]["id"])


def _new_number() -> str:
    body = {"phone_number": GRANTED[0], "carrier": "twilio"}
    return str(_post("dialing/write_settings", "/api/v1/numbers", body)["data"]["number"]["id"])


MADE: dict[str, Callable[[], tuple[str, ...]]] = {
    "listScheduledCalls": _calls,
    "listAgents": _agents,
    "listExceptions": _exceptions,
    "listDoNotDisturb": _windows,
    "listPresets": _presets,
    "listServices": _presets,
    "listWebhooks": _webhooks,
    "listUseCases": _use_cases,
    "listNumbers": _numbers,
    "listDoNotCall": _barred,
    "listCalls": _campaigns,
    "listCampaigns": _campaigns,
}
"""What makes at least `ROWS` rows of each list, and the ids of its path. Deliveries need the stream: see below."""


@pytest.fixture(autouse=True)
def world(ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch) -> MemoryPorts:
    monkeypatch.setattr(common, "backoff", lambda: FullJitter(first_seconds=0, longest_seconds=0))
    monkeypatch.setattr(receivers, "egress", Receiver)
    provision(ports, APP_ID)
    for e164 in GRANTED:
        ports.grants.put(a_grant("organization-1", phone_number=e164))
    return ports


def _made(name: str, world: MemoryPorts) -> tuple[str, ...]:
    if name != "listDeliveries":
        return MADE[name]()
    webhook = subscribe()
    _calls()
    fan_out(events_of(world))
    return (APP_ID, webhook["id"])


def test_whatever_answers_with_nothing_but_rows_is_a_list_of_this_pagination():
    alone = {name for _, name, operation in _operations() if _lists_rows_alone(operation)}
    assert alone - NO_LISTS <= set(LISTS)
    assert set(LISTS) == set(MADE) | {"listDeliveries"}, "walk every list here"


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_a_limit_and_a_cursor(name: str):
    parameters = {parameter["name"]: parameter for parameter in LISTS[name][1]["parameters"]}
    assert parameters["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert parameters["cursor"]["schema"]["type"] == "string"


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_walked_to_its_end_a_row_at_a_time(name: str, world: MemoryPorts):
    ids = _made(name, world)
    whole = _rows(_ask(name, *ids))
    assert len(whole) >= ROWS
    walked: list[Any] = []
    query = {"limit": "1"}
    while True:
        page = _ask(name, *ids, query=query)
        where = page.json["pagination"]
        assert set(where) == {"total", "limit", "offset", "hasMore", "nextCursor"}
        assert where["hasMore"] == (where["nextCursor"] is not None)
        assert where["limit"] == 1
        assert where["total"] in {None, len(whole)}
        walked += _rows(page)
        assert len(walked) <= len(whole), "it goes round"
        if not where["hasMore"]:
            break
        query["cursor"] = where["nextCursor"]
    assert walked == whole


DIALING = ("listUseCases", "listNumbers", "listDoNotCall", "listCalls", "listCampaigns")


@pytest.mark.parametrize("name", DIALING)
def test_what_is_dialled_is_counted_on_every_page_unless_nobody_wants_to_know(name: str, world: MemoryPorts):
    ids = _made(name, world)
    whole = len(_rows(_ask(name, *ids)))
    first = _ask(name, *ids, query={"limit": "1"}).json["pagination"]
    second = _ask(name, *ids, query={"limit": "1", "cursor": first["nextCursor"]}).json["pagination"]
    assert (first["total"], second["total"]) == (whole, whole)
    for query in ({"total": "false"}, {"total": "false", "limit": "1"}):
        assert "total" not in _ask(name, *ids, query=query).json["pagination"]


@pytest.mark.parametrize("name", ["listScheduledCalls", "listAgents", "listPresets", "listServices"])
def test_a_total_that_is_not_asked_for_is_left_out_of_the_page(name: str, world: MemoryPorts):
    ids = _made(name, world)
    assert _ask(name, *ids).json["pagination"]["total"] >= ROWS
    where = _ask(name, *ids, query={"total": "false", "limit": "1"}).json["pagination"]
    assert "total" not in where
    assert where["hasMore"] is True


def _rows(reply: Reply) -> list[Any]:
    assert reply.status == 200, reply.text
    (rows,) = reply.json["data"].values()
    found: list[Any] = rows
    return found


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"cursor": "page-2"}, "cursor"),
        ({"page": "2"}, "page"),
    ],
)
def test_what_no_list_takes_is_refused_by_its_name(name: str, query: dict[str, str], field: str):
    path_ids = [APP_ID, "agent-1" if "agent" in LISTS[name][0] else "none"]
    reply = _ask(name, *path_ids[: LISTS[name][0].count("{")], query=query)
    if name == "listDeliveries" and field == "cursor":
        pytest.skip("a webhook that is not there is a 404, before its place in a log is read")
    assert (reply.status, reply.error["details"][0]["field"]) == (400, field), reply.text


@pytest.mark.parametrize("name", [name for name, (_, found) in LISTS.items() if "offset" in json.dumps(found)])
def test_a_list_that_is_counted_takes_an_offset_too(name: str, world: MemoryPorts):
    ids = _made(name, world)
    whole = _rows(_ask(name, *ids))
    page = _ask(name, *ids, query={"limit": "2", "offset": "1"})
    assert _rows(page) == whole[1:3]
    assert page.json["pagination"]["total"] == len(whole)


def test_a_list_goes_on_rightly_where_the_row_it_stood_at_is_gone(world: MemoryPorts):
    ids = _made("listPresets", world)
    whole = _rows(_ask("listPresets", *ids))
    first = _ask("listPresets", *ids, query={"limit": "2"}).json
    gone = next(preset for preset in reversed(first["data"]["presets"]) if not preset["active"])
    assert Endpoint("presets/write", "DELETE", partner())(f"{VIDEO}/presets/{gone['preset_id']}").status == 200
    rest = _ask("listPresets", *ids, query={"cursor": first["pagination"]["nextCursor"]})
    assert _rows(rest) == whole[2:]
