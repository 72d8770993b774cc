"""Use cases, numbers and the do-not-call list over the handler."""

from typing import Any

import pytest

from tests.handlers.dialing.conftest import Dialer, reading, reading_calls, scheduling, writing
from tests.support.builders.phones import BARRED
from tests.support.handlers import Endpoint, partner

BAD: list[tuple[str, str, dict[str, Any], str | None, str]] = [
    ("an unknown field", "use-cases", {"name": "K", "colour": 1}, "colour", "extra_forbidden"),
    ("no name", "use-cases", {"amd": True}, "name", "missing"),
    ("half of the hours", "use-cases", {"name": "K", "work_start": "09:00"}, "work_end", "required"),
    ("hours backwards", "use-cases", {"name": "K", "work_start": "17:00", "work_end": "09:00"}, "work_end", "invalid"),
    ("an abbreviation for a zone", "use-cases", {"name": "K", "timezone": "EST"}, "timezone", "timezone"),
    ("no such zone", "use-cases", {"name": "K", "timezone": "Mars"}, "timezone", "timezone"),
    ("a call of a day", "use-cases", {"name": "K", "max_duration_mins": 1440}, "max_duration_mins", "less_than_equal"),
    ("no number", "use-cases", {"name": "K", "transfer_number": "911"}, "transfer_number", "phone"),
    *(
        (f"transfers to {number}", "use-cases", {"name": "K", "transfer_number": number}, "transfer_number", code)
        for number, code in BARRED.items()
    ),
    (
        "an eighth day",
        "use-cases",
        {"name": "K", "detailed_work_hours": {"noday": []}},
        "detailed_work_hours.noday",
        "literal_error",
    ),
    (
        "hours that never open",
        "use-cases",
        {"name": "K", "enable_detailed_work_hours": True},
        "detailed_work_hours",
        "required",
    ),
    (
        "a closed date as a spreadsheet shows it",
        "use-cases",
        {"name": "K", "closed_dates": ["12/25/2027"]},
        "closed_dates.0",
        "date",
    ),
    ("nothing to leave", "use-cases", {"name": "K", "amd_behavior": "Leave message"}, "amd_messages", "required"),
    ("70 KB", "use-cases", {"name": "K", "params": {"text": "x" * 70_000}}, None, ""),
    (
        "a carrier of nobody",
        "numbers",
        {"phone_number": "+12025550100", "carrier": "simulated"},
        "carrier",
        "literal_error",
    ),
    ("a number that is none", "numbers", {"phone_number": "12", "carrier": "twilio"}, "phone_number", "phone"),
    (
        "too fast",
        "numbers",
        {"phone_number": "+12025550100", "carrier": "twilio", "calls_per_second": 101},
        "calls_per_second",
        "less_than_equal",
    ),
    (
        "no lines",
        "numbers",
        {"phone_number": "+12025550100", "carrier": "twilio", "lines": 0},
        "lines",
        "greater_than_equal",
    ),
]


@pytest.mark.parametrize(("path", "body", "field", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_the_answer_says_what_is_wrong(dialer: Dialer, path: str, body: dict[str, Any], field: str | None, code: str):
    reply = writing()(f"/api/v1/{path}", body)
    assert (reply.status, reply.error["type"]) == (400, "invalid_request"), reply.text
    if code:
        assert (field, code) in {(one.get("field"), one["code"]) for one in reply.error["details"]}, reply.text
    del dialer


def test_a_use_case_is_changed_where_its_rules_can_be_kept(dialer: Dialer):
    path = f"/api/v1/use-cases/{dialer.use_case_id}"
    changed = writing("PATCH")(path, {"work_start": "09:00", "work_end": "17:00", "params": {"ratio": 1.5}})
    assert changed.status == 200
    assert reading()(path).json["data"] == changed.json["data"]
    assert writing("PATCH")(path, {"work_end": None}).error["details"][0]["field"] == "work_end"
    assert writing("PATCH")(path, {}).status == 400
    assert reading()(path).json["data"] == changed.json["data"]


def test_a_use_case_is_not_changed_to_transfer_to_a_number_that_nobody_dials(dialer: Dialer):
    path = f"/api/v1/use-cases/{dialer.use_case_id}"
    reply = writing("PATCH")(path, {"transfer_number": "+1 (900) 555-0000"})
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "transfer_number")
    assert writing("PATCH")(path, {"transfer_number": "+44 (0) 20 7946 0960"}).status == 200


def test_a_repeat_adds_one_and_answers_the_same(dialer: Dialer):
    del dialer
    body = {"name": "Karen", "params": {"ratio": 1.5}}
    first, again = (writing()("/api/v1/use-cases", body, headers={"idempotency-key": "k"}) for _ in range(2))
    assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    assert len(reading()("/api/v1/use-cases").json["data"]["use_cases"]) == 2
    assert writing()("/api/v1/use-cases", {"name": "Kim"}, headers={"idempotency-key": "k"}).status == 422


def test_what_was_deleted_is_gone_and_no_call_can_name_it(dialer: Dialer):
    path = f"/api/v1/use-cases/{dialer.use_case_id}"
    assert [writing("DELETE")(path).status for _ in range(2)] == [200, 404]
    assert dialer.schedule(calls=[{"phone_number": "+12025550143"}]).error["details"][0]["field"] == "use_case_id"


def test_lists_go_on_by_cursor(dialer: Dialer):
    del dialer
    for name in ("Karen", "Kim"):
        writing()("/api/v1/use-cases", {"name": name})
    names, cursor = [], ""
    for _ in range(4):
        reply = reading()("/api/v1/use-cases", query={"limit": "1", **({"cursor": cursor} if cursor else {})}).json
        names += [use_case["name"] for use_case in reply["data"]["use_cases"]]
        cursor = reply["pagination"]["nextCursor"]
        if not cursor:
            break
    assert names == ["Kate", "Karen", "Kim"]


def test_a_number_is_on_the_list_until_it_is_taken_off(dialer: Dialer):
    del dialer
    add, remove = (Endpoint("dialing/do_not_call", method, partner()) for method in ("POST", "DELETE"))
    reply = add("/api/v1/do-not-call", {"phone_numbers": ["+1 202 555 0143", "+12025550143", "+12025550144"]})
    assert (reply.status, reply.json["data"]) == (201, {"listed": 2})
    listed = reading()("/api/v1/do-not-call").json["data"]["numbers"]
    assert [one["phone_number"] for one in listed] == ["+12025550143", "+12025550144"]
    for path in ("+12025550143", "12025550144"):
        assert [remove(f"/api/v1/do-not-call/{path}").status for _ in range(2)] == [200, 404]
    both = {"phone_number": "+12025550143", "phone_numbers": ["+12025550144"]}
    for body in ({}, {"phone_numbers": []}, {"phone_number": "911"}, both, {"phone_numbers": ["+12025550143"] * 1001}):
        assert add("/api/v1/do-not-call", body).status == 400


@pytest.mark.parametrize(
    "pasted",
    [
        "+1\u00a0202\u00a0555\u00a00143",
        "+1\u2011202\u2011555\u20110143",
        "\u202a+1 (202) 555-0143\u202c",
        "\uff0b\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff14\uff13",
        "\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff14\uff13",
    ],
)
def test_a_number_is_taken_off_the_list_however_it_was_pasted_into_the_address(dialer: Dialer, pasted: str):
    del dialer
    add, remove = (Endpoint("dialing/do_not_call", method, partner()) for method in ("POST", "DELETE"))
    add("/api/v1/do-not-call", {"phone_number": "+12025550143"})
    reply = remove(f"/api/v1/do-not-call/{pasted}")
    assert (reply.status, reply.json["data"]) == (200, {"phone_number": "+12025550143"})


def test_a_hidden_use_case_is_left_out_of_lists_unless_they_ask_for_it_and_dials_like_any_other(dialer: Dialer):
    path = f"/api/v1/use-cases/{dialer.use_case_id}"
    assert writing("PATCH")(path, {"hidden": True}).status == 200

    def listed(**query: str) -> list[str]:
        return [one["id"] for one in reading()("/api/v1/use-cases", query=query).json["data"]["use_cases"]]

    assert listed() == listed(hidden="false") == []
    assert listed(hidden="true") == [dialer.use_case_id]
    assert reading()(path).json["data"]["use_case"]["hidden"] is True
    assert dialer.schedule(calls=[{"phone_number": "+12025550143"}]).json["total"] == 1
    body = dialer.body(phone_number="+12025550144")
    assert scheduling()("/api/v1/dial/outbound", body).json["total"] == 1


def test_pages_of_use_cases_are_full_and_end_though_some_are_hidden(dialer: Dialer):
    made = [writing()("/api/v1/use-cases", {"name": f"K{n}", "hidden": n % 3 > 0}).json for n in range(9)]
    shown = [dialer.use_case_id, *(one["data"]["use_case"]["id"] for n, one in enumerate(made) if n % 3 == 0)]
    pages, cursor = [], ""
    while cursor is not None:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        reply = reading()("/api/v1/use-cases", query=query).json
        pages.append([use_case["id"] for use_case in reply["data"]["use_cases"]])
        cursor = reply["pagination"]["nextCursor"]
    assert pages == [shown[:2], shown[2:]]


def test_closed_dates_are_kept_shown_and_put_calls_off(dialer: Dialer):
    path = f"/api/v1/use-cases/{dialer.use_case_id}"
    changed = writing("PATCH")(path, {"closed_dates": ["2026-04-22", "2026-04-23"]})
    assert changed.json["data"]["use_case"]["closed_dates"] == ["2026-04-22", "2026-04-23"]
    assert reading()(path).json["data"] == changed.json["data"]
    made = dialer.schedule(calls=[{"phone_number": "+12025550143"}], key="closed").json["createdCalls"]
    call = reading_calls()(f"/api/v1/calls/{made[0]['id']}").json["data"]["call"]
    assert call["scheduled_at"] == "2026-04-24T00:00:00.000Z"
    days = [f"20{year}-{month:02d}-{day:02d}" for year in (27, 28) for month in range(1, 13) for day in range(1, 17)]
    assert writing("PATCH")(path, {"closed_dates": days[:366]}).status == 200
    assert writing("PATCH")(path, {"closed_dates": days[:367]}).error["details"][0]["field"] == "closed_dates"
    assert dialer.schedule(calls=[{"phone_number": "+12025550143"}], key="closed").headers["Idempotency-Replayed"]


def test_a_language_may_be_written_with_an_underscore_and_has_one_message(dialer: Dialer):
    path = f"/api/v1/use-cases/{dialer.use_case_id}"
    changed = writing("PATCH")(path, {"language": "es_CO", "amd_messages": {"es_CO": "Hola"}}).json["data"]["use_case"]
    assert (changed["language"], changed["amd_messages"]) == ("es-CO", {"es-CO": "Hola"})
    both = writing("PATCH")(path, {"amd_messages": {"es_CO": "Hola", "es-CO": "Buenas"}})
    assert (both.status, both.error["details"][0]["field"]) == (400, "amd_messages")
