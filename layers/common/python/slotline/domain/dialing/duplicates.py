"""Numbers that more than one row asks for, and what becomes of the rows that come later.

Numbers are compared in E.164, over all rows of a campaign: those of a request, and those of the file beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from slotline.domain.dialing.rows import PHONE, CallRequest, RowRefused, Source

MOST_LISTED = 50
"""Duplicates that an answer lists, and rows of each; the others are counted."""

_ROW_BITS = 20


class DuplicatePolicy(StrEnum):
    """What becomes of a row whose number an earlier row has: dialled too, left out, or refused as a bad row."""

    KEEP = "keep"
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlace:
    """A row of a request or of its file."""

    source: Source
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A number that comes more than once: `times` times, first in these rows."""

    e164: str
    times: int
    rows: tuple[RowPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicates:
    """The first numbers that come more than once, of `total` that do."""

    listed: tuple[Duplicate, ...] = ()
    total: int = 0


NO_DUPLICATES = Duplicates()


@dataclass(slots=True)
class _Repeated:
    times: int = 1
    rows: list[RowPlace] = field(default_factory=list)


class MetNumbers:
    """The numbers of the rows so far. It holds two small integers a number: a file may have a million of them."""

    def __init__(self, policy: DuplicatePolicy, earlier: Iterable[tuple[str, RowPlace]] = ()) -> None:
        self._policy = policy
        self._first: dict[int, int] = {}
        self._repeated: dict[str, _Repeated] = {}
        self._total = 0
        for e164, place in earlier:
            self._meet(e164, place)

    @property
    def duplicates(self) -> Duplicates:
        """What has come more than once so far."""
        listed = (
            Duplicate(e164=e164, times=found.times, rows=tuple(found.rows)) for e164, found in self._repeated.items()
        )
        return Duplicates(listed=tuple(listed), total=self._total)

    def admits(self, request: CallRequest) -> bool:
        """Whether the row is to be dialled, as far as its number goes. Raises RowRefused."""
        first = self._first.get(_digits(request.e164))
        if first is None or self._policy is DuplicatePolicy.KEEP:
            return True
        self.meet(request)
        if self._policy is DuplicatePolicy.SKIP:
            return False
        place = _place(first)
        message = f"row {place.row} of {place.source} has this number already, and duplicates says refuse"
        raise RowRefused([request.row.fault(PHONE, message, "duplicate")])

    def meet(self, request: CallRequest) -> None:
        """Remember the number of a row."""
        self._meet(request.e164, RowPlace(source=request.row.source, row=request.row.number))

    def _meet(self, e164: str, place: RowPlace) -> None:
        """A first row's place is kept as it is; once its number has come again, below zero."""
        digits = _digits(e164)
        packed = _packed(place)
        first = self._first.setdefault(digits, packed)
        if first in (packed, ~packed):
            return
        if first >= 0:
            self._first[digits] = ~first
            self._total += 1
            if len(self._repeated) < MOST_LISTED:
                self._repeated[e164] = _Repeated(rows=[_place(first)])
        if found := self._repeated.get(e164):
            found.times += 1
            if len(found.rows) < MOST_LISTED:
                found.rows.append(place)


def _digits(e164: str) -> int:
    return int(e164[1:])


def _packed(place: RowPlace) -> int:
    return int(place.source is Source.CSV) << _ROW_BITS | place.row


def _place(packed: int) -> RowPlace:
    number = packed if packed >= 0 else ~packed
    return RowPlace(source=Source.CSV if number >> _ROW_BITS else Source.CALLS, row=number & (1 << _ROW_BITS) - 1)
