"""Calls as they are read: one with its timeline, or a page of a list.

A list walks the partitions of a calendar in order. Pages come from an index, so a call shows up a moment after it was
booked; nothing is ever decided from here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.booking import call_json
from slotline.domain.booking.call_lists import COUNTED_UP_TO, CallPage, CallQuery, Position
from slotline.domain.booking.call_search import holding_within
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.shared.due import Due
from slotline.store.booking import items
from slotline.store.booking.found_calls import FoundCalls, held, position_of
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import AttributeValues, DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import due_row, get_rows, row_of

SEARCH_READS_AT_MOST = 5 * 1024 * 1024
_BYTES_PER_UNIT = 8 * 1024  # an eventually consistent read of 4 KB is half a unit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Partition:
    """One partition of an index, and where the next one begins."""

    index: str
    attribute: str
    value: str
    next_starts: datetime | None = None


@dataclass(slots=True)
class _Budget:
    """How many bytes a search may still read; a list without a search has no bound."""

    left: float = float("inf")

    def is_spent(self) -> bool:
        return self.left <= 0

    def spend(self, answer: Mapping[str, Any]) -> None:
        self.left -= answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0) * _BYTES_PER_UNIT


@dataclass(slots=True)
class _Reading:
    """Rows read so far, and where the budget ended the reading, if it did."""

    rows: list[Item] = field(default_factory=list)
    stopped_at: Position | None = None


@dataclass(frozen=True, slots=True)
class DynamoCalls:
    """`Calls` on SchedulingTable."""

    client: DynamoDBClient
    table: str

    def app_exists(self, app_id: str) -> bool:
        """One GetItem."""
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.table, Key=to_values(keys.app(app_id)), ProjectionExpression="pk"
            )
        return "Item" in answer

    def get(self, app_id: str, call_id: str) -> tuple[Call, Sequence[TimelineEvent]] | None:
        """One Query, strongly consistent: what was just booked is there."""
        rows: list[Item] = []
        for answer in self._query(
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_values({":pk": keys.call(app_id, call_id)["pk"]}),
        ):
            rows += [from_values(row) for row in answer["Items"]]
        call = next((call_json.call_from_json(row) for row in rows if row["sk"] == "CALL"), None)
        if call is None:
            return None
        return call, [items.event_from_item(row) for row in rows if row["sk"].startswith("EVENT#")]

    def several(self, places: Collection[tuple[str, str]]) -> Sequence[tuple[str, str, Call | None]]:
        """A consistent BatchGetItem for a hundred."""
        wanted = {place: keys.call(*place) for place in places}
        found = get_rows(self.client, {self.table: list(wanted.values())})
        rows = ((place, row_of(found, key)) for place, key in wanted.items())
        return [(*place, _readable(row)) for place, row in rows if row]

    def find(self, query: CallQuery) -> CallPage:
        """Read the page, then count what the page does not show.

        A search reads search rows; between two dates, or in an app whose calls do not all have these, the calls.
        """
        if query.search and not query.searches_within:
            found = FoundCalls(self.client, self.table).find(query)
            if found is not None:
                return found
        budget = _Budget(SEARCH_READS_AT_MOST) if query.search else _Budget()
        partitions = self._partitions(query)
        first = query.passed_over
        wanted = first + query.limit
        reading = self._read(partitions, query, budget, wanted + 1)
        shown = [call_json.call_from_json(row) for row in reading.rows[first:wanted]]
        if len(reading.rows) > wanted:
            last = call_json.call_from_json(reading.rows[wanted - 1])
            after: Position | None = Position(scheduled_at=last.scheduled_at, call_id=last.id)
        else:
            after = reading.stopped_at
            if after is None and query.after is None:
                total = len(reading.rows)
                return CallPage(calls=shown, total=total if total <= COUNTED_UP_TO else None, next=None)
            if after is not None:
                after = replace(after, skip=max(0, first - len(reading.rows)))
        return CallPage(calls=shown, total=self._count(partitions, query, budget), next=after)

    def due(self, due: Due) -> Call | None:
        """One consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return call_json.call_from_json(row) if row else None

    def _read(self, partitions: Sequence[_Partition], query: CallQuery, budget: _Budget, enough: int) -> _Reading:
        """Matching rows in order from the query's position: enough of them, or all, or what the budget allows."""
        reading = _Reading()
        for partition in partitions:
            for answer in self._matching(partition, query, query.after, enough - len(reading.rows)):
                budget.spend(answer)
                reading.rows += [from_values(row) for row in answer["Items"]]
                if len(reading.rows) >= enough:
                    return reading
                if budget.is_spent() and "LastEvaluatedKey" in answer:
                    reading.stopped_at = position_of(answer["LastEvaluatedKey"]["calendar_sk"]["S"])
                    return reading
            if budget.is_spent() and partition.next_starts:
                reading.stopped_at = Position(scheduled_at=partition.next_starts, call_id="")
                return reading
        return reading

    def _count(self, partitions: Sequence[_Partition], query: CallQuery, budget: _Budget) -> int | None:
        """How many match in all, or None: more than are counted, or the budget does not reach."""
        total = 0
        for partition in partitions:
            if budget.is_spent():
                return None
            for answer in self._matching(partition, query, None, None):
                budget.spend(answer)
                total += answer["Count"]
                if total > COUNTED_UP_TO or (budget.is_spent() and "LastEvaluatedKey" in answer):
                    return None
        return total

    def _partitions(self, query: CallQuery) -> Sequence[_Partition]:
        """The partitions that can hold a match, in order of time."""
        if len(query.agent_ids) == 1:
            (agent_id,) = query.agent_ids
            value = keys.agent_calendar(query.app_id, agent_id)
            return [_Partition(index="agent_calendar", attribute="agent_calendar_pk", value=value)]
        with raising_store_busy():
            row = self.client.get_item(TableName=self.table, Key=to_values(keys.months(query.app_id))).get("Item")
        first = query.date_from and query.date_from.strftime("%Y-%m")
        last = query.date_to and query.date_to.strftime("%Y-%m")
        months = [
            month
            for month in (sorted(from_values(row)["months"]) if row else [])
            if (first is None or first <= month) and (last is None or month <= last)
        ]
        return [
            _Partition(
                index="calendar",
                attribute="calendar_pk",
                value=keys.calendar(query.app_id, month),
                next_starts=datetime.strptime(following, "%Y-%m").replace(tzinfo=UTC) if following else None,
            )
            for month, following in zip_longest(months, months[1:])
        ]

    def _matching(
        self, partition: _Partition, query: CallQuery, after: Position | None, enough: int | None
    ) -> Iterator[Mapping[str, Any]]:
        """The answers of one partition's Query: whole rows until there are enough, or only their count (None)."""
        low = keys.calendar_time(query.date_from) if query.date_from else "0"
        if after is not None:
            low = max(low, keys.calendar_time(after.scheduled_at, f"{after.call_id}~" if after.call_id else ""))
        high = keys.calendar_time(query.date_to) if query.date_to else "9"
        if low > high:
            return
        conditions, values = _filter(query)
        more: dict[str, Any] = {"FilterExpression": " AND ".join(conditions)} if conditions else {}
        if enough is None:
            more["Select"] = "COUNT"
        elif not conditions:
            more["Limit"] = enough
        yield from self._query(
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

    def _query(self, **request: Any) -> Iterator[Mapping[str, Any]]:
        """The pages of a Query, one request each, only as far as they are asked for."""
        while True:
            with raising_store_busy():
                answer = self.client.query(TableName=self.table, **request)
            yield answer
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _readable(row: Item) -> Call | None:
    try:
        return call_json.call_from_json(row)
    except (KeyError, TypeError, ValueError):
        return None


def _filter(query: CallQuery) -> tuple[list[str], AttributeValues]:
    """The conditions that no key can express."""
    conditions: list[str] = []
    values: dict[str, object] = {}
    for attribute, wanted in (
        ("assigned_agent_id", query.agent_ids if len(query.agent_ids) > 1 else frozenset()),
        ("#status", query.statuses),
        ("booking_source", query.sources),
    ):
        if wanted:
            names = {f":{attribute.strip('#')}{i}": str(value) for i, value in enumerate(sorted(wanted))}
            conditions.append(f"{attribute} IN ({', '.join(names)})")
            values.update(names)
    if query.search:
        condition, texts = held("search_text", holding_within(query.search))
        conditions.append(condition)
        values.update(texts)
    return conditions, to_values(values)
