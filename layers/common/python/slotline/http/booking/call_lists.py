"""Lists as they travel: the query's parameters, cursors, pages."""

import base64
import binascii
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.http.core.envelopes import Pagination
from slotline.http.core.fields import Instant, refused
from slotline.http.core.models import Model

LARGEST_OFFSET = 10_000
MOST_AGENTS, LONGEST_AGENT_ID = 100, 128
_Choice = TypeVar("_Choice", bound=StrEnum)


def _search(value: str) -> str:
    if any(character < " " for character in value):
        raise refused("control_character", "must not hold control characters")
    return value


class Asked(Model):
    """The query of `GET scheduled-calls`."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    agent_id: Annotated[str, Field(description="One agent id, or several with commas", max_length=2000)] = ""
    status: Annotated[str, Field(description="One status, or several with commas", max_length=200)] = ""
    booking_source: Annotated[str, Field(description="One source, or several with commas", max_length=200)] = ""
    date_from: Annotated[Instant | None, Field(description="Starts at or after")] = None
    date_to: Annotated[Instant | None, Field(description="Starts before")] = None
    search: Annotated[
        str,
        Field(
            description="Part of the guest's name, e-mail or phone, in either case, or a number in any written form",
            max_length=200,
        ),
        AfterValidator(_search),
    ] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=LARGEST_OFFSET, description="Beyond it, go on by cursor")] = 0
    cursor: Annotated[str, Field(description="`pagination.nextCursor` of the page before", max_length=200)] = ""

    def to_query(self, app_id: str) -> CallQuery:
        """What the core is asked."""
        return CallQuery(
            app_id=app_id,
            agent_ids=_agent_ids(self.agent_id),
            statuses=_choices(CallStatus, self.status, "status"),
            sources=_choices(BookingSource, self.booking_source, "bookingSource"),
            date_from=_next_whole_minute(self.date_from),
            date_to=_next_whole_minute(self.date_to),
            search=self.search or None,
            limit=self.limit,
            offset=self.offset,
            after=_position(self.cursor) if self.cursor else None,
        )


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _agent_ids(text: str) -> frozenset[str]:
    """Raises InvalidRequest for more ids than one condition holds, or for one that no agent has."""
    found = frozenset(_words(text))
    if len(found) > MOST_AGENTS or any(len(agent_id) > LONGEST_AGENT_ID for agent_id in found):
        message = f"at most {MOST_AGENTS} agents, each of at most {LONGEST_AGENT_ID} characters"
        raise InvalidRequest.of_field("agentId", message, "agent_ids")
    return found


def _choices(kind: type[_Choice], text: str, field: str) -> frozenset[_Choice]:
    try:
        return frozenset(kind(word) for word in _words(text))
    except ValueError as error:
        raise InvalidRequest.of_field(field, f"each must be one of {', '.join(kind)}", "enum") from error


def _next_whole_minute(instant: datetime | None) -> datetime | None:
    """Calls start on whole minutes, so a bound between two of them is the same as the later one."""
    if instant is None or not (instant.second or instant.microsecond):
        return instant
    return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _cursor(position: Position) -> str:
    text = f"{format_instant(position.scheduled_at)} {position.call_id} {position.skip}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(cursor: str) -> Position:
    """What a cursor says. It names a place in a list, never a tenant, so a forged one reaches nothing."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        scheduled_at, call_id, skip = text.split(" ", 2)
        return Position(scheduled_at=parse_instant(scheduled_at), call_id=call_id, skip=_bounded(int(skip)))
    except (ValueError, binascii.Error) as error:
        raise InvalidRequest.of_field(
            "cursor", "must be pagination.nextCursor of an earlier answer", "cursor"
        ) from error


def _bounded(skip: int) -> int:
    return max(0, min(skip, LARGEST_OFFSET))


def pagination(query: CallQuery, page: CallPage) -> Pagination:
    """Where the page stands."""
    return Pagination(
        total=page.total,
        limit=query.limit,
        offset=query.offset,
        has_more=page.next is not None,
        next_cursor=_cursor(page.next) if page.next else None,
    )
