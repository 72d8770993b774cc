"""Tables that are wrong, over HTTP: every row is named and nothing is created; and what comes out again is harmless."""

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.handlers.dialing.conftest import Dialer, reading_calls
from tests.support.handlers import Endpoint, Reply, partner

GOOD = "+12025550143"
Faults = set[tuple[int | None, str | None, str]]
"""Row, field and code of what is wrong."""


def faults_of(reply: Reply) -> Faults:
    return {(one.get("row"), one.get("field"), one["code"]) for one in reply.error["details"]}


def refused(dialer: Dialer, csv_file: str) -> Faults:
    """What is wrong with a table, according to the answer; nothing was created."""
    reply = dialer.schedule(csv_file=csv_file)
    assert (reply.status, reply.error["type"]) == (400, "invalid_request"), reply.text
    assert reading_calls()("/api/v1/campaigns").json["data"]["campaigns"] == []
    assert reading_calls()("/api/v1/calls").json["data"]["calls"] == []
    return faults_of(reply)


def data_uri(content: bytes, charset: str = "") -> str:
    named = f";charset={charset}" if charset else ""
    return f"data:text/csv{named};base64," + base64.b64encode(content).decode()


ROWS: list[tuple[str, str, Faults]] = [
    ("no number", "phone_number,n\n,1\n" + GOOD + ",2\n", {(2, "phone_number", "required")}),
    (
        "no number that exists",
        f"phone_number\n{GOOD}\nabc\n12\n",
        {(3, "phone_number", "phone"), (4, "phone_number", "phone")},
    ),
    ("emergency", "phone_number\n911\n+1911\n", {(2, "phone_number", "phone"), (3, "phone_number", "phone")}),
    ("premium", "phone_number\n+19005550123\n", {(2, "phone_number", "premium_number")}),
    ("too few cells", f"phone_number,a,b\n{GOOD},1,2\n{GOOD},1\n", {(3, None, "ragged")}),
    ("too many cells", f"phone_number,a\n{GOOD},1,2\n", {(2, None, "ragged")}),
    ("a cell too long", f"phone_number,a\n{GOOD},{'x' * 4001}\n", {(2, "a", "too_long")}),
    ("no such day", f"phone_number,scheduled_date\n{GOOD},2027-02-29\n", {(2, "scheduled_date", "date")}),
    ("a time without its day", f"phone_number,scheduled_time\n{GOOD},10:00\n", {(2, "scheduled_date", "required")}),
    ("an abbreviation for a zone", f"phone_number,timezone\n{GOOD},EST\n", {(2, "timezone", "timezone")}),
    ("no such zone", f"phone_number,timezone\n{GOOD},Mars/Olympus\n", {(2, "timezone", "timezone")}),
    ("a call of a day", f"phone_number,max_duration_mins\n{GOOD},1440\n", {(2, "max_duration_mins", "range")}),
    (
        "rows behind a quoted break are counted as a spreadsheet does",
        f'phone_number,note\n{GOOD},"one\ntwo"\nabc,\n',
        {(3, "phone_number", "phone")},
    ),
    (
        "several faults in several rows, CRLF",
        f"phone_number,scheduled_date,timezone\r\nabc,2027-13-01,X\r\n{GOOD},,\r\n,2020-01-01,UTC\r\n",
        {
            (2, "phone_number", "phone"),
            (2, "scheduled_date", "date"),
            (2, "timezone", "timezone"),
            (4, "phone_number", "required"),
        },
    ),
]


@pytest.mark.parametrize(("csv_file", "wrong"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("form", ["text", "data URI", "UTF-16"])
def test_every_bad_row_is_named_with_its_number_and_nothing_is_created(
    dialer: Dialer, csv_file: str, wrong: Faults, form: str
):
    sent = {"text": csv_file, "data URI": data_uri(csv_file.encode()), "UTF-16": data_uri(csv_file.encode("utf-16"))}
    assert refused(dialer, sent[form]) == wrong


FILES: list[tuple[str, str, str]] = [
    ("empty", " ", "empty"),
    ("without a header", f"{GOOD},Ana\n", "header"),
    ("two columns of one name", f"phone_number,a,a\n{GOOD},1,2\n", "header"),
    ("a cell under a column without a name", f"phone_number,\n{GOOD},1\n", "ragged"),
    ("a column without a name before others", f"phone_number,,a\n{GOOD},,1\n", "header"),
    ("100,000 columns", "phone_number," + ",".join(f"c{n}" for n in range(100_000)) + f"\n{GOOD}\n", "too_many"),
    ("NUL", f"phone_number\n{GOOD}\0\n", "encoding"),
    ("NUL throughout", data_uri(b"\0" * 1000), "encoding"),
    ("half a UTF-16 character", data_uri(f"phone_number\n{GOOD}\n".encode("utf-16")[:-1]), "encoding"),
    ("Latin-1", data_uri("phone_number,name\n+12025550143,José\n".encode("latin-1")), "encoding"),
    ("a picture", data_uri(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "encoding"),
    ("a quote that is never closed", f'phone_number,a\n{GOOD},"1\n{GOOD},2\n', "malformed"),
    ("a quote inside a cell", f'phone_number,a\n{GOOD},"1"2\n', "malformed"),
    ("colons", f"phone_number:name\n{GOOD}:Ana\n", "header"),
    ("a workbook", data_uri(b"PK\x03\x04\x14\0\x06\0"), "workbook"),
    ("two columns that may be the number", f"phone,mobile\n{GOOD},{GOOD}\n", "header"),
]


@pytest.mark.parametrize(("csv_file", "code"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
def test_a_file_that_cannot_be_read_is_refused_whole(dialer: Dialer, csv_file: str, code: str):
    assert {found for _, _, found in refused(dialer, csv_file)} == {code}


def test_numbers_that_come_twice_are_told_before_and_dialled_as_often_as_they_stand_there(dialer: Dialer):
    table = f"phone_number\n{GOOD}\n+12025550144\n+1 202-555-0143\n"
    preflight = Endpoint("dialing/preflight", "POST", partner())("/api/v1/dial/preflight", dialer.body(csv_file=table))
    assert preflight.json["repeats"] == [{"phone_number": GOOD, "positions": [1, 3]}]
    made = dialer.schedule(csv_file=table).json["createdCalls"]
    assert [call["metadata"]["to"] for call in made] == [GOOD, "+12025550144", GOOD]


def test_no_fault_repeats_what_the_row_holds(dialer: Dialer):
    """What is wrong with somebody's number must not put the number into logs and error trackers."""
    reply = dialer.schedule(csv_file="phone_number,timezone\nsecret-number,secret-zone\n")
    assert reply.status == 400
    assert "secret" not in reply.text


HOSTILE = [
    *('=cmd|"/C calc"!A0', "=1+1", "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "\u00a0=1+1"),
    *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "x;=1+1", 'x",=1+1', "x\n=1+1", '=HYPERLINK("http://x","y")'),
]
"""The second line begins with the fullwidth signs, which spreadsheets take for plain ones."""
HARMLESS = ["", "Ana", "Doe, John", 'a "quoted" word', "two\nlines", "-12.5", "+573005550100", "é 日本", "a=b", "12:30"]


def runs_as_formula(cell: str) -> bool:
    """As spreadsheets judge it: a sign that begins a formula, behind blanks or not; numbers are none."""
    try:
        float(cell)
    except ValueError:
        return cell.strip().startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")) or cell.startswith(("\t", "\r", "\n"))
    return False


def exported(campaign_id: str) -> Sequence[Mapping[str, str]]:
    """The export, as the csv module reads it."""
    reply = Endpoint("dialing/export_calls", "GET", partner())(f"/api/v1/campaigns/{campaign_id}/export.csv")
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (200, "text/csv")
    return list(csv.DictReader(io.StringIO(reply.text, newline=""), strict=True))


def test_nothing_in_an_export_is_run_by_a_spreadsheet_and_everything_else_is_as_it_came(dialer: Dialer):
    cells = [*HOSTILE, *HARMLESS]
    calls: list[dict[str, Any]] = [{"phone_number": GOOD, "note": cell, "=column": "x"} for cell in cells]
    campaign_id = dialer.schedule(calls=calls, staggered_interval_minutes=1).json["campaign_id"]
    rows = exported(campaign_id)
    assert len(rows) == len(cells), "no cell broke its row"
    for row, cell in zip(rows, cells, strict=True):
        assert not [one for one in (*row, *row.values()) if runs_as_formula(one)], json.dumps(row)
        assert row["note"].replace("'", "") == cell.replace("'", ""), "only apostrophes were added"
        if cell in HARMLESS:
            assert row["note"] == cell
    assert {row["phone_number"] for row in rows} == {GOOD}, "numbers stay usable"


def test_a_table_that_was_exported_can_be_read_again(dialer: Dialer):
    campaign_id = dialer.schedule(calls=[{"phone_number": GOOD, "note": cell} for cell in HARMLESS]).json["campaign_id"]
    again = io.StringIO()
    writer = csv.DictWriter(again, ["phone_number", "note"], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(exported(campaign_id))
    made = dialer.schedule(csv_file=again.getvalue()).json["createdCalls"]
    assert sorted(call["params"]["note"] for call in made) == sorted(HARMLESS)


@pytest.mark.parametrize(("policy", "dialled"), [(None, [GOOD, GOOD]), ("keep", [GOOD, GOOD]), ("skip", [GOOD])])
def test_the_answer_always_lists_the_numbers_that_come_twice(dialer: Dialer, policy: str | None, dialled: list[str]):
    calls = [{"phone_number": GOOD}]
    table = "phone_number\n+1 (202) 555-0143\n"
    said = {"duplicates": policy} if policy else {}
    reply = dialer.schedule(calls=calls, csv_file=table, key="twice", **said)
    assert [call["metadata"]["to"] for call in reply.json["createdCalls"]] == dialled
    twice = {"phone_number": GOOD, "times": 2, "rows": [1, 2], "sources": ["calls", "csv_file"]}
    assert (reply.json["duplicates"], reply.json["total_duplicates"], reply.json["refused"]) == ([twice], 1, 0)
    assert dialer.schedule(calls=calls, csv_file=table, key="twice", **said).json == reply.json
    campaign = reading_calls()(f"/api/v1/campaigns/{reply.json['campaign_id']}").json["data"]["campaign"]
    assert campaign["duplicates"] == (policy or "keep")
    preflight = Endpoint("dialing/preflight", "POST", partner())
    found = preflight("/api/v1/dial/preflight", dialer.body(calls=calls, csv_file=table, **said)).json
    assert (found["duplicates"], found["calls"]) == ([twice], len(dialled))
    assert dialer.schedule(calls=calls).json["duplicates"] == []


def test_duplicates_are_refused_by_row_where_that_was_asked(dialer: Dialer):
    calls = [{"phone_number": GOOD}, {"phone_number": "+12025550144"}, {"phone_number": f" {GOOD} "}]
    reply = dialer.schedule(calls=calls, duplicates="refuse")
    (fault,) = reply.error["details"]
    assert (reply.status, fault["row"], fault["field"], fault["code"]) == (400, 3, "phone_number", "duplicate")
    skipping = dialer.schedule(calls=calls, duplicates="refuse", on_error="skip").json
    assert (skipping["total"], skipping["refused"], skipping["errors"][0]["code"]) == (2, 1, "duplicate")
    assert dialer.schedule(calls=calls, duplicates="drop").error["details"][0]["field"] == "duplicates"


def test_a_campaigns_metadata_and_its_rows_come_with_every_call_and_in_the_export(dialer: Dialer):
    calls = [
        {"phone_number": "+1 202-555-0143", "id": "crm-1", "metadata": {"tags": ["vip"], "custom": {"order": "1"}}},
        {"phone_number": "+12025550144", "id": "crm-2", "metadata": {"custom": {"order": "=2"}}},
    ]
    table = "phone_number,id,metadata.tags,metadata.custom.order\n+12025550145,crm-3,a|b,3\n"
    reply = dialer.schedule(calls=calls, csv_file=table, metadata={"tags": ["May"], "custom": {"list": "L"}})
    assert [(call["metadata"]["tags"], call["metadata"]["custom"]) for call in reply.json["createdCalls"]] == [
        (["May", "vip"], {"list": "L", "order": "1"}),
        (["May"], {"list": "L", "order": "=2"}),
        (["May", "a", "b"], {"list": "L", "order": "3"}),
    ]
    campaign_id = reply.json["campaign_id"]
    campaign = reading_calls()(f"/api/v1/campaigns/{campaign_id}").json["data"]["campaign"]
    assert campaign["metadata"] == {"tags": ["May"], "custom": {"list": "L"}}
    own = ("phone_number", "phone_number_given", "params.id", "metadata.tags", "metadata.custom.order")
    assert [tuple(row[name] for name in own) for row in exported(campaign_id)] == [
        ("+12025550143", "'+1 202-555-0143", "crm-1", "May|vip", "1"),
        ("+12025550144", "+12025550144", "crm-2", "May", "'=2"),
        ("+12025550145", "+12025550145", "crm-3", "May|a|b", "3"),
    ]


def test_no_column_of_the_export_takes_the_place_of_another(dialer: Dialer):
    row = {"id": "a", "params.id": "b", "params.params.id": "c", "phone_number_given": "d", "status": "e"}
    reply = dialer.schedule(calls=[{"phone_number": "+1 202-555-0143", **row}])
    (found,) = exported(reply.json["campaign_id"])
    assert sorted(found.values()).count("") == 2, "a reason, and a last attempt"
    assert set(row.values()) <= set(found.values())
    assert (found["phone_number_given"], found["params.id"], found["params.params.id"]) == (
        "'+1 202-555-0143",
        "b",
        "c",
    )


def test_metadata_that_cannot_be_kept_is_refused_with_its_place(dialer: Dialer):
    good = [{"phone_number": GOOD}]
    for metadata, field in (
        ({"tag": []}, "metadata.tag"),
        ({"tags": "vip"}, "metadata.tags"),
        ({"custom": {"n": "x" * 1_001}}, "metadata.custom.n"),
        ({"custom": {str(n): "x" * 1_000 for n in range(17)}}, "metadata"),
    ):
        reply = dialer.schedule(calls=good, metadata=metadata)
        assert (reply.status, reply.error["details"][0]["field"]) == (400, field)
    (fault,) = dialer.schedule(calls=[{"phone_number": GOOD, "metadata": {"tags": "vip"}}]).error["details"]
    assert (fault["row"], fault["field"], fault["code"]) == (1, "metadata.tags", "type")


def test_a_campaign_shows_all_that_its_request_said(dialer: Dialer):
    rules = [{"query": "Busy, No answer", "retry_period": 30, "max_retry_per_day": 2}]
    said = {"voice_id": "v-1", "model": "Fast", "staggered_interval_minutes": 7, "max_retries": 4}
    more = {"language": "es-CO", "max_duration_mins": 9, "campaign_name": "May"}
    made = dialer.schedule(calls=[{"phone_number": GOOD}], retry_logic=rules, **said, **more)
    shown = reading_calls()(f"/api/v1/campaigns/{made.json['campaign_id']}").json["data"]["campaign"]
    assert shown["retry_logic"] == rules
    assert {name: shown[name] for name in said} == said
    assert (shown["language"], shown["max_duration_mins"], shown["name"]) == ("es-CO", 9, "May")
    assert (shown["assistant_id"], shown["prompt_id"]) == (None, None)


BEN = "+12025550144"
AS_SPREADSHEETS_WRITE_IT = {
    "UTF-16 with tabs": data_uri(f"phone_number\tFirst Name\r\n{GOOD}\tZoë\r\n{BEN}\tBen\r\n".encode("utf-16")),
    "semicolons": f"phone_number;First Name\r\n{GOOD};Zoë\r\n{BEN};Ben\r\n",
    "a line that names them": f"sep=;\r\nphone_number;First Name\r\n{GOOD};Zoë\r\n{BEN};Ben\r\n",
    "empty columns and rows": f"phone_number,First Name,,\r\n{GOOD},Zoë,,\r\n{BEN},Ben,,\r\n,,,\r\n",
    "another name": f"Phone Number,First Name\r\n{GOOD},Zoë\r\n{BEN},Ben\r\n",
    "a short name": f"Mobile;First Name\r\n{GOOD};Zoë\r\n{BEN};Ben\r\n",
    "Windows-1252, named": data_uri(
        f"phone,First Name\r\n{GOOD},Zoë\r\n{BEN},Ben\r\n".encode("cp1252"), "windows-1252"
    ),
}


@pytest.mark.parametrize("form", AS_SPREADSHEETS_WRITE_IT.values(), ids=AS_SPREADSHEETS_WRITE_IT.keys())
def test_a_table_is_dialled_as_spreadsheets_write_it(dialer: Dialer, form: str):
    reply = dialer.schedule(csv_file=form)
    assert reply.status == 200, reply.text
    made = [(call["metadata"]["to"], call["params"]) for call in reply.json["createdCalls"]]
    assert made == [(GOOD, {"First Name": "Zoë"}), (BEN, {"First Name": "Ben"})]


def test_an_encoding_may_be_named_beside_the_table(dialer: Dialer):
    table = data_uri(f"phone_number,name\n{GOOD},José\n".encode("latin-1"))
    (made,) = dialer.schedule(csv_file=table, csv_encoding="windows-1252").json["createdCalls"]
    assert made["params"] == {"name": "José"}
    assert dialer.schedule(csv_file=f"phone_number,name\n{GOOD},José\n", csv_encoding="windows-1252").json["total"] == 1
    assert dialer.schedule(csv_file=table, csv_encoding="koi8-r").error["details"][0]["field"] == "csv_encoding"


def test_times_and_languages_are_taken_as_spreadsheets_write_them(dialer: Dialer):
    calls = [{"phone_number": GOOD, "scheduled_date": "2026-05-04", "scheduled_time": "9:00 AM", "timezone": "UTC"}]
    made = dialer.schedule(calls=calls, language="en_US").json
    call = reading_calls()(f"/api/v1/calls/{made['createdCalls'][0]['id']}").json["data"]["call"]
    assert (call["scheduled_at"], call["language"]) == ("2026-05-04T09:00:00.000Z", "en-US")
    (fault,) = dialer.schedule(calls=[{**calls[0], "scheduled_date": "5/4/2026"}]).error["details"]
    assert "say YYYY-MM-DD" in fault["message"]


def test_preflight_lists_the_rows_that_reach_nobody(dialer: Dialer):
    Endpoint("dialing/do_not_call", "POST", partner())("/api/v1/do-not-call", {"phone_number": BEN})
    numbers = (GOOD, "+1 (202) 555-0144", "+1 202 555 01", "+19005550123", "+870773111632", "nobody")
    table = "phone_number,city\n" + "".join(f"{number},\n" for number in numbers)
    calls = [{"phone_number": "+44 8712 345 678"}, {"phone_number": BEN, "scheduled_date": "12/25/2027"}]
    endpoint = Endpoint("dialing/preflight", "POST", partner())
    found = endpoint("/api/v1/dial/preflight", dialer.body(csv_file=table, calls=calls)).json
    assert [(one["source"], one["row"], one["reason"]) for one in found["barred"]] == [
        ("calls", 1, "premium_number"),
        ("calls", 2, "do_not_call"),
        ("csv_file", 3, "do_not_call"),
        ("csv_file", 4, "impossible_number"),
        ("csv_file", 5, "premium_number"),
        ("csv_file", 6, "satellite_number"),
    ]
    assert (found["barred"][2]["phone_number"], found["total_barred"]) == ("+1 (202) 555-0144", 6)
    assert found["calls"] == 3, "what is only in vain is planned, too"
