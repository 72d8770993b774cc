"""Rows of calls: what a good one asks for, and every fault of a bad one."""

from contextlib import suppress
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.dialing.rows import (
    Refusals,
    Row,
    RowRefused,
    Source,
    json_rows,
    read_request,
    sifted,
)
from slotline.domain.shared.errors import InvalidRequest, RowsRefused
from slotline.domain.shared.phones import NumberRefusal, to_e164
from tests.support.builders.dialing import a_request, a_row
from tests.support.properties import tried


def nobody_is_barred(_: str) -> None:
    return None


def faults_of(row: Row) -> list[tuple[str | None, str]]:
    with pytest.raises(RowRefused) as refused:
        read_request(row, nobody_is_barred)
    return [(detail.field, detail.code) for detail in refused.value.details]


def test_a_row_says_whom_to_call_and_when_and_all_else_is_a_parameter() -> None:
    request = a_request(
        phone_number=" +57 (300) 555-01.00",
        scheduled_date="2026-05-05",
        scheduled_time="10:30:15",
        timezone="America/Bogota",
        max_duration_mins=5.0,
        first_name="John",
        vip=True,
        score=1.5,
        note=None,
    )
    assert request.e164 == "+573005550100"
    assert request.phone_number == " +57 (300) 555-01.00", "as it was given"
    assert (request.day, request.clock, request.zone) == (date(2026, 5, 5), time(10, 30, 15), "America/Bogota")
    assert request.max_duration_mins == 5
    assert request.params == {"first_name": "John", "vip": True, "score": 1.5, "note": None}


def test_what_is_left_empty_was_not_said() -> None:
    request = a_request(scheduled_date="", scheduled_time=" ", timezone=None, max_duration_mins="", first_name="")
    assert (request.day, request.clock, request.zone, request.max_duration_mins) == (None, None, None, None)
    assert request.params == {"first_name": ""}


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"phone_number": None}, "phone_number", "required"),
        ({"phone_number": "  "}, "phone_number", "required"),
        ({"phone_number": 573005550100}, "phone_number", "type"),
        ({"phone_number": "573005550100"}, "phone_number", "phone"),
        ({"phone_number": "+123456"}, "phone_number", "phone"),
        ({"phone_number": "+1234567890123456"}, "phone_number", "phone"),
        ({"phone_number": "+57 300 CALL ME"}, "phone_number", "phone"),
        ({"phone_number": "+1" + " " * 40 + "2345678"}, "phone_number", "too_long"),
        ({"phone_number": "911"}, "phone_number", "phone"),
        ({"scheduled_date": "2026-02-30"}, "scheduled_date", "date"),
        ({"scheduled_date": "2027-02-29"}, "scheduled_date", "date"),
        ({"scheduled_date": "05/06/2026"}, "scheduled_date", "date"),
        ({"scheduled_date": "20260506"}, "scheduled_date", "date"),
        ({"scheduled_date": "2026-W19-1"}, "scheduled_date", "date"),
        ({"scheduled_date": "0001-01-01"}, "scheduled_date", "date"),
        ({"scheduled_date": "9999-12-31"}, "scheduled_date", "date"),
        ({"scheduled_date": 20260506}, "scheduled_date", "type"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "24:00"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "9"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "0:30 AM"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "13:00 PM"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "0.375"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "\u0669:00"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "10:60"}, "scheduled_time", "time"),
        ({"scheduled_date": "2026-05-06", "scheduled_time": "10:00+02:00"}, "scheduled_time", "time"),
        ({"scheduled_time": "10:00"}, "scheduled_date", "required"),
        ({"timezone": "Mars/Olympus"}, "timezone", "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone", "timezone"),
        ({"timezone": "EST5"}, "timezone", "timezone"),
        ({"timezone": ["UTC"]}, "timezone", "type"),
        ({"max_duration_mins": 0}, "max_duration_mins", "range"),
        ({"max_duration_mins": 241}, "max_duration_mins", "range"),
        ({"max_duration_mins": "-5"}, "max_duration_mins", "type"),
        ({"max_duration_mins": "ten"}, "max_duration_mins", "type"),
        ({"max_duration_mins": 2.5}, "max_duration_mins", "type"),
        ({"max_duration_mins": True}, "max_duration_mins", "type"),
        ({"max_duration_mins": float("inf")}, "max_duration_mins", "type"),
        ({"max_duration_mins": 10**20}, "max_duration_mins", "range"),
        ({"max_duration_mins": "\u0665"}, "max_duration_mins", "type"),
        ({"note": "x" * 4001}, "note", "too_long"),
        ({f"p{n}": "x" * 4_000 for n in range(75)}, None, "too_large"),
        ({f"p{n}": '"' * 4_000 for n in range(38)}, None, "too_large"),
        ({f"p{n}": "é" * 4_000 for n in range(38)}, None, "too_large"),
        ({"note": {"a": 1}}, "note", "type"),
        ({"note": float("nan")}, "note", "type"),
        ({"": "x"}, None, "name"),
        ({"n" * 101: "x"}, "n" * 100, "name"),
        ({f"p{n}": n for n in range(196)}, None, "too_many"),
    ],
)
def test_a_fault_is_named_with_its_column(cells: dict[str, object], field: str | None, code: str) -> None:
    assert faults_of(a_row(**cells)) == [(field, code)]


def test_every_fault_of_a_row_is_named_at_once_and_where_it_stands() -> None:
    row = a_row(7, phone_number="x", scheduled_date="x", timezone="x", max_duration_mins="x")
    with pytest.raises(RowRefused) as refused:
        read_request(row, nobody_is_barred)
    assert [detail.field for detail in refused.value.details] == [
        "phone_number",
        "scheduled_date",
        "timezone",
        "max_duration_mins",
    ]
    assert {(detail.extra["source"], detail.extra["row"]) for detail in refused.value.details} == {("calls", 7)}


@pytest.mark.parametrize("refusal", NumberRefusal)
def test_numbers_that_nobody_dials_are_refused_with_the_reason_and_without_the_number(refusal: NumberRefusal) -> None:
    with pytest.raises(RowRefused) as refused:
        read_request(a_row(phone_number="+1 900 555 0100"), lambda to: refusal if to == "+19005550100" else None)
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == ("phone_number", refusal.value)
    assert "900" not in detail.message + str(refused.value)


@tried(300)
@given(
    st.dictionaries(st.text(max_size=20), st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()))
)
def test_no_row_makes_reading_fail_otherwise(cells: dict[str, object]) -> None:
    with suppress(RowRefused):
        request = read_request(a_row(**{"phone_number": "+573005550100", **cells}), nobody_is_barred)
        assert request.params.keys() == cells.keys() - {"phone_number"}


@tried(200)
@given(st.text(alphabet="+0123456789 .-()x\u00a0\u0661", max_size=25))
def test_a_row_reads_a_number_as_every_other_door_does(text: str) -> None:
    try:
        e164 = to_e164(text)
    except InvalidRequest:
        with pytest.raises(RowRefused):
            a_request(phone_number=text)
    else:
        assert a_request(phone_number=text).e164 == e164


def test_calls_in_json_are_nested_or_flat_or_both_and_count_in_their_order() -> None:
    one, two, three = {"phone_number": "+1234567"}, {"phone_number": "+2345678"}, {"phone_number": "+3456789"}
    for calls in (
        [one, two, three],
        [[one, two, three]],
        [[one], [two, three]],
        [one, [two], three],
        [[], [one, two, three]],
    ):
        rows = list(json_rows(calls))
        assert [(row.number, row.cells) for row in rows] == [(1, one), (2, two), (3, three)]
        assert {row.source for row in rows} == {Source.CALLS}


@pytest.mark.parametrize("calls", [None, {}, "x", 5, {"phone_number": "+1234567"}])
def test_calls_in_json_are_a_list(calls: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        list(json_rows(calls))
    assert (refused.value.details[0].field, refused.value.details[0].code) == ("calls", "type")


@pytest.mark.parametrize("call", [None, 5, "+1234567", True, [[{"phone_number": "+1234567"}]]])
def test_what_is_no_object_is_a_fault_of_its_row(call: object) -> None:
    good, bad = json_rows([{"phone_number": "+1234567"}, call])
    assert not good.faults
    assert faults_of(bad) == [(None, "type")]


def test_bad_rows_are_listed_up_to_a_bound_and_counted_beyond_it() -> None:
    refusals = Refusals(most_listed=3)
    rows = [
        a_row(n, phone_number="x" if n % 2 else "+1234567", timezone="x" if n == 1 else "UTC") for n in range(1, 11)
    ]
    good = list(sifted(rows, lambda row: read_request(row, nobody_is_barred), refusals))
    assert [request.row.number for request in good] == [2, 4, 6, 8, 10]
    with pytest.raises(RowsRefused) as refused:
        refusals.check()
    assert refused.value.total == 6, "the first row has two faults"
    assert "5 rows" in refused.value.message
    assert [(detail.extra["row"], detail.field) for detail in refused.value.details] == [
        (1, "phone_number"),
        (1, "timezone"),
        (3, "phone_number"),
    ]


def test_without_bad_rows_nothing_is_refused() -> None:
    Refusals().check()


@pytest.mark.parametrize(
    "written", ["12/25/2027", "25/12/2027", "25.12.2027", "12/25/27", "25-Dec-27", "46746", "2027/12/25"]
)
def test_a_date_as_a_spreadsheet_shows_it_is_refused_with_the_form_that_all_read_alike(written: str) -> None:
    with pytest.raises(RowRefused) as refused:
        read_request(a_row(scheduled_date=written), lambda _: None)
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == ("scheduled_date", "date")
    assert "say YYYY-MM-DD" in detail.message
    assert written not in detail.message


@pytest.mark.parametrize(
    ("written", "clock"),
    [
        ("09:00", time(9)),
        ("9:00", time(9)),
        ("9:05:07", time(9, 5, 7)),
        ("9:00 AM", time(9)),
        ("9:00am", time(9)),
        ("9 PM", time(21)),
        ("09:00:30 p.m.", time(21, 0, 30)),
        ("9:00\u202fAM", time(9)),
        ("9:00\xa0a.\xa0m.", time(9)),
        ("12:00 AM", time(0)),
        ("12:30 PM", time(12, 30)),
    ],
)
def test_a_time_is_read_in_every_form_in_which_spreadsheets_show_it(written: str, clock: time) -> None:
    assert read_request(a_row(scheduled_date="2027-12-25", scheduled_time=written), lambda _: None).clock == clock


def test_the_largest_row_that_is_taken_has_three_hundred_kilobytes_of_parameters() -> None:
    assert len(read_request(a_row(**{f"p{n}": "x" * 4_000 for n in range(74)}), nobody_is_barred).params) == 74
