"""Tables of calls as CSV (RFC 4180): read in a stream with flat memory, and written so that no spreadsheet runs them.

A file is UTF-8, or UTF-16 with a byte order mark; lines end with CRLF, LF or CR; a quoted cell may hold line breaks.
What is wrong with one row is a fault of that row. What makes the rest unreadable refuses the file: behind a quote that
is never closed, or in a cell that was cut wrong, another row's number would be dialled with another row's parameters.

Cells that a spreadsheet would take for a formula are written with an apostrophe before them. Numbers are left alone,
telephone numbers in E.164 too: a spreadsheet takes `+573005550100` for a number, and runs nothing.
"""

import base64
import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from slotline.domain.dialing.rows import KNOWN, LONGEST_CELL, LONGEST_NAME, MOST_COLUMNS, PHONE, Row, Source
from slotline.domain.shared.errors import Detail, InvalidRequest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_DATA_URI = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_FORMULA = re.compile(r"""(?:^|(?<=[;,|"'\t\r\n]))([^\S\t\r\n]*+)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])""")
"""Where a formula could begin: at a cell's start, or behind what a spreadsheet of another country takes for its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvBounds:
    """How much of a file is read: bytes, rows, columns, and characters of one cell and of one row."""

    largest: int = 100 * 1024 * 1024
    most_rows: int = 1_000_000
    most_columns: int = MOST_COLUMNS
    longest_cell: int = LONGEST_CELL
    longest_row: int = 1_000_000


BOUNDS = CsvBounds()


def csv_bytes(csv_file: str) -> bytes:
    """The bytes of a `csv_file` in a request: CSV text, or a `data:` URI (RFC 2397) in base64 or percent-encoding.

    Raises InvalidRequest for a URI that is none.
    """
    if csv_file[:5].lower() != "data:":
        return csv_file.encode(errors="surrogatepass")
    parts = _DATA_URI.fullmatch(csv_file)
    if not parts:
        raise _unreadable("a data: URI has a comma before its data", "data_uri")
    kind, data = parts.groups()
    if _BAD_PERCENT.search(data):
        raise _unreadable("a percent sign in a data: URI has two hexadecimal digits behind it", "data_uri")
    try:
        content = unquote_to_bytes(data)
        if kind.lower().rstrip().endswith(";base64"):
            content = base64.b64decode(b"".join(content.split()), validate=True)
    except ValueError as error:
        raise _unreadable("the data: URI does not hold the base64 that it says it does", "data_uri") from error
    return content


def csv_rows(chunks: Iterable[bytes], bounds: CsvBounds = BOUNDS) -> Iterator[Row]:
    """The rows of a CSV file that comes in pieces, one at a time; rows without any content are passed over.

    Raises InvalidRequest where the file cannot be read, or can be read no further.
    """
    lines = _TextLines(_text(chunks, bounds), bounds.longest_row)
    records = _records(lines)
    header = next(records, None)
    if header is None:
        raise _unreadable("it is empty; the first row must name the columns", "empty")
    columns = _columns(header, bounds)
    for number, cells in enumerate(records, start=2):
        if number > bounds.most_rows + 1:
            raise _unreadable(f"it has more than {bounds.most_rows:,} rows", "too_many")
        if any(cell.strip() for cell in cells):
            yield _row(number, columns, cells, bounds)


def csv_line(cells: Iterable[object]) -> str:
    """One row as text, with its line break. What is None is empty; what could be run is made text."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(["" if cell is None else harmless(str(cell)) for cell in cells])
    return line.getvalue()


def harmless(cell: str) -> str:
    """The cell as no spreadsheet runs it, in whatever country: where a formula could begin stands an apostrophe."""
    return cell if _NUMBER.fullmatch(cell) else _FORMULA.sub(r"\1'", cell)


def _records(lines: "_TextLines") -> Iterator[Sequence[str]]:
    reader = csv.reader(lines, strict=True)
    number = 0
    while True:
        number += 1
        lines.start_record(number)
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"row {number} cannot be read: a quote is not closed, or stands inside a cell that is not quoted"
            raise _unreadable(message, "malformed") from error


def _columns(header: Sequence[str], bounds: CsvBounds) -> tuple[str, ...]:
    """The names of the columns. Known ones may be in any case. Raises InvalidRequest."""
    if len(header) > bounds.most_columns:
        raise _unreadable(f"it has more than {bounds.most_columns} columns", "too_many")
    names = tuple(known if (known := name.strip().lower()) in KNOWN else name.strip() for name in header)
    if PHONE not in names:
        raise _unreadable("the first row must name the columns, phone_number among them, with commas between", "header")
    for n, name in enumerate(names, start=1):
        if not name or len(name) > LONGEST_NAME:
            raise _unreadable(f"the name of column {n} must have 1 to {LONGEST_NAME} characters", "header")
        if name in names[: n - 1]:
            raise _unreadable(f"column {n} has the name of column {names.index(name) + 1}", "header")
    return names


def _row(number: int, columns: Sequence[str], cells: Sequence[str], bounds: CsvBounds) -> Row:
    row = Row(source=Source.CSV, number=number)
    if len(cells) != len(columns):
        message = f"has {len(cells)} cells under {len(columns)} columns"
        return replace(row, faults=(row.fault(None, message, "ragged"),))
    long = [name for name, cell in zip(columns, cells, strict=True) if len(cell) > bounds.longest_cell]
    if long:
        message = f"must have at most {bounds.longest_cell} characters"
        return replace(row, faults=tuple(row.fault(name, message, "too_long") for name in long))
    return replace(row, cells=dict(zip(columns, cells, strict=True)))


class _TextLines:
    """The lines of a text, with their ends, as long as the record that they belong to is not too long."""

    def __init__(self, text: io.TextIOWrapper, longest_record: int) -> None:
        self._text = text
        self._longest = longest_record
        self._number = 0
        self._taken = 0

    def start_record(self, number: int) -> None:
        """What comes now belongs to the next record."""
        self._number, self._taken = number, 0

    def __iter__(self) -> "_TextLines":
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(self._longest + 1 - self._taken)
        except UnicodeError as error:
            raise _unreadable("it is neither UTF-8 nor UTF-16 with a byte order mark", "encoding") from error
        if not line:
            raise StopIteration
        if "\0" in line:
            raise _unreadable(f"row {self._number} holds a NUL character", "encoding")
        self._taken += len(line)
        if self._taken > self._longest:
            message = f"row {self._number} is longer than {self._longest:,} characters, or a quote is not closed"
            raise _unreadable(message, "too_long")
        return line


class _Stream(io.RawIOBase):
    """Pieces of bytes as one stream, up to a limit."""

    def __init__(self, chunks: Iterator[bytes], largest: int) -> None:
        self._chunks = chunks
        self._left = largest
        self._largest = largest
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is read, and nothing else."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer as far as one piece goes; nothing left: 0. Raises InvalidRequest beyond the limit."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left -= len(chunk)
            if self._left < 0:
                raise _unreadable(f"it is larger than {self._largest:,} bytes", "too_large")
            self._rest = memoryview(chunk)
        into = memoryview(buffer).cast("B")
        size = min(len(into), len(self._rest))
        into[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _text(chunks: Iterable[bytes], bounds: CsvBounds) -> io.TextIOWrapper:
    """The characters, line ends as they are. A byte order mark says which encoding it is, and is no character."""
    pieces, start = iter(chunks), b""
    while len(start) < 2 and (piece := next(pieces, None)) is not None:
        start += piece
    encoding = "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    stream = _Stream(chain([start], pieces), bounds.largest)
    return io.TextIOWrapper(io.BufferedReader(stream), encoding=encoding, errors="strict", newline="")


def _unreadable(why: str, code: str) -> InvalidRequest:
    message = f"csv_file: {why}"
    return InvalidRequest(message, [Detail(message, code, Source.CSV.value)])
