"""Calls to be dialled as they are listed and counted, by what is derived from them.

A list of a campaign, of a number or of a status is a partition of places, in order of the planned time. The calls are
read by what it says, consistently: one that has changed its status since is left out, and never shown as what it is no
more. So a page costs the same however much is dialled beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import merge
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.dialing.call_lists import DialPage, DialQuery, Tally
from slotline.domain.dialing.calls import DialPosition
from slotline.domain.dialing.progress import Progress
from slotline.domain.dialing.statuses import DialStatus
from slotline.ports.shared import Derivations
from slotline.store.dialing.calls import calendar_requests, position_in
from slotline.store.dialing.campaigns import campaign_from_item, import_from_item
from slotline.store.dialing.derived import CALLS, OVER
from slotline.store.dialing.items import dial_call_from_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values
from slotline.store.dynamodb.rows import Key, Rows, count_up_to, get_large_rows, row_of
from slotline.store.shared.derived import counts_in, shards_of


@dataclass(frozen=True, slots=True)
class DynamoDialLists:
    """`DialLists` on DialingTable. `seen`: the mark that all calls are counted and listed, if it was there last time.

    Every page reads it again, in a request that it makes anyway: a table that lost its rows has none until a recount.
    """

    client: DynamoDBClient
    table: str
    derivations: Derivations
    seen: list[Mapping[str, Any]] = field(default_factory=list)

    def page(self, query: DialQuery) -> DialPage | None:
        """A Query for each list that it asks for, and a BatchGetItem for a hundred calls."""
        found = [self._places(request) for request in _list_requests(self.table, query, query.limit + 1)]
        places = list(dict.fromkeys(merge(*found)))  # between two statuses a call may be met on both lists
        page = places[: query.limit]
        calls = [keys.dial_call(query.organization_id, place.call_id) for place in page]
        rows = self._with_mark(calls)
        if rows is None:
            return None
        shown = [dial_call_from_item(row) for key in calls if (row := row_of(rows, key))]
        following = page[-1] if len(places) > query.limit else None
        return DialPage(calls=[call for call in shown if query.takes(call)], next=following)

    def of_campaign(self, organization_id: str, campaign_id: str) -> Tally | None:
        """One BatchGetItem of its counters."""
        rows = self._with_mark(_counters_of(organization_id, campaign_id))
        return None if rows is None else _tally(rows)

    def progress(self, organization_id: str, campaign_id: str) -> tuple[Progress, Tally | None] | None:
        """One BatchGetItem of the campaign, its import and its counters."""
        campaign, imported = keys.campaign(organization_id, campaign_id), keys.dial_import(organization_id, campaign_id)
        counters = _counters_of(organization_id, campaign_id)
        rows, is_complete = self._read([campaign, imported, *counters])
        row, of_import = (row_of(rows, key) for key in (campaign, imported))
        if row is None:
            return None
        file = import_from_item(of_import) if of_import else None
        progress = Progress(campaign=campaign_from_item(row), imported=file)
        counted = {place: rows[place] for key in counters if (place := (key["pk"], key["sk"])) in rows}
        return progress, _tally(counted) if is_complete else None

    def of_days(self, query: DialQuery) -> int | None:
        """One Query of counters for every megabyte of them, which are years of days."""
        if query.days is None or not self._is_complete():
            return None
        first, last = query.days
        counters = keys.dial_list(query.organization_id, number_id=query.number_id)
        counts = self.derivations.counts(counters, first.isoformat(), last.isoformat())
        return sum(count for name, count in counts.items() if not query.statuses or DialStatus(name) in query.statuses)

    def up_to(self, query: DialQuery, most: int) -> int | None:
        """Queries that count places and read none, two at most; of the calendar if no list has the calls."""
        whole = replace(query, after=None, limit=most)
        if whole.is_of_all:
            return count_up_to(self.client, list(calendar_requests(self.table, whole)), most)
        if not self._is_complete():
            return None
        return count_up_to(self.client, list(_list_requests(self.table, whole, most + 1)), most)

    def _places(self, request: Mapping[str, Any]) -> list[DialPosition]:
        with raising_store_busy():
            answer = self.client.query(**request)
        return [position_in(keys.place_listed(row["sk"]["S"])) for row in answer["Items"]]

    def _is_complete(self) -> bool:
        return bool(self.seen) or self._with_mark([]) is not None

    def _with_mark(self, wanted: Sequence[Key]) -> Rows | None:
        """These rows; None unless all calls are counted and listed."""
        rows, is_complete = self._read(wanted)
        return rows if is_complete else None

    def _read(self, wanted: Sequence[Key]) -> tuple[Rows, bool]:
        """These rows, and in the same request whether all calls are counted and listed."""
        mark = keys.dials_are_counted()
        rows = get_large_rows(self.client, self.table, [*wanted, mark])
        found = rows.pop((mark["pk"], mark["sk"]), None)
        self.seen[:] = [found] if found else []
        return rows, bool(found)


def _counters_of(organization_id: str, campaign_id: str) -> Sequence[Key]:
    return shards_of(keys.dial_list(organization_id, campaign_id=campaign_id), CALLS)


def _tally(counters: Rows) -> Tally:
    counts = dict(counts_in(map(from_values, counters.values())))
    over = counts.pop(OVER, 0)
    return Tally(by_status={DialStatus(name): count for name, count in counts.items()}, over=over)


def _list_requests(table: str, query: DialQuery, limit: int) -> Iterator[dict[str, Any]]:
    """What lists are asked for the first places behind where the query stands."""
    first = _place(query.since)
    if query.after:  # "\x00" sorts behind the place itself, and before every other
        first = max(first, _place(query.after.scheduled_at, query.after.call_id) + "\x00")
    last = _place(query.until)
    if first > last:  # DynamoDB refuses a BETWEEN whose bounds are the wrong way round
        return
    statuses: Sequence[str | None] = sorted(query.statuses) or [None]
    for status in statuses:
        pk = keys.dial_list(
            query.organization_id, campaign_id=query.campaign_id, number_id=query.number_id, status=status
        )
        yield {
            "TableName": table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": to_values({":pk": pk, ":first": first, ":last": last}),
            "Limit": limit,
        }


def _place(scheduled_at: datetime, call_id: str = "") -> str:
    return keys.dial_place("", scheduled_at, call_id)["sk"]
