"""Lists of dialing as they travel: they go on by cursor, and are not counted."""

import base64
import binascii
from typing import Annotated

from pydantic import ConfigDict, Field

from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.paging import Listed
from slotline.http.core.envelopes import Pagination
from slotline.http.core.models import Model


class AskedPage(Model):
    """The query of a list."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(description="`pagination.nextCursor` of the page before", max_length=400)] = ""

    @property
    def after(self) -> str | None:
        """Where the page before ended. It names a place among the caller's own, so a forged one reaches nothing else.

        Raises InvalidRequest for what no page answered with.
        """
        if not self.cursor:
            return None
        try:
            place = base64.urlsafe_b64decode(self.cursor + "=" * (-len(self.cursor) % 4)).decode("ascii")
        except (ValueError, binascii.Error) as error:
            raise _no_cursor() from error
        if not place or not place.isprintable():
            raise _no_cursor()
        return place


def pagination(asked: AskedPage, found: Listed[object]) -> Pagination:
    """Where the page stands."""
    cursor = cursor_of(found.next) if found.next else None
    return Pagination(total=None, limit=asked.limit, offset=0, has_more=cursor is not None, next_cursor=cursor)


def cursor_of(place: str) -> str:
    """A place in a list as it travels."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _no_cursor() -> InvalidRequest:
    return InvalidRequest.of_field("cursor", "must be pagination.nextCursor of an earlier answer", "cursor")
