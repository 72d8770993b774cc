"""Rows whose numbers nobody will reach, told before a campaign is made.

Some would refuse their request, others would be dialled in vain or be over before: all are listed, so that a table can
be cleaned at once.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from slotline.domain.dialing.duplicates import RowPlace
from slotline.domain.dialing.rows import PHONE, Row
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import NumberRefusal, Screen, to_e164

DO_NOT_CALL = "do_not_call"
IMPOSSIBLE = "impossible_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarredRow:
    """A row, its number as it is given, and why nobody reaches it: a `NumberRefusal`, or one of the two above."""

    place: RowPlace
    phone_number: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A row with a number, and what numbering plans say of it."""

    place: RowPlace
    given: str
    e164: str
    refusal: NumberRefusal | None
    exists: bool


class BarredRows:
    """Looks at the numbers of rows on their way to whoever plans their calls: a table is read once.

    What is no number at all is left out, and nothing else: it does not matter what is wrong with the rest of a row.
    `exists`: whether some numbering plan has a number.
    """

    def __init__(self, screen: Screen, exists: Callable[[str], bool]) -> None:
        self._screen = screen
        self._exists = exists
        self._seen: list[_Seen] = []

    def passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, as they are taken. Those of an earlier pass are forgotten."""
        self._seen = []
        for row in rows:
            if e164 := _e164(row):
                self._seen.append(self._look(row, e164))
            yield row

    def among(self, listed_among: Callable[[Collection[str]], Collection[str]]) -> Sequence[BarredRow]:
        """The rows that reach nobody, in order. `listed_among`: the numbers that are on the do-not-call list."""
        listed = listed_among({seen.e164 for seen in self._seen})
        return [
            BarredRow(place=seen.place, phone_number=seen.given, reason=reason)
            for seen in self._seen
            if (reason := _reason(seen, is_listed=seen.e164 in listed))
        ]

    def _look(self, row: Row, e164: str) -> _Seen:
        return _Seen(
            place=RowPlace(source=row.source, row=row.number),
            given=str(row.cells[PHONE]),
            e164=e164,
            refusal=self._screen(e164),
            exists=self._exists(e164),
        )


def _reason(seen: _Seen, *, is_listed: bool) -> str | None:
    if seen.refusal:
        return seen.refusal.value
    if is_listed:
        return DO_NOT_CALL
    return None if seen.exists else IMPOSSIBLE


def _e164(row: Row) -> str | None:
    given = row.cells.get(PHONE)
    try:
        return to_e164(given, PHONE) if isinstance(given, str) else None
    except InvalidRequest:
        return None
