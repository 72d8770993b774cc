"""Lists as they travel: the query's parameters, cursors, pages."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.domain.shared.instants import format_instant, parse_instant
from slotline.domain_names import to_ascii
from slotline.http.core.envelopes import Pagination
from slotline.http.core.fields import MOST_AGENTS, Instant, refused
from slotline.http.core.paging import LARGEST_OFFSET, AskedPart, cursor_of, no_cursor, place_in
from slotline.http.core.queries import BY_COMMAS

LONGEST_AGENT_ID = 128


def _of_one_line(value: str) -> str:
    if any(character < " " for character in value):
        raise refused("control_character", "must not hold control characters")
    return value


def _only_true(value: bool) -> bool:  # noqa: FBT001 - as pydantic calls it
    if not value:
        raise refused("only_true", "must be true, or left out: there is no list of all other calls")
    return value


class Asked(AskedPart):
    """The query of `GET scheduled-calls`."""

    model_config = ConfigDict(alias_generator=to_camel)

    agent_id: Annotated[list[Annotated[str, Field(max_length=LONGEST_AGENT_ID)]], BY_COMMAS] = Field(
        default_factory=list, max_length=MOST_AGENTS, description="Calls of one of these agents"
    )
    status: Annotated[list[CallStatus], BY_COMMAS] = Field(
        default_factory=list, max_length=len(CallStatus), description="Calls in one of these states"
    )
    booking_source: Annotated[list[BookingSource], BY_COMMAS] = Field(
        default_factory=list, max_length=len(BookingSource), description="Calls from one of these sources"
    )
    date_from: Annotated[Instant | None, Field(description="Starts at or after")] = None
    date_to: Annotated[Instant | None, Field(description="Starts before")] = None
    external_id: Annotated[
        str, Field(description="Calls with exactly this external id", max_length=200), AfterValidator(_of_one_line)
    ] = ""
    search: Annotated[
        str,
        Field(
            description=(
                "Finds guests by a whole e-mail address, by a phone number in any written form or its last seven digits"
                " or more, or by beginnings of words of the name, in any order, whatever the case and accents; calls"
                " by a whole external id or words of it. With `dateFrom` and `dateTo` at most 92 days apart also by any"
                " part of these"
            ),
            max_length=200,
        ),
        AfterValidator(_of_one_line),
    ] = ""

    zone_changed: Annotated[
        bool,
        Field(
            description=(
                "`true`: calls whose wall time is another than was promised, because the rules of a time zone changed,"
                " until somebody moves them. Not together with `search`"
            )
        ),
        AfterValidator(_only_true),
    ] = False

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if self.zone_changed and self.search:
            raise refused("exclusive", "zoneChanged and search are two lists: ask for one of them")
        return self

    def to_query(self, app_id: str) -> CallQuery:
        """What the core is asked."""
        return CallQuery(
            app_id=app_id,
            agent_ids=frozenset(self.agent_id),
            statuses=frozenset(self.status),
            sources=frozenset(self.booking_source),
            date_from=_next_whole_minute(self.date_from),
            date_to=_next_whole_minute(self.date_to),
            external_id=self.external_id or None,
            search=_as_kept(self.search) or None,
            zone_changed=self.zone_changed,
            limit=self.limit,
            offset=self.offset,
            after=_position(self.cursor) if self.cursor else None,
            with_total=self.total,
        )


def _as_kept(search: str) -> str:
    """What was typed, and an address as addresses are kept: an international domain in its ASCII form."""
    local, at, domain = search.strip().rpartition("@")
    if not at or domain.isascii() or not local.isascii() or " " in local:
        return search
    ascii_domain = to_ascii(domain)
    return f"{local}@{ascii_domain}" if ascii_domain else search


def _next_whole_minute(instant: datetime | None) -> datetime | None:
    """Calls start on whole minutes, so a bound between two of them is the same as the later one."""
    if instant is None or not (instant.second or instant.microsecond):
        return instant
    return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _place(position: Position) -> str:
    return f"{format_instant(position.scheduled_at)} {position.call_id} {position.skip}"


def _position(cursor: str) -> Position:
    """What a cursor says. Raises InvalidRequest."""
    try:
        scheduled_at, call_id, skip = place_in(cursor).split(" ", 2)
        return Position(scheduled_at=parse_instant(scheduled_at), call_id=call_id, skip=_bounded(int(skip)))
    except ValueError as error:
        raise no_cursor() from error


def _bounded(skip: int) -> int:
    return max(0, min(skip, LARGEST_OFFSET))


def pagination(query: CallQuery, page: CallPage) -> Pagination:
    """Where the page stands."""
    where = Pagination(
        total=page.total,
        limit=query.limit,
        offset=query.offset,
        has_more=page.next is not None,
        next_cursor=cursor_of(_place(page.next)) if page.next else None,
    )
    return where if query.with_total else where.without_total()
