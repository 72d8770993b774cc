"""Rows whose numbers nobody will reach, told before a campaign is made.

Some would refuse their request, others would be dialled in vain or be over before: all are listed, so that a table can
be cleaned at once.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from slotline.domain.dialing.duplicates import RowPlace
from slotline.domain.dialing.rows import PHONE, Row
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.phones import Screen, to_e164

DO_NOT_CALL = "do_not_call"
IMPOSSIBLE = "impossible_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class BarredRow:
    """A row, its number as it is given, and why nobody reaches it: a `NumberRefusal`, or one of the two above."""

    place: RowPlace
    phone_number: str
    reason: str


def barred_rows(
    rows: Iterable[Row],
    screen: Screen,
    exists: Callable[[str], bool],
    listed_among: Callable[[Collection[str]], Collection[str]],
) -> Sequence[BarredRow]:
    """The rows of these, in order, whatever else is wrong with them. What is no number at all is left out.

    `exists`: whether some numbering plan has a number. `listed_among`: those that are on the do-not-call list.
    """
    numbers = [(row, e164) for row in rows if (e164 := _e164(row))]
    listed = listed_among({e164 for _, e164 in numbers})

    def reason_of(e164: str) -> str | None:
        if refusal := screen(e164):
            return refusal.value
        if e164 in listed:
            return DO_NOT_CALL
        return None if exists(e164) else IMPOSSIBLE

    return [
        BarredRow(place=RowPlace(source=row.source, row=row.number), phone_number=str(row.cells[PHONE]), reason=reason)
        for row, e164 in numbers
        if (reason := reason_of(e164))
    ]


def _e164(row: Row) -> str | None:
    given = row.cells.get(PHONE)
    try:
        return to_e164(given, PHONE) if isinstance(given, str) else None
    except InvalidRequest:
        return None
