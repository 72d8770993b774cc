"""The one pagination of every list: `limit` and `cursor` in the query, `pagination` in the answer.

A cursor names a place in a list, never whose list, so a forged one reaches nothing that its sender may not see.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.paging import COUNTED_UP_TO, Listed, total_with
from slotline.http.core.envelopes import Pagination
from slotline.http.core.models import Model

MOST_ROWS, ROWS = 200, 50
LARGEST_OFFSET = 10_000
LONGEST_CURSOR = 400
Row = TypeVar("Row")
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="How many a page holds at most")]
Offset = Annotated[int, Field(ge=0, le=LARGEST_OFFSET, description="Beyond it, go on by cursor")]
Cursor = Annotated[str, Field(description="`pagination.nextCursor` of the page before", max_length=LONGEST_CURSOR)]


class AskedPage(Model):
    """The query of a list that is read page by page."""

    model_config = ConfigDict(frozen=True)

    limit: Limit = ROWS
    cursor: Cursor = ""

    @property
    def after(self) -> str | None:
        """Where the page before ended. Raises InvalidRequest for what no page answered with."""
        return place_in(self.cursor) if self.cursor else None

    def where(self, found: Listed[object], total: int | None = None) -> Pagination:
        """Where the page stands, in a list of so many."""
        cursor = cursor_of(found.next) if found.next else None
        return Pagination(total=total, limit=self.limit, offset=0, has_more=cursor is not None, next_cursor=cursor)


class AskedCounted(AskedPage):
    """The query of a list whose rows are counted, unless nobody wants to know."""

    total: Annotated[bool, Field(description="false: `pagination.total` is left out, and nothing is counted")] = True

    def where(self, found: Listed[object], total: int | None = None) -> Pagination:
        """Where the page stands, in a list of so many, if that was asked for."""
        where = super().where(found, total)
        return where if self.total else where.without_total()

    def where_of(self, found: Listed[object], count: Callable[[int], int | None]) -> Pagination:
        """Where the page stands. `count`: how many there are, or None if they are more than so many."""
        if not self.total:
            return self.where(found)
        counted = total_with(
            found.rows, is_first=not self.cursor, is_last=found.next is None, count=lambda: count(COUNTED_UP_TO)
        )
        return self.where(found, counted)


class AskedPart(AskedCounted):
    """The query of a list that is short enough to be read as a whole."""

    offset: Offset = 0

    def part_of(self, rows: Sequence[Row], place: Callable[[Row], str]) -> tuple[Sequence[Row], Pagination]:
        """The part of the list that was asked for, and where it stands.

        `place` is what `rows` are sorted by, so that a page goes on rightly after the row that it stood at is gone.
        """
        after = self.after
        left = rows if after is None else [row for row in rows if place(row) > after]
        end = self.offset + self.limit
        shown = left[self.offset : end]
        more = len(left) > end
        where = Pagination(
            total=len(rows),
            limit=self.limit,
            offset=self.offset,
            has_more=more,
            next_cursor=cursor_of(place(shown[-1])) if more else None,
        )
        return shown, where if self.total else where.without_total()


def cursor_of(place: str) -> str:
    """A place in a list as it travels."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_in(cursor: str) -> str:
    """The place that a cursor names. Raises InvalidRequest for what no page answered with."""
    try:
        place = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (ValueError, binascii.Error) as error:
        raise no_cursor() from error
    if not place or not place.isprintable():
        raise no_cursor()
    return place


def no_cursor() -> InvalidRequest:
    """What is said of a cursor that no page answered with."""
    return InvalidRequest.of_field("cursor", "must be pagination.nextCursor of an earlier answer", "cursor")
