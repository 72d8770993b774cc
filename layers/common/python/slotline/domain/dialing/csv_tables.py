"""Tables of calls as CSV (RFC 4180), read in a stream with flat memory.

A file is as spreadsheets write it. It is UTF-8 or UTF-16, and Windows-1252 if that is said. Between cells there are
commas, semicolons or tabs, as the header has them or a line `sep=;` before it. Empty columns at the right and empty
rows, also before the header, count for nothing. Lines end with CRLF, LF or CR; a quoted cell may hold line breaks.

What is wrong with one row is a fault of that row. What makes the rest unreadable refuses the file: behind a quote that
is never closed, or in a cell that was cut wrong, another row's number would be dialled with another row's parameters.
"""

import base64
import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from slotline.domain.dialing.csv_encodings import CsvEncoding
from slotline.domain.dialing.own_metadata import CUSTOM, TAGS
from slotline.domain.dialing.placeholders import plain_name
from slotline.domain.dialing.rows import KNOWN, LONGEST_CELL, LONGEST_NAME, MOST_COLUMNS, PHONE, Row, Source
from slotline.domain.shared.errors import InvalidRequest

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LAST_ROW = 2**20 - 1
"""As far as rows are counted, empty ones too: a call's id has twenty bits for its row. Spreadsheets go on to 2**20."""
DELIMITERS = ",;\t"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"UEsDB")
"""How files begin that spreadsheets keep for themselves: .xlsx (as base64, too) and .xls."""

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_EMPTY_LINE = re.compile(r'(?:""|[\s,;])*')
_DOT = re.compile("[.\uff0e\ufe52\u2024]")
"""The dots that `plain_name` makes one."""
_KNOWN = {plain_name(name): name for name in (*KNOWN, TAGS)}
_PHONES = ("phone", "number", "mobile")
"""What a column may be called instead, if it is the only one of these."""
_SNIFFED = 5
"""Bytes that tell what a file is."""
_NO_ENCODING = (
    "its bytes are not the characters of its encoding: save as CSV UTF-8, or name the encoding as csv_encoding, "
    "such as windows-1252"
)
_DATA_URI = re.compile(r"data:([^,]*),(.*)", re.IGNORECASE | re.DOTALL)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


_CHARSET = re.compile(r";\s*charset=\"?([^;\"]+)", re.IGNORECASE)
_CHARSETS = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii"), CsvEncoding.UTF_8),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), CsvEncoding.UTF_16),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1"), CsvEncoding.WINDOWS_1252),
}
"""What a `charset` may be called. Browsers read ISO-8859-1 as Windows-1252, too (WHATWG, Encoding)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvBounds:
    """How much of a file is read: bytes, rows with content, columns, and characters of one cell and of one row.

    `with_more`: what to do with a file of more rows, as the end of a sentence.
    """

    largest: int = 100 * 1024 * 1024
    most_rows: int = 1_000_000
    most_columns: int = MOST_COLUMNS
    longest_cell: int = LONGEST_CELL
    longest_row: int = 1_000_000
    with_more: str = ""


BOUNDS = CsvBounds()


def csv_bytes(csv_file: str) -> bytes:
    """The bytes of a `csv_file` in a request: CSV text, or a `data:` URI (RFC 2397) in base64 or percent-encoding.

    Raises InvalidRequest for a URI that is none.
    """
    parts = _data_uri(csv_file)
    if parts is None:
        return csv_file.encode(errors="surrogatepass")
    kind, data = parts
    if _BAD_PERCENT.search(data):
        raise _unreadable("a percent sign in a data: URI has two hexadecimal digits behind it", "data_uri")
    try:
        content = unquote_to_bytes(data)
        if kind.lower().rstrip().endswith(";base64"):
            content = base64.b64decode(b"".join(content.split()), validate=True)
    except ValueError as error:
        raise _unreadable("the data: URI does not hold the base64 that it says it does", "data_uri") from error
    return content


def csv_encoding(csv_file: str, named: CsvEncoding | None = None) -> CsvEncoding | None:
    """How the bytes of a `csv_file` are characters, if anybody says so: its `data:` URI, else who sends it.

    Text has no say in it: it came as characters. Raises InvalidRequest for a charset that is not read.
    """
    parts = _data_uri(csv_file)
    if parts is None:
        return None
    charset = _CHARSET.search(parts[0])
    if charset is None:
        return named
    found = _CHARSETS.get(charset[1].lower())
    if found is None:
        raise _unreadable(f"the charset of a data: URI must be one of {', '.join(CsvEncoding)}", "data_uri")
    return found


def csv_rows(chunks: Iterable[bytes], bounds: CsvBounds = BOUNDS, encoding: CsvEncoding | None = None) -> Iterator[Row]:
    """The rows of a CSV file that comes in pieces, one at a time; rows without any content are passed over.

    Raises InvalidRequest where the file cannot be read, or can be read no further.
    """
    lines = _TextLines(_text(chunks, bounds, encoding), bounds.longest_row)
    header_at, delimiter, header, behind = _header(lines)
    columns = _columns(header, bounds)
    held = 0
    for number, cells in enumerate(_records(lines, behind, delimiter, header_at + 1), start=header_at + 1):
        if not "".join(cells).strip():
            continue
        held += 1
        if held > bounds.most_rows or number > LAST_ROW:
            raise _unreadable(f"it has more than {bounds.most_rows:,} rows{bounds.with_more}", "too_many")
        yield _row(number, columns, cells, bounds)


def _data_uri(csv_file: str) -> tuple[str, str] | None:
    """The kind and the data of a `data:` URI; None for what is no URI. Raises InvalidRequest."""
    if csv_file[:5].lower() != "data:":
        return None
    parts = _DATA_URI.fullmatch(csv_file)
    if not parts:
        raise _unreadable("a data: URI has a comma before its data", "data_uri")
    return parts[1], parts[2]


def _header(lines: "_TextLines") -> tuple[int, str, Sequence[str], Iterator[str]]:
    """The number of the first row that is not empty, what stands between its cells, these, and the lines behind it.

    Of the delimiters the first one counts by which the header has a column of numbers. Raises InvalidRequest.
    """
    number, first = _first_line(lines, 1)
    separator = _SEPARATOR_LINE.fullmatch(first)
    if separator:  # it is no row: a spreadsheet does not show it
        number, first = _first_line(lines, number)
    delimiters = separator[1] if separator else DELIMITERS
    again = _LinesAgain(chain([first] if first else [], lines))
    for delimiter in delimiters:
        again.rewind()
        with suppress(csv.Error, StopIteration):
            names = next(csv.reader(again, delimiter=delimiter, strict=True))
            if any(_is_phone(name) for name in names):
                return number, delimiter, names, again.rest()
    if again.is_empty:
        raise _unreadable("it is empty; the first row must name the columns", "empty")
    message = "the first row must name the columns, phone_number among them, with commas, semicolons or tabs between"
    raise _unreadable(message, "header")


def _first_line(lines: "_TextLines", number: int) -> tuple[int, str]:
    """The first line that holds anything, and its number; the next one has this number. Nothing is left: empty."""
    while True:
        lines.start_record(number)
        line = next(lines, "")
        if not line or not _EMPTY_LINE.fullmatch(line):
            return number, line
        number += 1


def _records(lines: "_TextLines", behind: Iterator[str], delimiter: str, number: int) -> Iterator[Sequence[str]]:
    """The rows behind the header, of which the first has this number."""
    reader = csv.reader(behind, delimiter=delimiter, strict=True)
    while True:
        lines.start_record(number)
        try:
            yield next(reader)
            number += 1
        except StopIteration:
            return
        except csv.Error as error:
            message = f"row {number} cannot be read: a quote is not closed, or stands inside a cell that is not quoted"
            raise _unreadable(message, "malformed") from error


def _columns(header: Sequence[str], bounds: CsvBounds) -> tuple[str, ...]:
    """The names of the columns up to the last one that has any. Known ones may be written in any way.

    Raises InvalidRequest.
    """
    written = [name.strip() for name in header]
    while not written[-1]:
        written.pop()
    if len(written) > bounds.most_columns:
        raise _unreadable(f"it has more than {bounds.most_columns} columns", "too_many")
    names = tuple(_column(name) for name in written)
    if PHONE not in names:
        phones = [n for n, name in enumerate(names) if _is_phone(name)]
        if len(phones) > 1:
            which = " and ".join(written[n] for n in phones)
            raise _unreadable(f"{which} may all be numbers to call: name the one that is phone_number", "header")
        names = tuple(PHONE if n in phones else name for n, name in enumerate(names))
    for n, name in enumerate(names, start=1):
        longest = LONGEST_NAME + (len(CUSTOM) + 1 if name.startswith(f"{CUSTOM}.") else 0)
        if not name or len(name) > longest:
            raise _unreadable(f"the name of column {n} must have 1 to {LONGEST_NAME} characters", "header")
        if name in names[: n - 1]:
            raise _unreadable(f"column {n} has the name of column {names.index(name) + 1}", "header")
    return names


def _column(written: str) -> str:
    """A column's name: a known one as it is known, any other as it is written, for names in braces."""
    parts = _DOT.split(written, 2)
    if len(parts) == 3 and f"{plain_name(parts[0])}.{plain_name(parts[1])}" == CUSTOM:
        return f"{CUSTOM}.{parts[2].strip()}"
    return _KNOWN.get(plain_name(written), written)


def _is_phone(name: str) -> bool:
    """True for what a column of numbers to call is named."""
    plain = plain_name(name)
    return _KNOWN.get(plain) == PHONE or plain in _PHONES


def _row(number: int, columns: Sequence[str], cells: Sequence[str], bounds: CsvBounds) -> Row:
    row = Row(source=Source.CSV, number=number, cells=dict(zip(columns, cells, strict=False)))
    if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
        message = f"has {len(cells)} cells under {len(columns)} columns"
        return replace(row, cells={}, faults=(row.fault(None, message, "ragged"),))
    if max(map(len, cells)) > bounds.longest_cell and (long := _longer(row.cells, bounds.longest_cell)):
        message = f"must have at most {bounds.longest_cell} characters"
        return replace(row, cells={}, faults=tuple(row.fault(name, message, "too_long") for name in long))
    return row


def _longer(cells: Mapping[str, object], longest: int) -> Sequence[str]:
    return [name for name, cell in cells.items() if len(str(cell)) > longest]


class _LinesAgain:
    """Lines that can be read again from the first one on."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._read: list[str] = []
        self._next = 0

    @property
    def is_empty(self) -> bool:
        """True where no line was found."""
        return not self._read

    def rewind(self) -> None:
        """The next line is the first one again."""
        self._next = 0

    def rest(self) -> Iterator[str]:
        """The lines from the next one on."""
        return chain(self._read[self._next :], self._lines)

    def __iter__(self) -> "_LinesAgain":
        return self

    def __next__(self) -> str:
        if self._next == len(self._read):
            self._read.append(next(self._lines))
        self._next += 1
        return self._read[self._next - 1]


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
            raise _unreadable(_NO_ENCODING, "encoding") from error
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


def _text(chunks: Iterable[bytes], bounds: CsvBounds, named: CsvEncoding | None) -> io.TextIOWrapper:
    """The characters, line ends as they are. Raises InvalidRequest for a workbook."""
    pieces, start = iter(chunks), b""
    while len(start) < _SNIFFED and (piece := next(pieces, None)) is not None:
        start += piece
    if start.startswith(WORKBOOKS):
        raise _unreadable("it is a workbook and not a table of text: open it and save as CSV", "workbook")
    stream = _Stream(chain([start], pieces), bounds.largest)
    encoding = _encoding(start, named)
    return io.TextIOWrapper(io.BufferedReader(stream), encoding=encoding, errors="strict", newline="")


def _encoding(start: bytes, named: CsvEncoding | None) -> str:
    """The codec of a file that begins so. A byte order mark says which it is, and is no character.

    Every second byte of what begins with Latin letters in UTF-16 is zero, and none is in other encodings.
    """
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    zeros = tuple(byte == 0 for byte in start[:4])
    if zeros == (False, True, False, True):
        return "utf-16-le"
    if zeros == (True, False, True, False):
        return "utf-16-be"
    return {CsvEncoding.WINDOWS_1252: "cp1252", CsvEncoding.UTF_16: "utf-16"}.get(named or CsvEncoding.UTF_8, "utf-8")


def _unreadable(why: str, code: str) -> InvalidRequest:
    return InvalidRequest.of_field(Source.CSV.value, why, code)
