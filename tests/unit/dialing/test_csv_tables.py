"""CSV as it is found in the wild, read in pieces."""

import base64
import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.dialing import csv_tables
from slotline.domain.dialing.csv_tables import (
    CsvBounds,
    CsvEncoding,
    csv_bytes,
    csv_encoding,
    csv_rows,
)
from slotline.domain.dialing.rows import Row, RowRefused, Source, read_request
from slotline.domain.shared.errors import InvalidRequest
from tests.support.properties import tried

HEADER = "phone_number,first_name\r\n"


def rows_of(text: str | bytes, **bounds: int) -> list[Row]:
    content = text.encode() if isinstance(text, str) else text
    return list(csv_rows([content], CsvBounds(**bounds)))


def refusal_of(text: str | bytes, **bounds: int) -> str:
    with pytest.raises(InvalidRequest) as refused:
        rows_of(text, **bounds)
    (detail,) = refused.value.details
    assert detail.field == "csv_file"
    return detail.code


def test_columns_are_found_by_name_and_rows_are_counted_as_a_spreadsheet_shows_them() -> None:
    text = "first_name, Phone_Number ,scheduled_date\r\nJohn,+1234567,2026-05-05\r\n\r\n,,\r\nJane,+2345678,\r\n"
    assert [(row.number, row.source, row.cells) for row in rows_of(text)] == [
        (2, Source.CSV, {"first_name": "John", "phone_number": "+1234567", "scheduled_date": "2026-05-05"}),
        (5, Source.CSV, {"first_name": "Jane", "phone_number": "+2345678", "scheduled_date": ""}),
    ]


@pytest.mark.parametrize(
    "before", ["\r\n", "  \r\n", ",,\r\n\t\r\n;\r\n", '"",""\r\n', "\r\nsep=,\r\n,\r\n", "\r\n" * 50]
)
def test_empty_rows_before_the_header_count_for_nothing_but_their_numbers(before: str) -> None:
    empty = before.count("\r\n") - ("sep=" in before)
    first, second = rows_of(before + HEADER + '+1234567,"Jo\r\nhn"\r\n+2345678,Jane\r\n')
    assert (first.number, second.number) == (empty + 2, empty + 3)
    assert second.cells == {"phone_number": "+2345678", "first_name": "Jane"}


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("metadata.custom.Order ID", "metadata.custom.Order ID"),
        ("Meta_Data.CUSTOM. order.id ", "metadata.custom.order.id"),
        ("metadata\uff0ecustom\uff0eorder", "metadata.custom.order"),
        ("metadata.custom\ufe52a.b", "metadata.custom.a.b"),
        ("metadata\u2024tags", "metadata.tags"),
        ("metadata.custom\u2026", "metadata.custom\u2026"),
        ("metadata\u2026custom.a", "metadata\u2026custom.a"),
        ("metadata.custom", "metadata.custom"),
    ],
)
def test_columns_of_metadata_are_found_whatever_dot_they_are_written_with(column: str, name: str) -> None:
    (row,) = rows_of(f"phone_number,{column}\r\n+1234567,x\r\n")
    assert row.cells == {"phone_number": "+1234567", name: "x"}


@tried(300)
@given(st.text(st.sampled_from("metadata.custom tgs_-\uff0e\u2026\ufe52\u2024"), max_size=24))
def test_no_name_of_a_column_makes_reading_fail_otherwise(name: str) -> None:
    try:
        rows_of(f"phone_number,metadata.custom{name},{name}\r\n+1234567,x,y\r\n")
    except InvalidRequest as error:
        assert [one.field for one in error.details] == ["csv_file"]  # noqa: PT017 - it need not be refused


def test_a_quoted_cell_may_hold_commas_quotes_and_line_breaks_and_is_one_row() -> None:
    text = HEADER + '+1234567,"Doe, ""JD""\r\nsecond line"\r\n+2345678,x\r\n'
    first, second = rows_of(text)
    assert first.cells["first_name"] == 'Doe, "JD"\r\nsecond line'
    assert second.number == 3


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_as_any_system_ends_them(end: str, last: bool) -> None:
    text = end.join(["phone_number,first_name", "+1234567,John", "+2345678,Jane"]) + (end if last else "")
    assert [row.cells["first_name"] for row in rows_of(text)] == ["John", "Jane"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 3, 4096])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "with a byte order mark"])
def test_a_file_is_utf_8_or_utf_16_in_pieces_of_any_size(encoding: str, size: int, mark: str) -> None:
    mark = mark if encoding.endswith(("le", "be")) else ""
    content = (mark + HEADER + "+1234567,Zoë 👩‍🚀 שלום\r\n").encode(encoding)
    chunks = [content[n : n + size] for n in range(0, len(content), size)]
    (row,) = csv_rows(chunks)
    assert row.cells == {"phone_number": "+1234567", "first_name": "Zoë 👩‍🚀 שלום"}


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
tables = st.integers(1, 6).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8))


@tried(300)
@given(tables, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]), st.sampled_from(["\r\n", "\n"]), st.integers(1, 50))
def test_any_table_comes_back_as_it_was_written(table: list[list[str]], encoding: str, end: str, size: int) -> None:
    text = io.StringIO()
    width = len(table[0]) if table else 1
    names = ["phone_number", *(f"p{n}" for n in range(width - 1))]
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *table])
    content = text.getvalue().encode(encoding)
    rows = csv_rows(content[n : n + size] for n in range(0, len(content), size))
    expected = [row for row in table if any(cell.strip() for cell in row)]
    assert [list(row.cells.values()) for row in rows] == expected


@tried(500)
@given(st.binary(max_size=200))
def test_no_bytes_make_reading_fail_otherwise(content: bytes) -> None:
    for text in (content, HEADER.encode() + content, b"\xff\xfe" + content):
        try:
            list(csv_rows([text]))
        except InvalidRequest as error:
            assert len(error.details) == 1  # noqa: PT017 - it need not be refused


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("first_name,last_name\r\n", "header"),
        ("phone_number:first_name\r\n", "header"),
        ("sep=;\r\nphone_number,first_name\r\n", "header"),
        ("sep=;\r\n", "empty"),
        ("phone,mobile\r\n", "header"),
        ("phone_number,Phone Number\r\n", "header"),
        ("phone_number,first_name,first_name\r\n", "header"),
        ("phone_number,PHONE_NUMBER\r\n", "header"),
        (",phone_number\r\n", "header"),
        ("phone_number, ,x\r\n", "header"),
        ("phone_number," + "x" * 101 + "\r\n", "header"),
        ("phone_number," + ",".join(f"p{n}" for n in range(200)) + "\r\n", "too_many"),
        (HEADER + '+1234567,"John\r\n+2345678,Jane\r\n', "malformed"),
        (HEADER + '+1234567,"John"x\r\n', "malformed"),
        (HEADER + "+1234567,Jo\0hn\r\n", "encoding"),
        ((HEADER + "+1234567,Zoë\r\n").encode("latin-1"), "encoding"),
        ((HEADER + "+1234567,Zoë\r\n").encode("utf-32"), "encoding"),
        (("\ufeff" + HEADER).encode("utf-16-le")[:-1], "encoding"),
        (HEADER.encode() + b"+1234567,\xed\xa0\x80\r\n", "encoding"),
        (b"PK\x03\x04\x14\x00\x06\x00", "workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook"),
        ("UEsDBBQABgAIAAAAIQ", "workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content: str | bytes, code: str) -> None:
    assert refusal_of(content) == code


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"largest": 40}, "too_large"),
        ({"most_rows": 2}, "too_many"),
        ({"most_columns": 1}, "too_many"),
        ({"longest_row": 23}, "too_long"),
    ],
)
def test_a_file_is_read_up_to_its_bounds(bounds: dict[str, int], code: str) -> None:
    text = HEADER + "+1234567,Jo\r\n" * 3
    assert refusal_of(text, **bounds) == code
    room = {name: value + {"largest": 24, "longest_row": 2}.get(name, 1) for name, value in bounds.items()}
    assert len(rows_of(text, **room)) == 3


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("+1234567", (None, "ragged")),
        ("+1234567,John,Doe", (None, "ragged")),
        ("+1234567,John,,Doe", (None, "ragged")),
        ("+1234567," + "x" * 4001, ("first_name", "too_long")),
    ],
)
def test_a_row_that_is_not_as_wide_as_the_header_or_too_long_is_a_fault_of_that_row(
    line: str, fault: tuple[str | None, str]
) -> None:
    before, bad, after = rows_of(f"{HEADER}+1234567,John\r\n{line}\r\n+2345678,Jane\r\n")
    assert not before.faults
    assert not after.faults
    with pytest.raises(RowRefused) as refused:
        read_request(bad, lambda _: None)
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == fault
    assert detail.extra == {"source": "csv_file", "row": 3}


def test_rows_before_an_unreadable_one_are_seen_before_the_refusal() -> None:
    rows = csv_rows([(HEADER + '+1234567,John\r\n+2345678,"Ja"ne\r\n').encode()])
    assert next(rows).number == 2
    with pytest.raises(InvalidRequest, match="row 3"):
        next(rows)


def test_a_quote_that_is_never_closed_dials_nobody_with_anothers_parameters() -> None:
    """The next line would be a good row, were it one."""
    text = HEADER + '+1234567,"John\r\n+2345678,Jane\r\n' + "+3456789,Jim\r\n" * 10_000
    assert refusal_of(text) == "malformed"
    assert refusal_of(text, longest_row=1000) == "too_long"


def many_rows(rows: int) -> Iterator[bytes]:
    yield HEADER.encode()
    for n in range(rows // 1000):
        yield b"".join(b"+1%010d,John Doe of Acme Corporation\r\n" % (n * 1000 + m) for m in range(1000))


def test_memory_stays_flat_however_long_the_file_is() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        try:
            assert sum(1 for _ in csv_rows(many_rows(rows))) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1000)
    assert peak(20_000) < 2 * peak(2000)


def test_one_endless_line_or_cell_is_refused_before_it_is_in_memory() -> None:
    def endless(start: bytes) -> Iterator[bytes]:
        yield start
        for n in range(1_000):
            assert n < 40, "it was read on"
            yield b"x," * 32_768

    for start in (b"", HEADER.encode(), HEADER.encode() + b'+1234567,"'):
        with pytest.raises(InvalidRequest) as refused:
            list(csv_rows(endless(start)))
        assert refused.value.details[0].code in ("too_long", "malformed")


@pytest.mark.parametrize(
    "uri",
    [
        "data:text/csv;base64," + base64.b64encode(HEADER.encode()).decode(),
        "DATA:text/csv;charset=utf-8;BASE64," + base64.b64encode(HEADER.encode()).decode(),
        "data:;base64," + quote(base64.b64encode(HEADER.encode()).decode(), safe=""),
        "data:text/csv;base64,\n" + base64.encodebytes(HEADER.encode()).decode(),
        "data:text/csv," + quote(HEADER),
        "data:," + HEADER,
        HEADER,
    ],
)
def test_a_csv_file_is_text_or_a_data_uri(uri: str) -> None:
    assert csv_bytes(uri) == HEADER.encode()


@pytest.mark.parametrize(
    "uri",
    [
        "data:text/csv;base64",
        "data:",
        "data:text/csv;base64,cGhvbm",
        "data:text/csv;base64,cGhvbmVfbnVtYmVy!",
        "data:text/csv;base64,cGhvbmVfbnVtYmVyé",
        "data:,%",
        "data:,%4",
        "data:,%zz",
        "data:,\ud800",
    ],
)
def test_a_data_uri_that_does_not_hold_what_it_says_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        csv_bytes(uri)
    assert (refused.value.details[0].field, refused.value.details[0].code) == ("csv_file", "data_uri")


def test_text_with_half_of_a_surrogate_pair_is_no_file() -> None:
    assert refusal_of(csv_bytes(HEADER + "+1234567,\ud800\r\n")) == "encoding"


@given(st.binary(max_size=100))
def test_any_bytes_come_out_of_a_data_uri_as_they_went_in(content: bytes) -> None:
    assert csv_bytes("data:text/csv;base64," + base64.b64encode(content).decode()) == content
    assert csv_bytes("data:text/csv," + quote(content)) == content


TABLE = [["Phone_Number", "First Name"], ["+1234567", "Doe, John"], ["+2345678", 'the "Zoë"']]


def written(delimiter: str, rows: Sequence[Sequence[str]] = TABLE, end: str = "\r\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n", '"sep={}"\r\n', "SEP={}\n"], ids=["", "sep", "quoted", "capitals"])
def test_a_table_is_read_as_spreadsheets_of_every_country_write_it(delimiter: str, encoding: str, first: str) -> None:
    rows = rows_of((first.format(delimiter) + written(delimiter)).encode(encoding))
    assert [(row.number, row.cells) for row in rows] == [
        (2, {"phone_number": "+1234567", "First Name": "Doe, John"}),
        (3, {"phone_number": "+2345678", "First Name": 'the "Zoë"'}),
    ]


def test_what_stands_between_cells_is_what_the_header_has_and_else_it_is_content() -> None:
    (row,) = rows_of("phone_number;note,note\r\n+1234567;a,b\r\n")
    assert row.cells == {"phone_number": "+1234567", "note,note": "a,b"}
    (row,) = rows_of('"note;\nof two lines",phone_number\r\n"a;b",+1234567\r\n')
    assert row.cells == {"note;\nof two lines": "a;b", "phone_number": "+1234567"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_empty_columns_at_the_right_and_empty_rows_count_for_nothing(delimiter: str) -> None:
    table = [[*row, "", " ", ""] for row in TABLE]
    text = written(delimiter, [*table, ["", "", "", "", ""], [" "]])
    rows = rows_of(text, most_rows=2)
    assert [list(row.cells.values()) for row in rows] == [list(row) for row in TABLE[1:]]
    assert not any(row.faults for row in rows)


def test_rows_are_counted_as_far_as_a_call_can_tell_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_tables, "LAST_ROW", 5)
    assert [row.number for row in rows_of(HEADER + "\r\n\r\n\r\n+1234567,Jo\r\n")] == [5]
    assert refusal_of(HEADER + "\r\n\r\n\r\n\r\n+1234567,Jo\r\n") == "too_many"


@pytest.mark.parametrize(
    "name",
    ["phone_number", "Phone Number", "PHONE_NUMBER", "phonenumber", "PhoneNumber", "phone-number", " Phone  number "],
)
def test_known_columns_are_found_however_they_are_written(name: str) -> None:
    own = "First Name,Metadata.Tags,metadata.custom.Order ID"
    header = f"{name},Scheduled Date,SCHEDULED_TIME,Time Zone,Max Duration Mins,{own}"
    (row,) = rows_of(f"{header}\r\n+1234567,2027-12-25,9:00 AM,UTC,5,Ana,a|b,7\r\n")
    assert list(row.cells) == [
        *("phone_number", "scheduled_date", "scheduled_time", "timezone", "max_duration_mins"),
        *("First Name", "metadata.tags", "metadata.custom.Order ID"),
    ]


@pytest.mark.parametrize("name", ["phone", "Number", "MOBILE"])
def test_a_single_column_of_numbers_may_be_called_phone_number_or_mobile(name: str) -> None:
    (row,) = rows_of(f"{name};city\r\n+1234567;Bogotá\r\n")
    assert row.cells == {"phone_number": "+1234567", "city": "Bogotá"}


def test_beside_a_column_phone_number_one_that_is_called_phone_is_a_parameter() -> None:
    (row,) = rows_of("phone,phone_number\r\n555,+1234567\r\n")
    assert row.cells == {"phone": "555", "phone_number": "+1234567"}


def test_a_workbook_is_told_to_be_saved_as_csv() -> None:
    with pytest.raises(InvalidRequest, match="save as CSV"):
        rows_of(b"PK\x03\x04\x14\x00\x06\x00")


def test_windows_1252_is_read_where_it_is_named_and_a_byte_order_mark_knows_better() -> None:
    content = (HEADER + "+1234567,Zoë €\r\n").encode("cp1252")
    assert refusal_of(content) == "encoding"
    (row,) = csv_rows([content], encoding=CsvEncoding.WINDOWS_1252)
    assert row.cells["first_name"] == "Zoë €"
    (row,) = csv_rows([(HEADER + "+1234567,Zoë €\r\n").encode("utf-8-sig")], encoding=CsvEncoding.WINDOWS_1252)
    assert row.cells["first_name"] == "Zoë €"


@pytest.mark.parametrize(
    ("kind", "named", "encoding"),
    [
        ("data:text/csv;base64,", None, None),
        ("data:text/csv;base64,", CsvEncoding.UTF_16, CsvEncoding.UTF_16),
        ("data:text/csv;charset=windows-1252;base64,", None, CsvEncoding.WINDOWS_1252),
        ('data:text/csv;Charset="ISO-8859-1",', None, CsvEncoding.WINDOWS_1252),
        ("data:text/csv; charset=UTF-8,", CsvEncoding.WINDOWS_1252, CsvEncoding.UTF_8),
        ("phone_number", CsvEncoding.WINDOWS_1252, None),
    ],
)
def test_a_data_uri_may_name_its_encoding_and_text_has_none(
    kind: str, named: CsvEncoding | None, encoding: CsvEncoding | None
) -> None:
    assert csv_encoding(kind, named) is encoding


def test_a_charset_that_is_not_read_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="windows-1252"):
        csv_encoding("data:text/csv;charset=koi8-r,x")
