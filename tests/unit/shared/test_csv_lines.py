"""CSV is written so that a spreadsheet runs none of it."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotline.domain.shared.csv_lines import csv_line, harmless
from tests.support.properties import tried


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
        ("+cmd()", "'+cmd()"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "  '=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ('"=1', "\"'=1"),
        ("+573005550100", "+573005550100"),
        ("-12.5", "-12.5"),
        ("+57 300 555 0100", "'+57 300 555 0100"),
        ("a=b", "a=b"),
        ("jane@example.com", "jane@example.com"),
        ("John-Paul", "John-Paul"),
        ("", ""),
    ],
)
def test_what_a_spreadsheet_would_run_is_made_text_and_numbers_stay_usable(cell: str, written: str) -> None:
    assert harmless(cell) == written


nasty = st.text(alphabet="=+-@;,|\t\r\n\"' ab1.\uff1d", max_size=12)


@tried(1000)
@given(st.lists(nasty, min_size=1, max_size=4))
@example(['";=1'])
@example(["x", "\n=1"])
@example(["a", '"', "=1"])
def test_in_no_country_does_a_cell_begin_with_a_formula(cells_of_one: list[str]) -> None:
    line = csv_line(cells_of_one)
    assert next(csv.reader(io.StringIO(line, newline=""))) == [harmless(cell) for cell in cells_of_one]
    for delimiter in ",;\t|":
        for row in csv.reader(io.StringIO(line, newline=""), delimiter=delimiter):
            for cell in row:
                begins = cell.lstrip()[:1]
                assert begins not in ("=", "@", "\uff1d"), (delimiter, row)
                assert begins not in ("+", "-") or re.match(r"\s*[+-]?[0-9.]+", cell), (delimiter, row)


def test_a_line_is_written_with_its_break_and_what_is_none_is_empty() -> None:
    assert csv_line(["+573005550100", None, 5, 'say "hi", you']) == '+573005550100,,5,"say ""hi"", you"\r\n'
