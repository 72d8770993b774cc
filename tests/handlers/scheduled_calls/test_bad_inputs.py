"""Everything a request can get wrong: each answer says which field, and what kind of wrong; nothing is booked.

One row, one wrong thing: what is sent, the status, the field that the first detail names, its code.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.handlers.scheduled_calls.conftest import LEAST, SEED, booked, creating, path
from tests.support.builders.apps import SetClock, put_app
from tests.support.handlers import APP_ID, Endpoint, Reply
from tests.support.memory.wiring import MemoryPorts

Row = tuple[str, Any, str | None, str]


@pytest.fixture(scope="module")
def ports() -> Iterator[MemoryPorts]:
    """One app for the whole table: nothing here may change it."""
    in_memory = MemoryPorts(SetClock())
    with in_memory.in_place():
        put_app(in_memory, APP_ID)
        yield in_memory


@pytest.fixture(autouse=True)
def _nothing_is_booked(ports: MemoryPorts) -> Iterator[None]:
    yield
    assert booked(ports) == 0


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in SEED.items() if name not in names}


FIELDS: list[Row] = [
    # What is missing
    ("no name", without("guestName"), "guestName", "missing"),
    ("no start", without("scheduledAtUtc"), "scheduledAtUtc", "missing"),
    ("no zone", without("appTimezone"), "appTimezone", "missing"),
    ("no way to reach the guest", without("guestPhone", "guestEmail"), None, "required"),
    ("both contacts null", SEED | {"guestPhone": None, "guestEmail": None}, None, "required"),
    ("nothing at all", {}, "guestName", "missing"),
    ("a name of null", SEED | {"guestName": None}, "guestName", "string_type"),
    # What is not a field
    ("an unknown field", SEED | {"colour": "red"}, "colour", "extra_forbidden"),
    ("a field in snake case", SEED | {"guest_name": "Jane"}, "guest_name", "extra_forbidden"),
    ("a field the server decides", SEED | {"status": "confirmed"}, "status", "extra_forbidden"),
    ("recurrence, which is not offered", SEED | {"recurrence": "weekly"}, "recurrence", "extra_forbidden"),
    # Names and notes
    ("a blank name", SEED | {"guestName": " \u2003"}, "guestName", "blank"),
    ("an empty name", SEED | {"guestName": ""}, "guestName", "string_too_short"),
    ("a name of 201 characters", SEED | {"guestName": "x" * 201}, "guestName", "string_too_long"),
    ("a line break in a name", SEED | {"guestName": "Jane\r\nBcc: all"}, "guestName", "control_character"),
    ("a NUL in a name", SEED | {"guestName": "Jane\0"}, "guestName", "control_character"),
    ("an escape sequence in a name", SEED | {"guestName": "\x1b[31mJane"}, "guestName", "control_character"),
    ("a line separator in a name", SEED | {"guestName": "Jane\u2028Doe"}, "guestName", "line_separator"),
    ("a name that turns letters around", SEED | {"guestName": "Jane\u202eeoD"}, "guestName", "direction"),
    ("a name that nobody can see", SEED | {"guestName": "\u200b\u3164"}, "guestName", "blank"),
    ("a number for a name", SEED | {"guestName": 7}, "guestName", "string_type"),
    ("a list for a name", SEED | {"guestName": ["Jane"]}, "guestName", "string_type"),
    ("notes of 4,001 characters", SEED | {"guestIntakeNotes": "x" * 4001}, "guestIntakeNotes", "string_too_long"),
    ("a NUL in notes", SEED | {"guestIntakeNotes": "a\0b"}, "guestIntakeNotes", "control_character"),
    # The start
    ("a start in the past", SEED | {"scheduledAtUtc": "2026-04-22T11:59:00Z"}, "scheduledAtUtc", "past"),
    ("a start now", SEED | {"scheduledAtUtc": "2026-04-22T12:00:00Z"}, "scheduledAtUtc", "past"),
    ("seconds that are not zero", SEED | {"scheduledAtUtc": "2026-05-01T15:00:30Z"}, "scheduledAtUtc", "whole_minute"),
    ("a stray millisecond", SEED | {"scheduledAtUtc": "2026-05-01T15:00:00.001Z"}, "scheduledAtUtc", "whole_minute"),
    ("no offset", SEED | {"scheduledAtUtc": "2026-05-01T15:00:00"}, "scheduledAtUtc", "instant"),
    ("a date alone", SEED | {"scheduledAtUtc": "2026-05-01"}, "scheduledAtUtc", "instant"),
    ("a space for the T", SEED | {"scheduledAtUtc": "2026-05-01 15:00:00Z"}, "scheduledAtUtc", "instant"),
    ("a day that does not exist", SEED | {"scheduledAtUtc": "2026-02-30T15:00:00Z"}, "scheduledAtUtc", "instant"),
    ("a leap day of no leap year", SEED | {"scheduledAtUtc": "2027-02-29T15:00:00Z"}, "scheduledAtUtc", "instant"),
    ("hour 25", SEED | {"scheduledAtUtc": "2026-05-01T25:00:00Z"}, "scheduledAtUtc", "instant"),
    ("seconds since 1970", SEED | {"scheduledAtUtc": 1_777_647_600}, "scheduledAtUtc", "instant"),
    ("a week date", SEED | {"scheduledAtUtc": "2026-W18-5T15:00:00Z"}, "scheduledAtUtc", "instant"),
    ("digits of another script", SEED | {"scheduledAtUtc": "٢٠٢٦-05-01T15:00:00Z"}, "scheduledAtUtc", "instant"),
    ("the end of the calendar", SEED | {"scheduledAtUtc": "9999-12-31T23:59:00-12:00"}, "scheduledAtUtc", "instant"),
    ("its beginning", SEED | {"scheduledAtUtc": "0001-01-01T00:00:00+14:00"}, "scheduledAtUtc", "instant"),
    ("beyond the horizon", SEED | {"scheduledAtUtc": "2028-04-21T12:01:00Z"}, "scheduledAtUtc", "horizon"),
    # Zones
    ("a nonsense zone", SEED | {"appTimezone": "Mars/Olympus"}, "appTimezone", "timezone"),
    ("a zone that is a path", SEED | {"appTimezone": "../../etc/passwd"}, "appTimezone", "timezone"),
    ("an abbreviation for a zone", SEED | {"appTimezone": "EST"}, "appTimezone", "timezone"),
    ("an abbreviation for a guest's zone", SEED | {"guestTimezone": "MST"}, "guestTimezone", "timezone"),
    ("an offset for a zone", SEED | {"appTimezone": "+02:00"}, "appTimezone", "timezone"),
    ("an empty zone", SEED | {"appTimezone": ""}, "appTimezone", "timezone"),
    ("a zone in lower case", SEED | {"guestTimezone": "america/bogota"}, "guestTimezone", "timezone"),
    ("a zone of 65 characters", SEED | {"guestTimezone": "A" * 65}, "guestTimezone", "string_too_long"),
    ("a number for a zone", SEED | {"guestTimezone": 5}, "guestTimezone", "string_type"),
    ("a language by its name", SEED | {"guestLanguage": "Spanish"}, "guestLanguage", "string_pattern_mismatch"),
    ("a language of 36 letters", SEED | {"guestLanguage": "es" + "-aa" * 12}, "guestLanguage", "string_too_long"),
    ("a language with a line break", SEED | {"guestLanguage": "es\n"}, "guestLanguage", "string_pattern_mismatch"),
    ("a number for a language", SEED | {"guestLanguage": 5}, "guestLanguage", "string_type"),
    # Phones
    ("a phone without a plus", SEED | {"guestPhone": "573005550100"}, "guestPhone", "phone"),
    ("a phone with letters", SEED | {"guestPhone": "+1 800 FLOWERS"}, "guestPhone", "phone"),
    ("a phone of 6 digits", SEED | {"guestPhone": "+123456"}, "guestPhone", "phone"),
    ("a phone of 16 digits", SEED | {"guestPhone": "+1234567890123456"}, "guestPhone", "phone"),
    ("two pluses", SEED | {"guestPhone": "++573005550100"}, "guestPhone", "phone"),
    ("an extension", SEED | {"guestPhone": "+573005550100;ext=7"}, "guestPhone", "phone"),
    ("digits of another script in a phone", SEED | {"guestPhone": "+٥٧٣٠٠٥٥٥٠١٠٠"}, "guestPhone", "phone"),
    ("a premium-rate phone", SEED | {"guestPhone": "+1 900 555 0000"}, "guestPhone", "premium_number"),
    ("a shared-cost phone", SEED | {"guestPhone": "+47 810 21 234"}, "guestPhone", "shared_cost_number"),
    ("a satellite phone", SEED | {"guestPhone": "+8816 1234 5678"}, "guestPhone", "satellite_number"),
    ("an emergency number", SEED | {"guestPhone": "+1 911 911"}, "guestPhone", "emergency_number"),
    ("a phone of 41 characters", SEED | {"guestPhone": "+1234567" + " " * 33}, "guestPhone", "string_too_long"),
    ("a number for a phone", SEED | {"guestPhone": 573005550100}, "guestPhone", "string_type"),
    # E-mails
    ("an e-mail without @", SEED | {"guestEmail": "jane.example.com"}, "guestEmail", "email"),
    ("an e-mail without a dot", SEED | {"guestEmail": "jane@localhost"}, "guestEmail", "email"),
    ("an e-mail with a space", SEED | {"guestEmail": "jane doe@example.com"}, "guestEmail", "email"),
    ("an e-mail with a line break", SEED | {"guestEmail": "jane@example.com\nBcc: x@y.org"}, "guestEmail", "email"),
    ("two e-mails", SEED | {"guestEmail": "a@example.com,b@example.com"}, "guestEmail", "email"),
    ("an e-mail with a name", SEED | {"guestEmail": "Jane <jane@example.com>"}, "guestEmail", "email"),
    ("an e-mail of 255 characters", SEED | {"guestEmail": "a@" + "b" * 249 + ".com"}, "guestEmail", "string_too_long"),
    # Minutes
    ("a call of 4 minutes", SEED | {"durationMinutes": 4}, "durationMinutes", "greater_than_equal"),
    ("a call of 481 minutes", SEED | {"durationMinutes": 481}, "durationMinutes", "less_than_equal"),
    ("a call of half a minute more", SEED | {"durationMinutes": 30.5}, "durationMinutes", "int_type"),
    ("a call of '30'", SEED | {"durationMinutes": "30"}, "durationMinutes", "int_type"),
    ("a call of true", SEED | {"durationMinutes": True}, "durationMinutes", "int_type"),
    ("a call of -30", SEED | {"durationMinutes": -30}, "durationMinutes", "greater_than_equal"),
    ("a call of 1e300", SEED | {"durationMinutes": 1e300}, "durationMinutes", "less_than_equal"),
    ("a buffer of -1", SEED | {"bufferBeforeMinutes": -1}, "bufferBeforeMinutes", "greater_than_equal"),
    ("a buffer of 241", SEED | {"bufferAfterMinutes": 241}, "bufferAfterMinutes", "less_than_equal"),
    ("a buffer of '5'", SEED | {"bufferAfterMinutes": "5"}, "bufferAfterMinutes", "int_type"),
    # Agents
    ("an unknown agent", SEED | {"assignedAgentId": "agent-9"}, "assignedAgentId", "unknown_agent"),
    ("an agent's id with a slash", SEED | {"assignedAgentId": "a/b"}, "assignedAgentId", "string_pattern_mismatch"),
    ("an agent's id with a #", SEED | {"assignedAgentId": "a#DAY"}, "assignedAgentId", "string_pattern_mismatch"),
    (
        "an agent's id of a line break",
        SEED | {"assignedAgentId": "agent-1\n"},
        "assignedAgentId",
        "string_pattern_mismatch",
    ),
    ("an unknown method", SEED | {"assignmentMethod": "lottery"}, "assignmentMethod", "enum"),
    (
        "self_selected without an agent",
        without("assignedAgentId") | {"assignmentMethod": "self_selected"},
        "assignedAgentId",
        "required",
    ),
    ("round_robin with an agent", SEED | {"assignmentMethod": "round_robin"}, "assignedAgentId", "invalid"),
    ("pool with an agent", SEED | {"assignmentMethod": "pool"}, "assignedAgentId", "invalid"),
    # Flags
    ("'yes' for a flag", SEED | {"requireConfirmation": "yes"}, "requireConfirmation", "bool_type"),
    ("1 for a flag", SEED | {"requireConfirmation": 1}, "requireConfirmation", "bool_type"),
]


def check_shape(reply: Reply, status: int, kind: str) -> list[dict[str, Any]]:
    """Every error looks the same. Hands back its details."""
    assert reply.status == status, reply.text
    assert reply.json.keys() == {"error"}
    assert reply.error.keys() == {"type", "message", "timestamp", "details", "total_details"}
    assert reply.error["type"] == kind
    assert reply.error["message"]
    details: list[dict[str, Any]] = reply.error["details"]
    assert all({"message", "code"} <= detail.keys() for detail in details)
    return details


@pytest.mark.parametrize(("body", "field", "code"), [row[1:] for row in FIELDS], ids=[row[0] for row in FIELDS])
def test_a_wrong_field_is_named(body: Any, field: str | None, code: str) -> None:
    details = check_shape(creating()(path(), body), 400, "invalid_request")
    assert (details[0].get("field"), details[0]["code"]) == (field, code)


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = SEED | {"guestName": " ", "durationMinutes": 4, "appTimezone": "Mars/Olympus", "colour": "red"}
    details = check_shape(creating()(path(), wrong), 400, "invalid_request")
    assert {detail["field"] for detail in details} == {"guestName", "durationMinutes", "appTimezone", "colour"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("guestName", "S3cret\0"), ("guestEmail", "s3cret"), ("guestPhone", "s3cret"), ("assignmentMethod", "s3cret")],
)
def test_what_was_sent_is_not_repeated(field: str, value: str) -> None:
    assert "3cret" not in creating()(path(), SEED | {field: value}).text


DEEP = 10_000
RAW: list[tuple[str, str, str]] = [
    ("not JSON", "{guestName: Jane}", "malformed_json"),
    ("cut off", json.dumps(SEED)[:-2], "malformed_json"),
    ("something after the end", json.dumps(SEED) + "}", "malformed_json"),
    ("a form", "guestName=Jane", "malformed_json"),
    ("nothing", "", "missing"),
    ("only spaces", "   ", "malformed_json"),
    ("two byte order marks", "\ufeff\ufeff" + json.dumps(SEED), "malformed_json"),
    ("a key that is there twice", json.dumps(SEED)[:-1] + ', "guestName": "Ada"}', "malformed_json"),
    ("a key twice, deeper", '{"a": [{"b": 1, "b": 1}]}', "malformed_json"),
    ("NaN", json.dumps(SEED | {"durationMinutes": float("nan")}), "malformed_json"),
    ("Infinity", json.dumps(SEED | {"durationMinutes": float("inf")}), "malformed_json"),
    ("a number of 5,000 digits", '{"durationMinutes": ' + "9" * 5_000 + "}", "malformed_json"),
    ("a number of 21 digits", '{"durationMinutes": ' + "9" * 21 + "}", "malformed_json"),
    ("lists ten thousand deep", "[" * DEEP + "]" * DEEP, "malformed_json"),
    ("objects ten thousand deep", '{"a":' * DEEP + "1" + "}" * DEEP, "malformed_json"),
    (
        "lists ten thousand deep, in a field that is ignored",
        '{"bookingSource":' + "[" * DEEP + "]" * DEEP + "}",
        "malformed_json",
    ),
    ("half of a surrogate pair", json.dumps(SEED | {"guestName": "Jane \ud83d"}), "malformed_json"),
    ("half of a surrogate pair in a key", '{"\\udead": 1}', "malformed_json"),
]


@pytest.mark.parametrize("key", [None, "order-4711"], ids=["no key", "a key"])
@pytest.mark.parametrize(("raw", "code"), [row[1:] for row in RAW], ids=[row[0] for row in RAW])
def test_what_is_not_json_is_refused(raw: str, code: str, key: str | None) -> None:
    reply = creating()(path(), raw=raw, headers={"idempotency-key": key} if key else {})
    details = check_shape(reply, 400, "invalid_request")
    assert details[0]["code"] == code


@pytest.mark.parametrize("raw", ["[]", json.dumps([SEED]), '"text"', "7", "null", "true", "1e400"])
def test_json_that_is_no_object_is_refused(raw: str) -> None:
    check_shape(creating()(path(), raw=raw), 400, "invalid_request")


def test_no_body_at_all_is_refused() -> None:
    check_shape(creating()(path()), 400, "invalid_request")


KINDS = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "application/jsonp",
    "text/json",
]


@pytest.mark.parametrize("kind", KINDS)
def test_another_content_type_is_refused(kind: str) -> None:
    reply = creating()(path(), SEED, headers={"content-type": kind})
    assert check_shape(reply, 415, "invalid_request")[0]["code"] == "content_type"


@pytest.mark.parametrize("kind", KINDS)
def test_no_body_of_another_content_type_is_no_body(kind: str) -> None:
    check_shape(creating()(path(), raw="", headers={"content-type": kind}), 400, "invalid_request")


@pytest.mark.parametrize("size", [256 * 1024 + 1, 1024 * 1024])
@pytest.mark.parametrize("letter", ["x", "\u00e9", "\U0001f469"], ids=["1 byte", "2 bytes", "4 bytes"])
def test_more_than_256_kilobytes_are_refused(size: int, letter: str) -> None:
    notes = letter * -(-size // len(letter.encode()))
    raw = json.dumps(LEAST | {"guestIntakeNotes": notes}, ensure_ascii=False)
    assert check_shape(creating()(path(), raw=raw), 413, "invalid_request")[0]["code"] == "body_too_large"


def test_a_body_just_within_the_bound_is_read() -> None:
    raw = json.dumps(LEAST | {"colour": "x"}).ljust(256 * 1024)
    assert check_shape(creating()(path(), raw=raw), 400, "invalid_request")[0]["field"] == "colour"


@pytest.mark.parametrize("app_id", ["not-a-uuid", "..%2F..", "'; drop table"])
def test_an_app_that_is_no_id_is_refused_before_anything_is_read(app_id: str) -> None:
    assert creating()(path(app_id), SEED).status in (400, 403, 404)


@pytest.mark.parametrize("encoded", ["!!!", "/w==", "\u00e9"], ids=["no base64", "no UTF-8", "no ASCII"])
def test_a_body_that_decodes_to_nothing_is_refused(encoded: str) -> None:
    check_shape(creating()(path(), raw=encoded, encoded=True), 400, "invalid_request")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/json; charset=utf-8"])
def test_the_content_type_is_compared_as_http_does(kind: str) -> None:
    reply = creating()(path(), SEED | {"durationMinutes": 4}, headers={"content-type": kind})
    assert check_shape(reply, 400, "invalid_request")[0]["field"] == "durationMinutes"


LISTS: list[tuple[str, dict[str, str], str, str | None]] = [
    ("a limit of 0", {"limit": "0"}, "limit", "greater_than_equal"),
    ("a limit of 201", {"limit": "201"}, "limit", "less_than_equal"),
    ("a limit of ten", {"limit": "ten"}, "limit", "int_parsing"),
    ("an offset of -1", {"offset": "-1"}, "offset", "greater_than_equal"),
    ("an offset too far", {"offset": "10001"}, "offset", "less_than_equal"),
    ("an unknown status", {"status": "scheduled,lost"}, "status", "enum"),
    ("an unknown source", {"bookingSource": "carrier_pigeon"}, "bookingSource", "enum"),
    ("101 agents", {"agentId": ",".join(f"a{n}" for n in range(101))}, "agentId", "too_long"),
    ("an agent's id too long", {"agentId": "a" * 129}, "agentId", "string_too_long"),
    ("a naive time", {"dateFrom": "2026-05-01T00:00:00"}, "dateFrom", "instant"),
    ("a date alone", {"dateTo": "2026-05-01"}, "dateTo", "instant"),
    ("a cursor that is none", {"cursor": "abc"}, "cursor", "cursor"),
    ("a cursor of another alphabet", {"cursor": "\u00e9\u00e9"}, "cursor", "cursor"),
    ("a cursor too long", {"cursor": "a" * 401}, "cursor", "string_too_long"),
    ("a search too long", {"search": "a" * 201}, "search", "string_too_long"),
    ("a control character in a search", {"search": "a\x00"}, "search", "control_character"),
]


@pytest.mark.parametrize(("query", "field", "code"), [row[1:] for row in LISTS], ids=[row[0] for row in LISTS])
def test_a_wrong_parameter_of_a_list_is_named(query: dict[str, str], field: str, code: str | None) -> None:
    reply = Endpoint("scheduled_calls/list", "GET")(path(), query=query)
    details = check_shape(reply, 400, "invalid_request")
    assert (details[0]["field"], details[0]["code"]) == (field, code)
