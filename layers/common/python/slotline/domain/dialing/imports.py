"""Files of calls that are imported in the background, and how far each import has come."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from slotline.domain.dialing.csv_encodings import CsvEncoding
from slotline.domain.dialing.duplicates import NO_DUPLICATES, DuplicatePolicy, Duplicates, MetNumbers, RowPlace
from slotline.domain.dialing.rows import Refusals, Row, Source
from slotline.domain.shared.errors import MOST_DETAILS, Detail


class ImportState(StrEnum):
    """Where an import is. Checking: every row is read, and nothing is written until all are known to be good."""

    CHECKING = "checking"
    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"


class ImportFormat(StrEnum):
    """What an import reads: an uploaded table, or the rows of a request that are known to be good."""

    CSV = "csv"
    ROWS = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """How far the import of a campaign's file has come. `row` is the last row that is done with; the header is row 1.

    `turns`: how many calls without their own time were planned, `first_turn` of them before the file. `refused`: rows
    that cannot be dialled, of which `faults` are the first. `beside`: the numbers of the request's own calls, with
    their rows. `duplicates`: what has come more than once so far, in the file and beside it. `planned_at`: the present
    by which all of it is planned. `due_at`: when it goes on, unless it is over. `dials_from`: none of its calls is due
    before. `claim_id`: who has it.
    """

    organization_id: str
    campaign_id: str
    upload_id: str
    state: ImportState
    format: ImportFormat = ImportFormat.CSV
    encoding: CsvEncoding | None = None
    size: int
    planned_at: datetime
    dials_from: datetime | None = None
    skips_bad_rows: bool = False
    row: int = 1
    first_turn: int = 0
    turns: int = 0
    created: int = 0
    refused: int = 0
    faults: tuple[Detail, ...] = ()
    beside: tuple[tuple[str, int], ...] = ()
    duplicates: Duplicates = NO_DUPLICATES
    revision: int = 1
    due_at: datetime | None = None
    claim_id: str | None = None
    updated_at: datetime

    @property
    def is_over(self) -> bool:
        """True once nothing more will be read."""
        return self.state in (ImportState.DONE, ImportState.REFUSED)

    def after(self, row: int, created: int, turns: int, refusals: Refusals, duplicates: Duplicates) -> "Import":
        """The import once the rows up to this one are done with."""
        return replace(
            self,
            row=row,
            turns=turns,
            created=self.created + created,
            refused=self.refused + refusals.rows,
            faults=(*self.faults, *refusals.details)[:MOST_DETAILS],
            duplicates=duplicates,
        )

    def met(self, policy: DuplicatePolicy) -> MetNumbers:
        """The numbers that were met before the first row of the file."""
        calls = ((e164, RowPlace(source=Source.CALLS, row=row)) for e164, row in self.beside)
        return MetNumbers(policy, calls)

    def ready_to_write(self) -> "Import":
        """The import once every row is known to be good: it begins with the first row."""
        return replace(self, state=ImportState.WRITING, row=1, turns=self.first_turn)

    def over(self, state: ImportState, faults: Sequence[Detail] = ()) -> "Import":
        """The import once nothing more will be read."""
        return replace(self, state=state, due_at=None, faults=(*faults, *self.faults)[:MOST_DETAILS])

    def next_revision(self, at: datetime, due_at: datetime | None) -> "Import":
        """The import as it is kept, due again then."""
        return replace(self, revision=self.revision + 1, due_at=due_at, updated_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Where a file may be put: one PUT with these headers, until then."""

    url: str = field(repr=False)
    headers: Mapping[str, str]
    expires_at: datetime


def to_line(row: Row) -> str:
    """A row as it is kept to be written later, with its line break."""
    return f'["{row.source.value}", {row.number}, {json.dumps(row.cells)}]\n'


def from_lines(pieces: Iterable[bytes]) -> Iterator[Row]:
    """The rows of what was kept, which comes in pieces."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            source, number, cells = json.loads(line)
            yield Row(source=Source(source), number=number, cells=cells)
