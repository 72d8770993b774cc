"""Pages of the list of calls, and how many calls a list has: a few requests, however many there are.

A list walks the partitions of a calendar in order, which are an index. One status among all is found by rows of its
own, since few of many calls may be in it. What matches little ends early, and its cursor goes on from there. Both show
a call a moment after it was booked or changed; nothing is ever decided from here.

A total comes from counters, which are read in one request (`slotline.store.booking.derived`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Any

from slotline.domain.booking import call_json
from slotline.domain.booking.call_lists import CallPage, CallQuery, Position
from slotline.domain.booking.call_search import holding_within
from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from slotline.domain.shared.paging import COUNTED_UP_TO, total_of
from slotline.store.booking.derived import AFTER_ALL_DAYS, BEFORE_ALL_DAYS, IN_ALL, count_name, day_row
from slotline.store.booking.found_calls import held, places_between, position_of
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import AttributeValues, DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import BATCH, Key, Rows, count_up_to, get_rows, query_answers, row_of
from slotline.store.shared.derived import counted_at_once, counts_in, shards_of

SEARCH_READS_AT_MOST = 5 * 1024 * 1024
"""Bytes that a search for parts of words reads."""
PAGE_READS_AT_MOST = 900 * 1024
"""Bytes that a page reads: less than the megabyte that one request reads, so that it ends with such a request."""
A_CALL = 1536
"""Bytes that are allowed beside that for each call that an offset passes over."""
QUERIES_AT_MOST = 12
"""Of one page: an app may have few calls in many months."""
COUNTING_QUERIES = 2
"""Of those that read much, with that of the page if it is the first."""
MUCH = 256 * 1024
"""Bytes: a month of few calls is no request to speak of."""
_BYTES_PER_UNIT = 8 * 1024  # an eventually consistent read of 4 KB is half a unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One partition of an index, and where the next one begins."""

    index: str
    attribute: str
    value: str
    next_starts: datetime | None = None


@dataclass(slots=True)
class _Reading:
    """Rows read so far, what that took, and where the reading was ended, if it was."""

    rows: list[Item] = field(default_factory=list)
    bytes: float = 0
    queries: int = 0
    large: int = 0
    stopped_at: Position | None = None

    @property
    def end(self) -> Position | None:
        """The last place that was read; None: nothing was, or all."""
        if self.stopped_at or not self.rows:
            return self.stopped_at
        return _place_of(call_json.call_from_json(self.rows[-1]))

    def has_spent_counting(self, query: CallQuery) -> bool:
        """Whether nothing more is read to count what matches."""
        if query.search:
            return self.bytes >= SEARCH_READS_AT_MOST
        return self.large >= COUNTING_QUERIES or self.queries >= 2 * QUERIES_AT_MOST

    def add(self, answer: Mapping[str, Any]) -> None:
        """One more answer with rows."""
        self.rows += [from_values(row) for row in answer["Items"]]
        self.spend(answer)

    def spend(self, answer: Mapping[str, Any]) -> None:
        """What one more answer took."""
        read = answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0) * _BYTES_PER_UNIT
        self.bytes += read
        self.large += read > MUCH
        self.queries += 1


@dataclass(frozen=True, slots=True)
class CallPages:
    """Lists of calls on SchedulingTable, and searches for parts of words."""

    client: DynamoDBClient
    table: str

    def find(self, query: CallQuery) -> CallPage:
        """One page."""
        if query.zone_changed:
            return self._in_short_list(query, keys.calls_with_zone_change(query.app_id))
        if query.in_pool:
            return self._in_short_list(query, keys.calls_in_pool(query.app_id))
        if _is_of_one_status(query) and (page := self._in_one_status(query)):
            return page
        by_agent = len(query.agent_ids) == 1
        known = {} if by_agent else self._known(query, [keys.months(query.app_id)])
        partitions = _of_agent(query) if by_agent else _of_months(query, row_of(known, keys.months(query.app_id)))
        first, wanted = query.passed_over, query.passed_over + query.limit
        reading = self._read(partitions, query, wanted + 1)
        shown = [call_json.call_from_json(row) for row in reading.rows[first:wanted]]
        after = reading.stopped_at
        if len(reading.rows) > wanted:
            after = _place_of(call_json.call_from_json(reading.rows[wanted - 1]))
        elif after is not None:
            after = replace(after, skip=max(0, first - len(reading.rows)))
        is_whole = query.after is None and after is None
        count = partial(self._count, query, partitions, known, reading)
        total = total_of(len(reading.rows), is_whole=is_whole, count=count) if query.with_total else None
        return CallPage(calls=shown, total=total, next=after)

    def _in_one_status(self, query: CallQuery) -> CallPage | None:
        """A page by the rows of a status: a Query of places, then the calls. None if some may have no such row."""
        first, wanted = query.passed_over, query.passed_over + query.limit
        places = self._places(query, wanted + 1)
        on_page = [position_of(place) for place in places[first:wanted]]
        known = self._known(query, [keys.call(query.app_id, place.call_id) for place in on_page])
        if not _is_counted(query, known):
            return None
        rows = (row_of(known, keys.call(query.app_id, place.call_id)) for place in on_page)
        found = zip((call_json.call_from_json(row) if row else None for row in rows), on_page, strict=True)
        # Rows follow their calls by seconds: one that has changed since is on another page, or will be.
        shown = [call for call, place in found if call and call.status in query.statuses and _place_of(call) == place]
        after = on_page[-1] if len(places) > wanted else None
        is_whole, count = query.after is None and after is None, partial(self._count_in_one_status, query, known)
        total = total_of(len(places), is_whole=is_whole, count=count) if query.with_total else None
        return CallPage(calls=shown, total=total, next=after)

    def _in_short_list(self, query: CallQuery, partition: str) -> CallPage:
        """A page of a list that has rows of its own: a Query of places, and the calls there.

        They are few, so what else is asked for is looked for among them.
        """
        first, wanted = query.passed_over, query.passed_over + query.limit
        found: list[Call] = []
        stopped_at: Position | None = None
        for number, (calls, last) in enumerate(self._pieces(query, partition, query.after), start=1):
            found += calls
            if len(found) > wanted:
                break
            if number >= QUERIES_AT_MOST and last:
                stopped_at = replace(last, skip=max(0, first - len(found)))
                break
        after = _place_of(found[wanted - 1]) if len(found) > wanted else stopped_at
        is_whole, count = query.after is None and after is None, partial(self._count_short_list, query, partition)
        total = total_of(len(found), is_whole=is_whole, count=count) if query.with_total else None
        return CallPage(calls=found[first:wanted], total=total, next=after)

    def _count_short_list(self, query: CallQuery, partition: str) -> int | None:
        """By reading them, as many as are counted; None if they are more."""
        total = 0
        for calls, _ in self._pieces(query, partition, None):
            total += len(calls)
            if total > COUNTED_UP_TO:
                return None
        return total

    def _pieces(
        self, query: CallQuery, partition: str, after: Position | None
    ) -> Iterator[tuple[Sequence[Call], Position | None]]:
        """What is asked for among a hundred places after another, and the last of these; None: there are no more."""
        low, high = places_between(query, after)
        if low > high:
            return
        request = {
            "TableName": self.table,
            **_places_of(partition, low, high),
            "ProjectionExpression": "sk",
            "Limit": BATCH,
        }
        for answer in query_answers(self.client, **request):
            places = [position_of(keys.place_listed(row["sk"]["S"])) for row in answer["Items"]]
            yield self._there(query, places), places[-1] if "LastEvaluatedKey" in answer else None

    def _there(self, query: CallQuery, places: Sequence[Position]) -> Sequence[Call]:
        """The calls of these places that are what is asked for. Places follow their calls by seconds."""
        wanted = [keys.call(query.app_id, place.call_id) for place in places]
        rows = get_rows(self.client, {self.table: wanted})
        calls = [call_json.call_from_json(row) if (row := row_of(rows, key)) else None for key in wanted]
        there = zip(calls, places, strict=True)
        return [call for call, place in there if call and _place_of(call) == place and query.lets_through(call)]

    def _count_in_one_status(self, query: CallQuery, known: Rows) -> int | None:
        """What counters say, or else one Query of places; None: they are more than are counted."""
        counted = self._counted(query, known)
        if counted is not None:
            return counted
        low, high = places_between(query, None)
        if low > high:  # DynamoDB refuses a BETWEEN whose bounds are the wrong way round
            return 0
        whole = {"TableName": self.table, "Limit": COUNTED_UP_TO + 1, **_places_between(query, low, high)}
        return count_up_to(self.client, [whole], COUNTED_UP_TO)

    def _places(self, query: CallQuery, enough: int) -> Sequence[str]:
        low, high = places_between(query, query.after)
        request = {**_places_between(query, low, high), "ProjectionExpression": "sk", "Limit": enough}
        places: list[str] = []
        for answer in query_answers(self.client, TableName=self.table, **request) if low <= high else ():
            places += [keys.place_listed(row["sk"]["S"]) for row in answer["Items"]]
            if len(places) >= enough:
                break
        return places[:enough]

    def _read(self, partitions: Sequence[Partition], query: CallQuery, enough: int) -> _Reading:
        """Matching rows in order from the query's position: enough of them, or all, or what a page may read."""
        reading = _Reading()
        most = SEARCH_READS_AT_MOST if query.search else PAGE_READS_AT_MOST + query.passed_over * A_CALL
        for partition in _from(partitions, query.after):
            for answer in self.matching(partition, query, query.after, enough - len(reading.rows)):
                reading.add(answer)
                is_spent = reading.bytes >= most or reading.queries >= QUERIES_AT_MOST + query.passed_over // 100
                if len(reading.rows) >= enough:
                    return reading
                if is_spent and "LastEvaluatedKey" in answer:
                    reading.stopped_at = position_of(answer["LastEvaluatedKey"]["calendar_sk"]["S"])
                    return reading
                if is_spent and partition.next_starts:
                    reading.stopped_at = Position(scheduled_at=partition.next_starts, call_id="")
                    return reading
        return reading

    def _known(self, query: CallQuery, also: Sequence[Key] = ()) -> Rows:
        """In one request with what else is wanted: the counters of all days, and whether counters may be shown."""
        wanted = list(also)
        if query.with_total or _is_of_one_status(query):
            wanted.append(keys.calls_are_counted(query.app_id))
        if query.with_total and query.is_counted and not query.has_days:
            partition = _counted_partition(query)
            wanted += shards_of(partition, IN_ALL)
        return get_rows(self.client, {self.table: wanted}) if wanted else {}

    def _count(self, query: CallQuery, partitions: Sequence[Partition], known: Rows, reading: _Reading) -> int | None:
        """By counters, else by rows. `known`: what was read with the page, if anything was."""
        known = known or self._known(query)
        counted = self._counted(query, known) if _is_counted(query, known) else None
        if counted is not None:
            return counted
        return self._count_on(partitions, query, _Reading(bytes=reading.bytes) if query.after else reading)

    def _counted(self, query: CallQuery, known: Rows) -> int | None:
        """What counters say. A range of days takes a Query; None if it is so long that one does not reach."""
        if not query.is_counted:
            return None
        partition = _counted_partition(query)
        if query.has_days:
            first = day_row(_day(query.date_from)) if query.date_from else BEFORE_ALL_DAYS
            last = _last_day(query)
            if last < first:
                return 0
            counts = counted_at_once(self.client, self.table, partition, first, last)
        else:
            rows = (row_of(known, shard) for shard in shards_of(partition, IN_ALL))
            counts = counts_in(row for row in rows if row)
        return None if counts is None else _sum(query, counts)

    def _count_on(self, partitions: Sequence[Partition], query: CallQuery, reading: _Reading) -> int | None:
        """Count on from what was read. None: they are more than are counted, or it would take too much reading."""
        if query.search and reading.bytes >= SEARCH_READS_AT_MOST:
            return None
        after = reading.end
        total = len(reading.rows)
        for partition in _from(partitions, after):
            for answer in self.matching(partition, query, after, None):
                reading.spend(answer)
                total += answer["Count"]
                is_whole = "LastEvaluatedKey" not in answer and partition is partitions[-1]
                is_spent = reading.has_spent_counting(query)
                if total > COUNTED_UP_TO or (is_spent and not is_whole):
                    return None
        return total

    def matching(
        self, partition: Partition, query: CallQuery, after: Position | None, enough: int | None
    ) -> Iterator[Mapping[str, Any]]:
        """The answers of one partition's Query: whole rows until there are enough, or only their count (None)."""
        low, high = places_between(query, after)
        if low > high:
            return
        conditions, values = _filter(query)
        more: dict[str, Any] = {"FilterExpression": " AND ".join(conditions)} if conditions else {}
        if enough is None:
            more["Select"] = "COUNT"
        if not conditions:
            more["Limit"] = COUNTED_UP_TO + 1 if enough is None else enough
        yield from query_answers(
            self.client,
            TableName=self.table,
            IndexName=partition.index,
            KeyConditionExpression=f"{partition.attribute} = :partition AND calendar_sk BETWEEN :low AND :high",
            ExpressionAttributeValues={
                **to_values({":partition": partition.value, ":low": low, ":high": high}),
                **values,
            },
            ReturnConsumedCapacity="TOTAL",
            **({"ExpressionAttributeNames": {"#status": "status"}} if query.statuses else {}),
            **more,
        )


def _is_of_one_status(query: CallQuery) -> bool:
    """Whether the rows of a status answer it alone."""
    return len(query.statuses) == 1 and not (query.agent_ids or query.sources or query.external_id or query.search)


def _places_between(query: CallQuery, low: str, high: str) -> dict[str, Any]:
    """Asks for the places of the one status."""
    (status,) = query.statuses
    return _places_of(keys.calls_in_status(query.app_id, status), low, high)


def _places_of(partition: str, low: str, high: str) -> dict[str, Any]:
    """Asks for the places of a list, from one to another."""
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
        "ExpressionAttributeValues": to_values(
            {":pk": partition, ":low": keys.listed_at(low), ":high": keys.listed_at(high)}
        ),
    }


def _is_counted(query: CallQuery, known: Rows) -> bool:
    return row_of(known, keys.calls_are_counted(query.app_id)) is not None


def _counted_partition(query: CallQuery) -> str:
    return keys.counted_calls(query.app_id, next(iter(query.agent_ids), None))


def _last_day(query: CallQuery) -> str:
    return day_row(_day(query.date_to - timedelta(days=1))) if query.date_to else AFTER_ALL_DAYS


def _day(midnight: datetime) -> date:
    return midnight.astimezone(UTC).date()


def _sum(query: CallQuery, counts: Mapping[str, int]) -> int:
    wanted = {
        count_name(status, source)
        for status in query.statuses or CallStatus
        for source in query.sources or BookingSource
    }
    return max(0, sum(amount for name, amount in counts.items() if name in wanted))


def _of_agent(query: CallQuery) -> Sequence[Partition]:
    (agent_id,) = query.agent_ids
    value = keys.agent_calendar(query.app_id, agent_id)
    return [Partition(index="agent_calendar", attribute="agent_calendar_pk", value=value)]


def _of_months(query: CallQuery, row: Item | None) -> Sequence[Partition]:
    """The months that can hold a match, of those that have calls, in their order."""
    first = query.date_from and query.date_from.strftime("%Y-%m")
    last = query.date_to and query.date_to.strftime("%Y-%m")
    months = [
        month
        for month in (sorted(row["months"]) if row else [])
        if (first is None or first <= month) and (last is None or month <= last)
    ]
    return [
        Partition(
            index="calendar",
            attribute="calendar_pk",
            value=keys.calendar(query.app_id, month),
            next_starts=datetime.strptime(following, "%Y-%m").replace(tzinfo=UTC) if following else None,
        )
        for month, following in zip_longest(months, months[1:])
    ]


def _from(partitions: Sequence[Partition], after: Position | None) -> Iterator[Partition]:
    """Those that have not ended before this place."""
    for partition in partitions:
        if after is None or partition.next_starts is None or after.scheduled_at < partition.next_starts:
            yield partition


def _filter(query: CallQuery) -> tuple[list[str], AttributeValues]:
    """The conditions that no key can express."""
    conditions: list[str] = []
    values: dict[str, object] = {}
    wanted: Collection[tuple[str, Collection[str]]] = (
        ("assigned_agent_id", query.agent_ids if len(query.agent_ids) > 1 else ()),
        ("#status", query.statuses),
        ("booking_source", query.sources),
    )
    for attribute, texts in wanted:
        if texts:
            names = {f":{attribute.strip('#')}{i}": str(text) for i, text in enumerate(sorted(texts))}
            conditions.append(f"{attribute} IN ({', '.join(names)})")
            values.update(names)
    if query.external_id:
        conditions.append("external_id = :external_id")
        values[":external_id"] = query.external_id
    if query.search:
        condition, parts = held("search_text", holding_within(query.search))
        conditions.append(condition)
        values.update(parts)
    return conditions, to_values(values)


def _place_of(call: Call) -> Position:
    return Position(scheduled_at=call.scheduled_at, call_id=call.id)
