"""Calls as they are read: one with its timeline, several as they are, or a page of a list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from slotline.aws import raising_store_busy
from slotline.domain.booking import call_json
from slotline.domain.booking.call_lists import CallPage, CallQuery
from slotline.domain.booking.calls import Call, TimelineEvent
from slotline.domain.shared.due import Due
from slotline.ports.booking import CallFile
from slotline.store.booking import items
from slotline.store.booking.call_pages import CallPages
from slotline.store.booking.found_calls import FoundCalls
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import due_row, get_rows, query_answers, row_of


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

    def app_of(self, call_id: str) -> str | None:
        """One consistent GetItem of the call's room, the one row that is found by the call's id alone."""
        with raising_store_busy():
            answer = self.client.get_item(
                TableName=self.table,
                Key=to_values(keys.room(call_id)),
                ProjectionExpression="app_id",
                ConsistentRead=True,
            )
        return from_values(answer["Item"])["app_id"] if "Item" in answer else None

    def get(self, app_id: str, call_id: str) -> tuple[Call, Sequence[TimelineEvent]] | None:
        """One Query, strongly consistent: what was just booked is there."""
        rows = self._rows(app_id, call_id)
        call = _call_of(rows)
        return (call, _events_of(rows)) if call else None

    def file(self, app_id: str, call_id: str) -> CallFile | None:
        """The same Query."""
        rows = self._rows(app_id, call_id)
        call = _call_of(rows)
        if call is None:
            return None
        messages = [items.reminder_from_item(row) for row in rows if keys.is_reminder(row["sk"])]
        return CallFile(call=call, events=_events_of(rows), messages=messages)

    def _rows(self, app_id: str, call_id: str) -> Sequence[Item]:
        rows: list[Item] = []
        for answer in query_answers(
            self.client,
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_values({":pk": keys.call(app_id, call_id)["pk"]}),
        ):
            rows += [from_values(row) for row in answer["Items"]]
        return rows

    def several(self, places: Collection[tuple[str, str]]) -> Sequence[tuple[str, str, Call | None]]:
        """A consistent BatchGetItem for a hundred."""
        wanted = {place: keys.call(*place) for place in places}
        found = get_rows(self.client, {self.table: list(wanted.values())})
        rows = ((place, row_of(found, key)) for place, key in wanted.items())
        return [(*place, _readable(row)) for place, row in rows if row]

    def find(self, query: CallQuery) -> CallPage:
        """By search rows: an external id, and a search unless it is for parts of words; else by the calls."""
        if query.external_id or (query.search and not query.searches_within):
            found = FoundCalls(self.client, self.table).find(query)
            if found is not None:
                return found
        return CallPages(self.client, self.table).find(query)

    def due(self, due: Due) -> Call | None:
        """One consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return call_json.call_from_json(row) if row else None


def _call_of(rows: Sequence[Item]) -> Call | None:
    return next((call_json.call_from_json(row) for row in rows if keys.is_call(row["sk"])), None)


def _events_of(rows: Sequence[Item]) -> Sequence[TimelineEvent]:
    return [items.event_from_item(row) for row in rows if keys.is_event(row["sk"])]


def _readable(row: Item) -> Call | None:
    try:
        return call_json.call_from_json(row)
    except (KeyError, TypeError, ValueError):
        return None
