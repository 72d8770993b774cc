"""Search rows, by which a guest is found among any number of calls: what they hold, and how a search reads them.

A call has a row under each of its terms (`slotline.domain.booking.call_search`), in the order of calls' starts. A
search reads rows, then the calls themselves: rows follow their calls by seconds, so a call is shown only if it still is
what was searched for. Finding one guest takes two requests, and three if the search has two readings.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.booking import call_json
from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.call_search import Reading, Term, reading_of_external_id, readings_of, terms_of
from slotline.domain.booking.calls import Call
from slotline.domain.shared.paging import COUNTED_UP_TO
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import AttributeValues, DynamoDBClient, Item, to_values
from slotline.store.dynamodb.rows import BATCH, Key, get_large_rows, row_of

COUNTING_READS = 2
ROWS_COUNTED = 2_500
"""Rows that one of them looks through for those that match: 400 KB."""
TERMS_TRIED = 2
ROWS_TRIED = 1_000
"""Rows of a term that a search looks through before it tries another one: a seventh of what one request reads."""
ROUNDS_AT_MOST = 4
"""How often rows are read for one page, which may be short then; its cursor goes on from there."""
CALLS_AT_MOST = 500
"""Calls that are read for one page: other filters than of time may let none of them through."""


def search_rows(call: Call) -> Sequence[Item]:
    """The rows by which the call is found: one for each of its terms."""
    place = keys.calendar_time(call.scheduled_at, call.id)
    return [
        keys.found(call.app_id, term.digest, place) | ({"found_by": text} if text else {})
        for term, text in terms_of(call).items()
    ]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Places of rows in order, `2026-05-04T10:00:00.000Z#id`: all matches up to `reached`; None: all there are."""

    places: Sequence[str] = ()
    reached: str | None = None


@dataclass(slots=True)
class _Page:
    """A page as it fills up. `left`: how many matches are to be passed over before it begins."""

    query: CallQuery
    left: int
    passed: int = 0
    calls: list[Call] = field(default_factory=list)
    has_more: bool = False
    is_ready: bool = False
    reached: str | None = None
    """Up to where matches were looked for; None: all were."""
    known: int | None = None
    """How many rows match, if the first reading came to their end."""

    @property
    def wanted(self) -> int:
        """How many more matches decide it: the one after the last that it shows says that another page follows."""
        return self.left + self.query.limit + 1 - len(self.calls)

    @property
    def asks_calls(self) -> bool:
        """Whether it has filters that no row can answer."""
        query = self.query
        is_more = query.zone_changed or query.in_pool or (query.external_id and query.search)
        return bool(query.agent_ids or query.statuses or query.sources or is_more)

    def pass_over(self, matches: int) -> int:
        """How many of the next matches come before it."""
        passed = min(self.left, matches)
        self.left -= passed
        self.passed += passed
        return passed

    def add(self, call: Call) -> None:
        """One more match."""
        if self.pass_over(1):
            return
        if len(self.calls) == self.query.limit:
            self.has_more = True
        else:
            self.calls.append(call)

    @property
    def next(self) -> Position | None:
        """Where the next one begins, if there is one."""
        if self.has_more:
            last = self.calls[-1]
            return Position(scheduled_at=last.scheduled_at, call_id=last.id)
        return position_of(self.reached, self.left) if self.reached else None


@dataclass(frozen=True, slots=True)
class FoundCalls:
    """Searches by search rows."""

    client: DynamoDBClient
    table: str

    def find(self, query: CallQuery) -> CallPage | None:
        """One page; None while the app may have calls without search rows."""
        external_id = query.external_id
        readings = [reading_of_external_id(external_id)] if external_id else readings_of(query.search or "")
        page = _Page(query=query, left=query.passed_over)
        for call in self._matches(readings, page):
            page.add(call)
            if page.has_more:
                break
        if not (page.is_ready or self._is_ready(query.app_id)):
            return None
        if query.after is None and page.next is None:
            total: int | None = page.passed + len(page.calls)
        elif page.asks_calls or not query.with_total:
            total = None
        else:
            total = self._count(query, readings) if page.known is None else page.known
        return CallPage(calls=page.calls, total=total if (total or 0) <= COUNTED_UP_TO else None, next=page.next)

    def _matches(self, readings: Sequence[Reading], page: _Page) -> Iterator[Call]:
        """Calls that match, in order from where the page begins, as far as one request reads."""
        query = page.query
        low, high = places_between(query, query.after)
        calls_left = CALLS_AT_MOST
        for _ in range(ROUNDS_AT_MOST):
            in_vain = CALLS_AT_MOST - calls_left
            stretch = self._read(query.app_id, readings, low, high, page.wanted + in_vain)
            if stretch.reached is None and page.reached is None and query.after is None:
                page.known = len(stretch.places)
            page.reached = stretch.reached
            places = stretch.places
            if not page.asks_calls:
                places = places[page.pass_over(len(places)) :]
            while places:
                together = min(calls_left, BATCH if page.is_ready else BATCH - 1)
                together = together if page.asks_calls else min(together, page.wanted)
                chunk, places = places[:together], places[together:]
                yield from self._calls(page, chunk)
                if not page.is_ready:
                    return
                calls_left -= len(chunk)
                if places and not calls_left:
                    page.reached = chunk[-1]
                    return
            if stretch.reached is None or not calls_left:
                return
            low = _behind(stretch.reached)

    def _calls(self, page: _Page, places: Sequence[str]) -> Iterator[Call]:
        """Those at these places that match as they are now. The first request also asks whether all calls have rows."""
        query = page.query
        wanted: list[Key] = [keys.call(query.app_id, position_of(place).call_id) for place in places]
        marker = keys.calls_are_counted(query.app_id)
        rows = get_large_rows(self.client, self.table, wanted if page.is_ready else [*wanted, marker])
        page.is_ready = page.is_ready or row_of(rows, marker) is not None
        if not page.is_ready:
            return
        for key, place in zip(wanted, places, strict=True):
            row = row_of(rows, key)
            call = call_json.call_from_json(row) if row else None
            is_there = call is not None and keys.calendar_time(call.scheduled_at, call.id) == place
            if call and is_there and query.is_match(call):
                yield call

    def _is_ready(self, app_id: str) -> bool:
        marker = keys.calls_are_counted(app_id)
        return row_of(get_large_rows(self.client, self.table, [marker]), marker) is not None

    def _count(self, query: CallQuery, readings: Sequence[Reading]) -> int | None:
        """How many rows match in all, by at most two requests; None: more than are counted."""
        if len(readings) > COUNTING_READS:
            return None
        low, high = places_between(query, None)
        stretch = _merged([self._counted(query.app_id, reading, low, high) for reading in readings])
        if len(readings) == 1 and stretch.reached and len(stretch.places) <= COUNTED_UP_TO:
            more = self._counted(query.app_id, readings[0], _behind(stretch.reached), high)
            stretch = _Stretch((*stretch.places, *more.places), more.reached)
        return len(stretch.places) if stretch.reached is None else None

    def _counted(self, app_id: str, reading: Reading, low: str, high: str) -> _Stretch:
        most = ROWS_COUNTED if reading.is_filtered else COUNTED_UP_TO + 1
        return self._rows(app_id, reading, reading.terms[0], low, high, most)

    def _read(self, app_id: str, readings: Sequence[Reading], low: str, high: str, enough: int) -> _Stretch:
        """The next places of all readings together, each once: enough of them, or as many as were found."""
        return _merged([self._places(app_id, reading, low, high, enough) for reading in readings])

    def _places(self, app_id: str, reading: Reading, low: str, high: str, enough: int) -> _Stretch:
        """The next places of one reading, by the term whose rows end first: one may be common and another rare."""
        tried: list[tuple[str, _Stretch, Term]] = []
        for term in reading.terms[:TERMS_TRIED]:
            stretch = self._rows(
                app_id, reading, term, low, high, max(enough, ROWS_TRIED) if reading.is_filtered else enough
            )
            if stretch.reached is None or len(stretch.places) >= enough:
                return stretch
            tried.append((stretch.reached, stretch, term))
        if not tried:
            return _Stretch()
        reached, stretch, term = max(tried, key=lambda one: one[0])
        more = self._rows(app_id, reading, term, _behind(reached), high, None)
        return _Stretch((*stretch.places, *more.places), more.reached)

    def _rows(self, app_id: str, reading: Reading, term: Term, low: str, high: str, most: int | None) -> _Stretch:
        """One Query: the places of matching rows among the next ones, of which there are `most` or a megabyte."""
        if low > high:
            return _Stretch()
        first, last = keys.found(app_id, term.digest, low), keys.found(app_id, term.digest, high)
        values = {":pk": first["pk"], ":low": first["sk"], ":high": last["sk"]}
        condition, texts = held("found_by", reading.holding) if reading.is_filtered else ("", {})
        request: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": to_values({**values, **texts}),
            "ProjectionExpression": "sk",
            **({"Limit": most} if most else {}),
            **({"FilterExpression": condition} if condition else {}),
        }
        with raising_store_busy():
            answer = self.client.query(**request)
        ended = answer.get("LastEvaluatedKey")
        return _Stretch([_place(row) for row in answer["Items"]], _place(ended) if ended else None)


def position_of(place: str, skip: int = 0) -> Position:
    """A place in the order of a calendar."""
    scheduled_at, call_id = place.split("#", 1)
    return Position(scheduled_at=datetime.fromisoformat(scheduled_at), call_id=call_id, skip=skip)


def places_between(query: CallQuery, after: Position | None) -> tuple[str, str]:
    """The first place and the last one that may be read."""
    low = keys.calendar_time(query.date_from) if query.date_from else "0"
    if after is not None:
        place = keys.calendar_time(after.scheduled_at, after.call_id)
        low = max(low, _behind(place) if after.call_id else place)
    return low, keys.calendar_time(query.date_to) if query.date_to else "9"


def _place(row: AttributeValues) -> str:
    return str(row["sk"]["S"]).partition("#")[2]


def _behind(place: str) -> str:
    return f"{place}~"


def _merged(stretches: Sequence[_Stretch]) -> _Stretch:
    """All of them as far as each was read."""
    if len(stretches) == 1:
        return stretches[0]
    reached = min((stretch.reached for stretch in stretches if stretch.reached), default=None)
    places = {place for stretch in stretches for place in stretch.places if reached is None or place <= reached}
    return _Stretch(sorted(places), reached)


def held(attribute: str, ways: Sequence[Sequence[str]]) -> tuple[str, Mapping[str, str]]:
    """The condition that an attribute holds all texts of one of these ways, and its values."""
    names = {text: f":held{number}" for number, text in enumerate(dict.fromkeys(chain.from_iterable(ways)))}
    each = [" AND ".join(f"contains({attribute}, {names[text]})" for text in texts) for texts in ways]
    condition = each[0] if len(each) == 1 else " OR ".join(f"({way})" for way in each)
    return f"({condition})", {name: text for text, name in names.items()}
