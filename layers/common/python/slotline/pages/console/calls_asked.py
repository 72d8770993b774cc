"""What the address of the console's list of calls asks for: filters, columns, a saved view's name, and how far one has
turned its pages.

Everything is in the query, so that an address is a view: it can be kept, sent and gone back to. A period such as
`yesterday` is kept as that, and is another day tomorrow. What cannot be read is as if it were not there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from slotline.domain.booking.call_lists import CallQuery, Position
from slotline.domain.booking.calls import BookingSource, CallStatus
from slotline.pages.kit import LONGEST_ID, date_or_none

ROWS = 50
LONGEST_SEARCH, LONGEST_VIEW = 200, 60
MOST_AGENTS = 50
MOST_TURNED = 40
"""Pages that are remembered to turn back to. Their places are in the address, which has an end."""
_MOST_SKIPPED = 10_000
_ONE_DAY = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MINUTE = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(minutes=1)

Kind = TypeVar("Kind", bound=StrEnum)
Pairs = Sequence[tuple[str, str]]
"""A query's parameters, in their order."""


class When(StrEnum):
    """Stretches of time that have a name, in the app's zone."""

    UPCOMING = "upcoming"
    """From today on."""
    TODAY = "today"
    TOMORROW = "tomorrow"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    """From Monday on."""
    ALL = "all"


class Column(StrEnum):
    """What a row may show beside its start and its guest."""

    CONTACT = "contact"
    SERVICE = "service"
    AGENT = "agent"
    STATUS = "status"
    SOURCE = "source"
    DURATION = "duration"
    BOOKED = "booked"
    EXTERNAL_ID = "external_id"


USUAL_COLUMNS = (Column.SERVICE, Column.AGENT, Column.STATUS, Column.SOURCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsAsked:
    """One view of the list. `first` and `last`: days, both included; they go before `when`."""

    when: When = When.UPCOMING
    first: date | None = None
    last: date | None = None
    search: str = ""
    agents: tuple[str, ...] = ()
    statuses: tuple[CallStatus, ...] = ()
    sources: tuple[BookingSource, ...] = ()
    columns: tuple[Column, ...] = USUAL_COLUMNS
    view: str = ""
    turned: tuple[Position, ...] = ()
    """Where the pages after the first one begin, up to this one."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "CallsAsked":
        """What a query asks for."""
        said: dict[str, list[str]] = {}
        for name, value in pairs:
            said.setdefault(name, []).append(value.strip())

        def last_of(name: str) -> str:
            return (said.get(name) or [""])[-1]

        columns = tuple(one for one in Column if one in said["col"]) if "col" in said else USUAL_COLUMNS
        places = [place for text in said.get("after", ()) if (place := place_or_none(text))]
        return cls(
            when=_known(When, [last_of("when")], (When.UPCOMING,))[0],
            first=date_or_none(last_of("from")),
            last=date_or_none(last_of("to")),
            search=_searched(last_of("search")),
            agents=tuple(dict.fromkeys(one for one in said.get("agent", ()) if 0 < len(one) <= LONGEST_ID))[
                :MOST_AGENTS
            ],
            statuses=_known(CallStatus, said.get("status", ())),
            sources=_known(BookingSource, said.get("source", ())),
            columns=columns,
            view=last_of("view")[:LONGEST_VIEW],
            turned=tuple(places[-MOST_TURNED:]),
        )

    @property
    def filters(self) -> Pairs:
        """The parameters that say which calls."""
        days = [(name, str(day)) for name, day in (("from", self.first), ("to", self.last)) if day]
        return [
            *([("when", self.when.value)] if self.when is not When.UPCOMING and not days else []),
            *days,
            *([("search", self.search)] if self.search else []),
            *(("agent", one) for one in self.agents),
            *(("status", one.value) for one in self.statuses),
            *(("source", one.value) for one in self.sources),
        ]

    @property
    def pairs(self) -> Pairs:
        """All parameters."""
        columns = self.columns or ("",)
        return [
            *self.filters,
            *([("col", str(one)) for one in columns] if self.columns != USUAL_COLUMNS else []),
            *([("view", self.view)] if self.view else []),
            *(("after", text_of(place)) for place in self.turned),
        ]

    @property
    def query(self) -> str:
        """All parameters, as they stand in an address."""
        return urlencode(self.pairs)

    @property
    def is_filtered(self) -> bool:
        """Whether fewer calls are asked for than those of a stretch of time."""
        return bool(self.search or self.agents or self.statuses or self.sources)

    def days(self, today: date) -> tuple[date | None, date | None]:
        """The first day and the one after the last; None: without an end."""
        if self.first or self.last:
            return self.first, self.last + _ONE_DAY if self.last and self.last < date.max else None
        monday = today - timedelta(days=today.weekday())
        named: Mapping[When, tuple[date | None, date | None]] = {
            When.UPCOMING: (today, None),
            When.TODAY: (today, today + _ONE_DAY),
            When.TOMORROW: (today + _ONE_DAY, today + 2 * _ONE_DAY),
            When.YESTERDAY: (today - _ONE_DAY, today),
            When.THIS_WEEK: (monday, monday + timedelta(days=7)),
            When.ALL: (None, None),
        }
        return named[self.when]

    def to_query(self, app_id: str, zone: ZoneInfo, now: datetime, *, is_counted: bool = True) -> CallQuery:
        """What the core is asked: this page of the list. `is_counted`: whether to count how many match."""
        first, end = (_midnight(day, zone) if day else None for day in self.days(now.astimezone(zone).date()))
        return CallQuery(
            app_id=app_id,
            agent_ids=frozenset(self.agents),
            statuses=frozenset(self.statuses),
            sources=frozenset(self.sources),
            date_from=first,
            date_to=end,
            search=self.search or None,
            limit=ROWS,
            after=self.turned[-1] if self.turned else None,
            with_total=is_counted,
        )

    def of_stretch(self, when: When) -> "CallsAsked":
        """The same filters over another stretch of time, from its first page."""
        return replace(self, when=when, first=None, last=None, view="", turned=())

    @property
    def first_page(self) -> "CallsAsked":
        """Its first page."""
        return replace(self, turned=())

    def turned_back(self) -> "CallsAsked | None":
        """The page before; None on the first one."""
        return replace(self, turned=self.turned[:-1]) if self.turned else None

    def turned_to(self, place: Position) -> "CallsAsked":
        """The page that begins there."""
        return replace(self, turned=(*self.turned, place)[-MOST_TURNED:])


def _midnight(day: date, zone: ZoneInfo) -> datetime | None:
    """When a day begins in a zone; None at the ends of the calendar, where no call is."""
    try:
        return datetime.combine(day, time.min, zone).astimezone(UTC)
    except OverflowError:
        return None


def _known(kind: type[Kind], said: Iterable[str], otherwise: tuple[Kind, ...] = ()) -> tuple[Kind, ...]:
    """Those of a kind that are named, in the kind's own order."""
    named = set(said)
    return tuple(one for one in kind if one.value in named) or otherwise


def _searched(text: str) -> str:
    return "" if any(character < " " for character in text) else text[:LONGEST_SEARCH]


def text_of(place: Position) -> str:
    """A place as it stands in an address: calls begin on whole minutes."""
    minutes = (place.scheduled_at - _EPOCH) // timedelta(minutes=1)
    return f"{minutes}.{place.skip}.{place.call_id}"


def place_or_none(text: str) -> Position | None:
    """The place that stands in an address; None for what is none."""
    minutes, _, rest = text.partition(".")
    skip, _, call_id = rest.partition(".")
    if not (minutes.isascii() and skip.isascii() and minutes.isdecimal() and skip.isdecimal()):
        return None
    if not 0 < len(call_id) <= LONGEST_ID or len(minutes) > 12 or int(minutes) > _LAST_MINUTE or len(skip) > 5:
        return None
    at = _EPOCH + int(minutes) * timedelta(minutes=1)
    return Position(scheduled_at=at, call_id=call_id, skip=min(int(skip), _MOST_SKIPPED))
