"""Rows of CSV (RFC 4180), written so that no spreadsheet runs them.

Cells that a spreadsheet would take for a formula are written with an apostrophe before them. Numbers are left alone,
telephone numbers in E.164 too: a spreadsheet takes `+573005550100` for a number, and runs nothing.
"""

import csv
import io
import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_FORMULA = re.compile(r"""(?:^|(?<=[;,|"'\t\r\n]))([^\S\t\r\n]*+)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])""")
"""Where a formula could begin: at a cell's start, or behind what a spreadsheet of another country takes for its end."""


def csv_line(cells: Iterable[object]) -> str:
    """One row as text, with its line break. What is None is empty; what could be run is made text."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(["" if cell is None else harmless(str(cell)) for cell in cells])
    return line.getvalue()


def harmless(cell: str) -> str:
    """The cell as no spreadsheet runs it, in whatever country: where a formula could begin stands an apostrophe."""
    return cell if _NUMBER.fullmatch(cell) else _FORMULA.sub(r"\1'", cell)
