"""Calls as they are asked for: rows of a table or objects in JSON, each read whole and every fault of it named.

A row names whom to call and when; whatever else it has is a parameter of the use case. Rows are counted from 1; in a
CSV file the header is row 1, as a spreadsheet shows it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from slotline.domain.dialing.own_metadata import NO_METADATA, OwnMetadata, is_metadata, metadata_of
from slotline.domain.dialing.use_cases import check_duration
from slotline.domain.dialing.written_times import date_of, time_of
from slotline.domain.shared.errors import MOST_DETAILS, Detail, InvalidRequest, RowsRefused
from slotline.domain.shared.phones import Screen, check_may_be_reached, to_e164
from slotline.domain.shared.zones import zone

PHONE, DATE, TIME, ZONE, DURATION = "phone_number", "scheduled_date", "scheduled_time", "timezone", "max_duration_mins"
KNOWN = frozenset({PHONE, DATE, TIME, ZONE, DURATION})
MOST_COLUMNS = 200
LONGEST_CELL = 4_000
LONGEST_NAME = 100
LONGEST_PHONE = 40
LARGEST_PARAMS = 300_000
"""Bytes of a row's parameters as JSON: a call is kept as one row of the database, which takes 400 KB of everything."""
_MOST_BYTES_A_CHARACTER = 8
"""A control character is six in JSON; names and values have quotes and commas around them."""
_DIGITS = re.compile(r"[0-9]{1,6}")

T = TypeVar("T")


class Source(StrEnum):
    """Where a row stands: the field of the request that holds it."""

    CALLS = "calls"
    CSV = "csv_file"


class RowRefused(Exception):
    """A row that cannot be dialled, with everything that is wrong with it. The texts do not repeat what it holds."""

    def __init__(self, details: Sequence[Detail]) -> None:
        super().__init__(f"a row has {len(details)} faults")
        self.details = tuple(details)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row as it stands, read no further than its cells. `faults`: what already kept it from being read."""

    source: Source
    number: int
    cells: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[Detail, ...] = ()

    def fault(self, name: str | None, message: str, code: str) -> Detail:
        """Something wrong with the row, for its sender: which column, and what would be right."""
        return Detail(message, code, name, {"source": self.source.value, "row": self.number})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """A row that says whom to call. `day` and `clock` are its own time in `zone`, where they were given."""

    row: Row
    phone_number: str
    e164: str
    day: date | None = None
    clock: time | None = None
    zone: str | None = None
    max_duration_mins: int | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    metadata: OwnMetadata = NO_METADATA


class Refusals:
    """Rows that were refused: all are counted, and the faults of the first are kept."""

    def __init__(self, most_listed: int = MOST_DETAILS) -> None:
        self.details: list[Detail] = []
        self.rows = 0
        self.faults = 0
        self._most_listed = most_listed

    def add(self, refused: RowRefused) -> None:
        """Count one more row."""
        self.rows += 1
        self.faults += len(refused.details)
        self.details += refused.details[: self._most_listed - len(self.details)]

    def check(self) -> None:
        """Raises RowsRefused where there is any."""
        if self.rows:
            rows = "1 row" if self.rows == 1 else f"{self.rows} rows"
            message = f"{rows} cannot be dialled; nothing was created."
            raise RowsRefused(message, self.details, total=self.faults)


def sifted(rows: Iterable[Row], read: Callable[[Row], T], refusals: Refusals) -> Iterator[T]:
    """What is made of the good rows, in order. The others go to the refusals."""
    for row in rows:
        try:
            yield read(row)
        except RowRefused as refused:
            refusals.add(refused)


def read_request(row: Row, screen: Screen) -> CallRequest:
    """The call that a row asks for. Raises RowRefused with every fault of the row."""
    if row.faults:
        raise RowRefused(row.faults)
    faults: list[Detail] = []

    def read(name: str, reader: Callable[[object], T]) -> T | None:
        """One of the known columns; None where it is empty or wrong."""
        given = row.cells.get(name)
        if given is None or not _is_said(given):
            return None
        try:
            return reader(given)
        except InvalidRequest as error:
            (detail,) = error.details
            faults.append(row.fault(name, detail.message, detail.code))
            return None

    if not _is_said(row.cells.get(PHONE)):
        faults.append(row.fault(PHONE, "is required", "required"))
    request = CallRequest(
        row=Row(source=row.source, number=row.number),
        phone_number=str(row.cells.get(PHONE)),
        e164=read(PHONE, lambda given: _e164(given, screen)) or "",
        day=read(DATE, _date),
        clock=read(TIME, _time),
        zone=read(ZONE, _zone),
        max_duration_mins=read(DURATION, _minutes),
        params=dict(_params(row, faults)),
        metadata=_metadata(row, faults),
    )
    if _is_said(row.cells.get(TIME)) and not _is_said(row.cells.get(DATE)):
        faults.append(row.fault(DATE, "is required beside scheduled_time", "required"))
    if not faults and _is_too_large(request.params):
        message = f"has more than {LARGEST_PARAMS // 1_000} KB of parameters"
        faults.append(row.fault(None, message, "too_large"))
    if faults:
        raise RowRefused(faults)
    return request


def json_rows(calls: object) -> Iterator[Row]:
    """The rows of `calls` in JSON: a list of objects, of lists of objects, or of both. Raises InvalidRequest."""
    if not isinstance(calls, list):
        raise InvalidRequest.of_field("calls", "must be a list of calls, or of lists of calls", "type")
    flat = (call for outer in calls for call in (outer if isinstance(outer, list) else [outer]))
    for number, call in enumerate(flat, start=1):
        row = Row(source=Source.CALLS, number=number)
        if isinstance(call, dict):
            yield replace(row, cells=call)
        else:
            yield replace(row, faults=(row.fault(None, "must be an object with a phone_number", "type"),))


def _is_said(given: object) -> bool:
    """True where there is something, be it what it may: null and blanks say nothing."""
    return given is not None and not (isinstance(given, str) and not given.strip())


def _params(row: Row, faults: list[Detail]) -> Iterator[tuple[str, object]]:
    if len(row.cells) + len(KNOWN) > MOST_COLUMNS and len(row.cells.keys() - KNOWN) + len(KNOWN) > MOST_COLUMNS:
        faults.append(row.fault(None, f"has more than {MOST_COLUMNS - len(KNOWN)} parameters", "too_many"))
        return
    for name, value in row.cells.items():
        if name in KNOWN or is_metadata(name):
            continue
        shown = name[:LONGEST_NAME]
        if len(shown) != len(name) or not name.strip():
            message = f"a parameter's name must have 1 to {LONGEST_NAME} characters"
            faults.append(row.fault(shown or None, message, "name"))
        elif not (value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))):
            faults.append(row.fault(shown, "must be text, a number, true, false or null", "type"))
        elif isinstance(value, str) and len(value) > LONGEST_CELL:
            faults.append(row.fault(shown, f"must have at most {LONGEST_CELL} characters", "too_long"))
        else:
            yield name, value


def _is_too_large(params: Mapping[str, object]) -> bool:
    """Whether they take more room than is kept of them. Most rows are known to fit before they are written as JSON."""
    characters = sum(len(name) + len(str(value)) for name, value in params.items())
    if characters * _MOST_BYTES_A_CHARACTER <= LARGEST_PARAMS:
        return False
    return len(json.dumps(dict(params), ensure_ascii=False).encode(errors="replace")) > LARGEST_PARAMS


def _metadata(row: Row, faults: list[Detail]) -> OwnMetadata:
    try:
        return metadata_of(row.cells)
    except InvalidRequest as error:
        (detail,) = error.details
        faults.append(row.fault(detail.field, detail.message, detail.code))
        return NO_METADATA


def _string(given: object, name: str, longest: int) -> str:
    if not isinstance(given, str):
        raise InvalidRequest.of_field(name, "must be text", "type")
    if len(given) > longest:
        raise InvalidRequest.of_field(name, f"must have at most {longest} characters", "too_long")
    return given.strip()


def _e164(given: object, screen: Screen) -> str:
    number = to_e164(_string(given, PHONE, LONGEST_PHONE), PHONE)
    check_may_be_reached(number, screen, PHONE)
    return number


def _date(given: object) -> date:
    return date_of(_string(given, DATE, LONGEST_CELL), DATE)


def _time(given: object) -> time:
    return time_of(_string(given, TIME, LONGEST_CELL), TIME)


def _zone(given: object) -> str:
    return zone(_string(given, ZONE, LONGEST_CELL), ZONE).key


def _minutes(given: object) -> int:
    if isinstance(given, str) and _DIGITS.fullmatch(given.strip()):
        given = int(given)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool):
        raise InvalidRequest.of_field(DURATION, "must be a whole number of minutes", "type")
    check_duration(given, DURATION)
    return given
