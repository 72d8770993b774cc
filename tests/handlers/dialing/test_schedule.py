"""POST dial/scheduled: the documented body and answer, the three forms of a table, and one bad row."""

import base64
from typing import Any

import pytest

from tests.handlers.dialing.conftest import OTHERS, Dialer, reading_calls, scheduling, writing
from tests.support.handlers import Endpoint, partner

CALL = {
    "phone_number": "+1 202-555-0143",
    "scheduled_date": "2026-05-01",
    "scheduled_time": "01:01:01",
    "timezone": "America/New_York",
    "max_duration_mins": 10,
    "first_name": "John",
    "last_name": "Doe",
    "company_name": "Acme Corp",
}
DOCUMENTED = {
    "assistant_id": "assistant-1",
    "voice_id": "voice-1",
    "model": "Fast",
    "prompt_id": "prompt-1",
    "agent_id": "agent-1",
    "model_id": "model-1",
    "csv_file": "phone_number,first_name\n+12025550144,Jane\n",
    "calls": [[CALL]],
    "staggered_interval_minutes": 123,
    "campaign_name": "May",
    "retry_logic": [{"query": "Busy, No answer", "retry_period": 123, "max_retry_per_day": 123}],
    "language": "en-US",
    "max_duration_mins": 123,
    "max_retries": 123,
}
USE_CASE_FIELDS = [
    *("id", "organization_id", "name", "transfer_number", "extract_with_ai", "classification_tags", "language"),
    *("detailed_work_hours", "work_start", "work_end", "timezone", "generic_after_hours_message"),
    *("enable_detailed_work_hours", "keywords", "hooks", "params", "amd", "amd_behavior", "amd_messages"),
    *("sample_labels", "hidden", "evaluation_models", "max_duration_mins", "recorded_message_inbound"),
    *("recorded_message_outbound", "show_original_caller_id", "disable_end_call_after_n_reminders", "model"),
]
CSV = "phone_number,scheduled_date,first_name\n+12025550143,2026-05-01,Ana\n+12025550144,,Ben\n"


def test_the_documented_body_is_answered_as_documented(dialer: Dialer):
    reply = dialer.schedule(**DOCUMENTED)
    assert reply.status == 200, reply.text
    first, second = reply.json["createdCalls"]
    assert list(first) == ["id", "organization_id", "metadata", "use_case", "params", "created"]
    assert first["metadata"] == {
        "call_sid": None,
        "from": "+12025550100",
        "to": "+12025550143",
        "recording_sid": None,
        "tags": [],
        "custom": {},
    }
    assert list(first["use_case"]) == USE_CASE_FIELDS
    assert first["use_case"]["name"] == "Kate"
    assert first["params"] == {"first_name": "John", "last_name": "Doe", "company_name": "Acme Corp"}
    assert first["created"] == "2026-04-22T12:00:00Z"
    assert (second["metadata"]["to"], second["params"]) == ("+12025550144", {"first_name": "Jane"})
    assert (reply.json["total"], reply.json["next"], reply.json["refused"]) == (2, None, 0)


def test_the_documented_numbers_of_retries_are_kept_as_they_are(dialer: Dialer):
    reply = dialer.schedule(**DOCUMENTED)
    assert (reply.json["max_retries"], reply.json["retry_logic"]) == (123, DOCUMENTED["retry_logic"])


@pytest.mark.parametrize("rules", [{}, {"retry_logic": []}, {"retry_logic": None}])
def test_a_number_of_retries_without_rules_brings_the_default_rule_and_the_answer_shows_it(
    dialer: Dialer, rules: dict[str, Any]
):
    default = {"query": "Busy, No answer, Failed, AMD Terminated", "retry_period": 60, "max_retry_per_day": 3}
    campaign = dialer.schedule(calls=[CALL], max_retries=3, **rules).json
    body = dialer.body(phone_number="+12025550143", max_retries=3, **rules)
    outbound = scheduling()("/api/v1/dial/outbound", body).json
    for answer in (campaign, outbound):
        assert (answer["retry_logic"], answer["max_retries"]) == ([default], 3)


@pytest.mark.parametrize(
    ("asked", "rules", "retries"),
    [
        ({}, [], 0),
        ({"max_retries": 0}, [], 0),
        ({"retry_logic": [{"query": "Busy", "retry_period": 5}]}, ["Busy"], 3),
        ({"retry_logic": [{"query": "Busy", "retry_period": 5}], "max_retries": 9}, ["Busy"], 9),
    ],
)
def test_the_default_rule_is_nobodys_who_sent_rules_or_wants_no_retries(
    dialer: Dialer, asked: dict[str, Any], rules: list[str], retries: int
):
    answer = dialer.schedule(calls=[CALL], **asked).json
    assert ([rule["query"] for rule in answer["retry_logic"]], answer["max_retries"]) == (rules, retries)


TABLE = "phone_number,amount,vip\n+12025550143,250,yes\n+12025550144,9,no\n"


@pytest.mark.parametrize(
    ("query", "warned"),
    [
        ("params.amount > `100`", "to_number(params.amount)"),
        ("params.vip == `true`", "params.vip is a text or null"),
        ("params.vpi == 'yes'", "did you mean vip"),
        ("to_number(params.amount) > `100`", None),
        ("params.vip == 'yes'", None),
        ("NO_ANSWER, busy", None),
    ],
)
def test_a_rule_that_no_row_makes_true_is_taken_and_warned_of(dialer: Dialer, query: str, warned: str | None):
    body = dialer.body(csv_file=TABLE, retry_logic=[{"query": query, "retry_period": 5}])
    preflight = Endpoint("dialing/preflight", "POST", partner())("/api/v1/dial/preflight", body)
    for answer in (preflight, scheduling()("/api/v1/dial/scheduled", body)):
        assert answer.status == 200, answer.text
        found = [(one["field"], one["code"]) for one in answer.json["warnings"]]
        assert found == ([("retry_logic[0].query", "no_call")] if warned else [])
        assert (warned or "") in answer.text


def test_numbers_in_json_are_numbers_so_nothing_is_warned_of(dialer: Dialer):
    rules = [{"query": "params.amount > `100`", "retry_period": 5}]
    reply = dialer.schedule(calls=[{"phone_number": "+12025550143", "amount": 250}], retry_logic=rules)
    assert (reply.status, reply.json["warnings"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("NoAnswer", "did you mean No answer"),
        ("Busy, Voicemail", "there is no status Voicemail"),
        ("param.vip == 'yes'", "did you mean params"),
        ('status == "Busy"', "single quotes"),
        ("contains('gold,silver', tier)", "there is no tier"),
        ("attempt < '3'", "backticks"),
        ("attempt > `3`", "attempt is 1 to 3, by max_retries"),
    ],
)
def test_a_rule_that_could_never_match_is_refused_and_told_what_exists(dialer: Dialer, query: str, words: str):
    reply = dialer.schedule(calls=[CALL], retry_logic=[{"query": query, "retry_period": 5}])
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "retry_logic[0].query")
    assert words in reply.error["details"][0]["message"]


def test_placeholders_that_nothing_fills_are_listed_when_a_use_case_or_a_campaign_is_saved_and_in_preflight(
    dialer: Dialer,
):
    params = {"message": "Hi {First Name} of {{company}}, {offer}. {Sign off}", "sign_off": "Bye"}
    made = writing()("/api/v1/use-cases", {"name": "Kate", "params": params}).json["data"]["use_case"]
    assert made["unfilled_placeholders"] == ["First Name", "company", "offer"]
    body = dialer.body(csv_file="phone_number,FIRST-NAME,Company\n+12025550143,Ana,\n", use_case_id=made["id"])
    preflight = Endpoint("dialing/preflight", "POST", partner())("/api/v1/dial/preflight", body)
    for answer in (preflight, scheduling()("/api/v1/dial/scheduled", body)):
        assert answer.json["unfilled_placeholders"] == ["company", "offer"], answer.text


def test_calls_may_be_nested_or_flat_and_are_dialled_when_they_say(dialer: Dialer):
    for calls in ([[CALL]], [CALL], [[], [CALL]]):
        reply = dialer.schedule(calls=calls)
        call = reading_calls()(f"/api/v1/calls/{reply.json['createdCalls'][0]['id']}").json["data"]["call"]
        assert (call["status"], call["scheduled_at"]) == ("Scheduled", "2026-05-01T05:01:01.000Z")
        assert (call["max_duration_mins"], call["phone_number"]) == (10, "+1 202-555-0143")


@pytest.mark.parametrize(
    "form",
    [
        CSV,
        "\ufeff" + CSV.replace("\n", "\r\n"),
        "data:text/csv;base64," + base64.b64encode(CSV.encode()).decode(),
        "data:text/csv;base64," + base64.b64encode(CSV.encode("utf-16")).decode(),
        "data:text/csv," + CSV.replace("\n", "%0A").replace("+", "%2B"),
    ],
    ids=["text", "with a byte order mark and CRLF", "base64", "UTF-16 in base64", "percent-encoded"],
)
def test_a_table_may_come_as_text_or_as_a_data_uri(dialer: Dialer, form: str):
    made = dialer.schedule(csv_file=form).json["createdCalls"]
    assert [(call["metadata"]["to"], call["params"]["first_name"]) for call in made] == [
        ("+12025550143", "Ana"),
        ("+12025550144", "Ben"),
    ]


def test_calls_without_their_own_time_go_out_one_interval_after_the_other(dialer: Dialer):
    calls = [{"phone_number": f"+1202555014{n}"} for n in range(3)]
    reply = dialer.schedule(calls=calls, staggered_interval_minutes=7)
    query = {"campaign_id": reply.json["campaign_id"]}
    found = reading_calls()("/api/v1/calls", query=query).json["data"]["calls"]
    assert [call["scheduled_at"][11:16] for call in found] == ["12:00", "12:07", "12:14"]


def test_every_bad_row_is_named_with_its_number_field_and_reason_and_nothing_is_created(dialer: Dialer):
    calls = [CALL, {"phone_number": "nobody", "scheduled_time": "25:00"}, {"first_name": "Ana"}]
    reply = dialer.schedule(calls=calls, csv_file="phone_number,scheduled_date\n911,\n+12025550143,2020-01-01\n")
    assert (reply.status, reply.error["type"]) == (400, "invalid_request")
    assert {(one["source"], one["row"], one["field"], one["code"]) for one in reply.error["details"]} == {
        ("calls", 2, "phone_number", "phone"),
        ("calls", 2, "scheduled_time", "time"),
        ("calls", 2, "scheduled_date", "required"),
        ("calls", 3, "phone_number", "required"),
        ("csv_file", 2, "phone_number", "phone"),
        ("csv_file", 3, "scheduled_date", "past"),
    }
    assert reading_calls()("/api/v1/campaigns").json["data"]["campaigns"] == []


def test_where_bad_rows_are_skipped_the_good_ones_are_created_and_the_others_told(dialer: Dialer):
    reply = dialer.schedule(calls=[{"phone_number": "nobody"}, CALL], on_error="skip")
    assert (reply.status, reply.json["total"], reply.json["refused"]) == (200, 1, 1)
    (fault,) = reply.json["errors"]
    assert (fault["source"], fault["row"], fault["field"], fault["code"]) == ("calls", 1, "phone_number", "phone")


BAD: list[tuple[str, dict[str, Any], str | None, str]] = [
    ("an unknown field", {"calls": [CALL], "colour": 1}, "colour", "extra_forbidden"),
    ("nobody to call", {}, "calls", "required"),
    ("calls that are none", {"calls": "many"}, "calls", "list_type"),
    ("a call that is no object", {"calls": [7]}, None, "type"),
    ("a use case of nobody", {"calls": [CALL], "use_case_id": "gone"}, "use_case_id", "not_found"),
    ("a number of nobody", {"calls": [CALL], "number_id": "gone"}, "number_id", "not_found"),
    ("no number", {"calls": [CALL], "number_id": None}, "number_id", "string_type"),
    (
        "a negative interval",
        {"calls": [CALL], "staggered_interval_minutes": -1},
        "staggered_interval_minutes",
        "greater_than_equal",
    ),
    ("too many retries", {"calls": [CALL], "max_retries": 201}, "max_retries", "less_than_equal"),
    ("a call of a day", {"calls": [CALL], "max_duration_mins": 1440}, "max_duration_mins", "less_than_equal"),
    (
        "a rule that never matches",
        {"calls": [CALL], "retry_logic": [{"query": "Completed", "retry_period": 5}]},
        "retry_logic[0].query",
        "query",
    ),
    (
        "a rule that is no condition",
        {"calls": [CALL], "retry_logic": [{"query": "a[", "retry_period": 5}]},
        "retry_logic[0].query",
        "query",
    ),
    ("another way with errors", {"calls": [CALL], "on_error": "ignore"}, "on_error", "literal_error"),
    ("an empty table", {"csv_file": "\n"}, "csv_file", "empty"),
    ("a table without numbers", {"csv_file": "name\nAna\n"}, "csv_file", "header"),
    ("a quote that is not closed", {"csv_file": 'phone_number\n"+1'}, "csv_file", "malformed"),
    ("a NUL", {"csv_file": "phone_number\n\0"}, "csv_file", "encoding"),
    ("a data URI that is none", {"csv_file": "data:text/csv"}, "csv_file", "data_uri"),
    ("a handle that is none", {"csv_file": "upload:../x"}, "csv_file", "handle"),
    ("a file that nobody put", {"csv_file": "upload:01890000-0000-7000-8000-00000000dead"}, "csv_file", "not_found"),
    ("10,001 calls", {"csv_file": "phone_number\n" + "+12025550143\n" * 10_001}, "csv_file", "too_many"),
]


@pytest.mark.parametrize(("body", "field", "code"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_the_answer_says_what_is_wrong(dialer: Dialer, body: dict[str, Any], field: str | None, code: str):
    reply = scheduling()("/api/v1/dial/scheduled", {**dialer.body(), **body})
    assert (reply.status, reply.error["type"]) == (400, "invalid_request"), reply.text
    assert (field, code) in {(one.get("field"), one["code"]) for one in reply.error["details"]}, reply.text
    assert reading_calls()("/api/v1/campaigns").json["data"]["campaigns"] == []


def test_a_repeat_has_no_second_effect_and_the_same_answer(dialer: Dialer):
    first = dialer.schedule(**DOCUMENTED, key="key-1")
    again = dialer.schedule(**DOCUMENTED, key="key-1")
    assert again.text == first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(reading_calls()("/api/v1/campaigns").json["data"]["campaigns"]) == 1
    other = dialer.schedule(calls=[CALL], key="key-1")
    assert (other.status, other.error["type"]) == (422, "idempotency_mismatch")


def test_one_call_is_dialled_at_once_and_belongs_to_no_campaign(dialer: Dialer):
    body = dialer.body(
        phone_number="+12025550143", params={"ratio": 1.5}, metadata={"tags": ["trial"], "custom": {"orderId": "456"}}
    )
    replies = [scheduling()("/api/v1/dial/outbound", body, headers={"idempotency-key": "call-1"}) for _ in range(2)]
    assert replies[0].text == replies[1].text
    (made,) = replies[0].json["createdCalls"]
    assert (made["metadata"]["tags"], made["metadata"]["custom"]) == (["trial"], {"orderId": "456"})
    call = reading_calls()(f"/api/v1/calls/{made['id']}").json["data"]["call"]
    assert (call["campaign_id"], call["due_at"], call["params"]) == (None, "2026-04-22T12:00:00.000Z", {"ratio": 1.5})
    assert scheduling()("/api/v1/dial/outbound", body | {"phone_number": "911"}).status == 400


def test_a_preflight_tells_what_would_be_and_creates_nothing(dialer: Dialer):
    endpoint = Endpoint("dialing/preflight", "POST", partner())
    calls = [
        CALL,
        CALL | {"phone_number": "+12025550143"},
        {"phone_number": "nobody"},
        {"phone_number": "+12025550144"},
    ]
    found = endpoint("/api/v1/dial/preflight", dialer.body(calls=calls, typical_call_seconds=60)).json
    assert (found["calls"], found["refused"], found["errors"][0]["row"]) == (3, 1, 3)
    assert found["repeats"] == [{"phone_number": "+12025550143", "positions": [1, 2]}]
    assert (found["first_at"], found["last_at"]) == ("2026-04-22T12:00:00.000Z", "2026-05-01T05:01:02.040Z")
    assert [one["position"] for one in found["planned"]] == [1, 2, 3]
    assert reading_calls()("/api/v1/campaigns").json["data"]["campaigns"] == []


def test_a_large_answer_is_whole_where_gzip_is_taken_and_else_says_where_the_rest_is(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("slotline.http.dialing.created_calls.LARGEST_ANSWER", 5_000)
    calls = [{"phone_number": f"+120255501{n:02d}"} for n in range(20)]
    whole = dialer.schedule(calls=calls, accept="gzip, br").json
    assert (len(whole["createdCalls"]), whole["total"], whole["next"]) == (20, 20, None)
    part = dialer.schedule(calls=calls).json
    assert 0 < len(part["createdCalls"]) < 20
    assert (part["total"], part["next"]) == (20, f"/api/v1/calls?campaign_id={part['campaign_id']}")


class TestCampaigns:
    def test_its_progress_counts_its_calls_by_status(self, dialer: Dialer):
        campaign_id = dialer.schedule(calls=[CALL] * 3).json["campaign_id"]
        data = reading_calls()(f"/api/v1/campaigns/{campaign_id}").json["data"]
        assert data["progress"] == {"calls": 3, "by_status": {"Scheduled": 3}, "over": 0}
        assert (data["campaign"]["state"], data["import"]) == ("running", None)

    def test_it_is_paused_resumed_and_canceled_for_good(self, dialer: Dialer):
        campaign_id = dialer.schedule(calls=[CALL]).json["campaign_id"]
        endpoint = Endpoint("dialing/change_campaign", "POST", partner())
        for verb, state in (("pause", "paused"), ("pause", "paused"), ("resume", "running"), ("cancel", "canceled")):
            reply = endpoint(f"/api/v1/campaigns/{campaign_id}/{verb}")
            assert (reply.status, reply.json["data"]["campaign"]["state"]) == (200, state)
        reply = endpoint(f"/api/v1/campaigns/{campaign_id}/resume")
        assert (reply.status, reply.error["details"][0]["code"]) == (409, "final_state")

    def test_its_table_goes_on_by_link_and_holds_nothing_that_a_spreadsheet_runs(self, dialer: Dialer):
        calls = [{"phone_number": f"+1202555014{n}", "note": f"=cmd({n})"} for n in range(3)]
        campaign_id = dialer.schedule(calls=calls, staggered_interval_minutes=1).json["campaign_id"]
        endpoint = Endpoint("dialing/export_calls", "GET", partner())
        path = f"/api/v1/campaigns/{campaign_id}/export.csv"
        first = endpoint(path, query={"limit": "2"})
        assert first.headers["Content-Type"].startswith("text/csv")
        header, *lines = first.text.splitlines()
        assert header == "id,phone_number,status,reason,attempts,scheduled_at,last_attempt_at,note"
        assert [line.split(",")[1] for line in lines] == ["+12025550140", "+12025550141"]
        assert [line.split(",")[-1] for line in lines] == ["'=cmd(0)", "'=cmd(1)"]
        cursor = first.headers["Link"].partition("cursor=")[2].partition("&")[0]
        rest = endpoint(path, query={"limit": "2", "cursor": cursor})
        assert [line.split(",")[1] for line in rest.text.splitlines()[1:]] == ["+12025550142"]
        assert "Link" not in rest.headers

    def test_a_call_that_is_canceled_is_dialled_no_more(self, dialer: Dialer):
        call_id = dialer.schedule(calls=[CALL]).json["createdCalls"][0]["id"]
        endpoint = Endpoint("dialing/call_off", "POST", partner())
        for _ in range(2):
            reply = endpoint(f"/api/v1/calls/{call_id}/cancel", headers={"idempotency-key": "cancel-1"})
            assert (reply.status, reply.json["data"]["call"]["status"]) == (200, "Canceled")
            assert reply.json["data"]["call"]["due_at"] is None

    def test_calls_are_found_by_status_and_number_and_a_wrong_filter_is_refused(self, dialer: Dialer):
        campaign_id = dialer.schedule(calls=[CALL]).json["campaign_id"]
        find = reading_calls()
        for query, count in (
            ({"campaign_id": campaign_id, "status": "scheduled,busy"}, 1),
            ({"number_id": dialer.number_id}, 1),
            ({"status": "NO_ANSWER,in-progress"}, 0),
            ({"status": "completed"}, 0),
            ({"number_id": "another"}, 0),
        ):
            assert len(find("/api/v1/calls", query=query).json["data"]["calls"]) == count, query
        for query in ({"status": "gone"}, {"cursor": "!"}, {"cursor": "AAAA"}, {"limit": "0"}, {"date_from": "today"}):
            assert find("/api/v1/calls", query=query).status == 400, query


@pytest.mark.usefixtures("tables")
def test_an_upload_is_invited_with_its_size_and_its_handle_names_it(dialer: Dialer):
    del dialer
    endpoint = Endpoint("dialing/upload", "POST", partner())
    reply = endpoint("/api/v1/dial/uploads", {"size": 1024})
    assert reply.status == 201
    assert reply.json["csv_file"].startswith("upload:")
    assert reply.json["headers"] == {"Content-Type": "text/csv", "Content-Length": "1024"}
    assert "content-length" in reply.json["url"]
    for size in (0, 104_857_601, "many"):
        assert endpoint("/api/v1/dial/uploads", {"size": size}).status == 400


def test_nobody_reaches_what_is_another_organizations(dialer: Dialer):
    """Every id, with the credential of another organization: 404 where it is in the path, as if it were not there."""
    made = dialer.schedule(calls=[CALL]).json
    call_id, campaign_id = made["createdCalls"][0]["id"], made["campaign_id"]
    theirs = partner(**OTHERS)
    table: list[tuple[str, str, str]] = [
        ("dialing/read_settings", "GET", f"use-cases/{dialer.use_case_id}"),
        ("dialing/read_settings", "GET", f"numbers/{dialer.number_id}"),
        ("dialing/write_settings", "PATCH", f"use-cases/{dialer.use_case_id}"),
        ("dialing/write_settings", "DELETE", f"use-cases/{dialer.use_case_id}"),
        ("dialing/write_settings", "PATCH", f"numbers/{dialer.number_id}"),
        ("dialing/write_settings", "DELETE", f"numbers/{dialer.number_id}"),
        ("dialing/read_calls", "GET", f"calls/{call_id}"),
        ("dialing/read_calls", "GET", f"campaigns/{campaign_id}"),
        ("dialing/export_calls", "GET", f"campaigns/{campaign_id}/export.csv"),
        ("dialing/change_campaign", "POST", f"campaigns/{campaign_id}/cancel"),
        ("dialing/call_off", "POST", f"calls/{call_id}/stop"),
    ]
    for folder, method, path in table:
        body = {"name": "Theirs"} if method == "PATCH" else None
        reply = Endpoint(folder, method, theirs)(f"/api/v1/{path}", body)
        assert (reply.status, reply.error["type"]) == (404, "not_found"), path
    reply = scheduling(**OTHERS)("/api/v1/dial/scheduled", dialer.body(calls=[CALL]))
    assert (reply.status, reply.error["details"][0]["field"]) == (400, "use_case_id")
    for path in ("calls", "campaigns"):
        assert reading_calls(**OTHERS)(f"/api/v1/{path}").json["data"][path] == []
    assert reading_calls()(f"/api/v1/campaigns/{campaign_id}").json["data"]["campaign"]["state"] == "running"


@pytest.mark.parametrize(
    ("folder", "method", "path", "scope"),
    [
        ("dialing/read_settings", "GET", "use-cases", "dialing:read"),
        ("dialing/write_settings", "POST", "use-cases", "dialing:write"),
        ("dialing/do_not_call", "POST", "do-not-call", "dialing:write"),
        ("dialing/schedule", "POST", "dial/scheduled", "dialing:write"),
        ("dialing/read_calls", "GET", "campaigns", "dialing:read"),
    ],
)
def test_each_handler_asks_for_its_scope(dialer: Dialer, folder: str, method: str, path: str, scope: str):
    others = "scheduling:read scheduling:write webhooks:write dialing:read dialing:write".replace(scope, "")
    body = dialer.body(calls=[CALL]) if path == "dial/scheduled" else {"name": "Kate", "phone_number": "+12025550143"}
    if path == "use-cases":
        body = {"name": "Kate"}
    if path == "do-not-call":
        body = {"phone_number": "+12025550143"}
    reply = Endpoint(folder, method, partner(scopes=others))(f"/api/v1/{path}", body if method == "POST" else None)
    assert (reply.status, reply.error["type"]) == (403, "forbidden")
    assert Endpoint(folder, method, None)(f"/api/v1/{path}", body if method == "POST" else None).status == 401
