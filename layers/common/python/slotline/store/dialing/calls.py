"""Calls to be dialled, with their attempts and events beside them.

The claim of an attempt is here: the call's next revision and the attempt's row, in one transaction, each on condition
that nobody was there before. The attempt's row says who claims it. So two claims are never the same words, which
DynamoDB would take for one request sent twice and accept both times: of two who would place an attempt, one goes on.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.call_lists import DialPage, DialQuery, Tally, month_of, position_of
from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.shared.due import Due
from slotline.domain.shared.instants import parse_instant
from slotline.ports.dialing import DialWrite
from slotline.ports.shared import RaceLost
from slotline.store.dialing import items
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, from_values, to_values
from slotline.store.dynamodb.rows import due_row, get_large_rows, query_answers, query_rows
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact

AT_ONCE = 100
"""Rows in one transaction."""

MOST_BYTES = 2_000_000
"""Of JSON in one transaction; DynamoDB takes 4 MB, and counts its own way."""

MOST_READS = 20
"""Queries for one page. A page that finds little says where it stands, and the next one goes on from there."""


@dataclass(frozen=True, slots=True)
class DynamoDialCalls:
    """`DialCalls` on DialingTable."""

    client: DynamoDBClient
    table: str

    def add(self, calls: Sequence[DialCall]) -> None:
        """A TransactWriteItems for every hundred; one more for those beside some that were there already."""
        self._each([[(call.id, parts.put_new(self.table, items.dial_call_to_item(call)))] for call in calls])

    def get(self, organization_id: str, call_id: str) -> tuple[DialCall, Sequence[DialAttempt]] | None:
        """One consistent Query: the attempts stand right before their call."""
        first = keys.dial_attempt(organization_id, call_id)
        last = keys.dial_call(organization_id, call_id)["sk"]
        rows = query_rows(self.client, self.table, first, last)
        if not rows or rows[-1]["sk"] != last:
            return None
        attempts = [items.attempt_from_item(row) for row in rows[:-1]]
        return items.dial_call_from_item(rows[-1]), attempts

    def due(self, due: Due) -> DialCall | None:
        """One consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return items.dial_call_from_item(row) if row else None

    def attempt(self, organization_id: str, call_id: str, number: int) -> DialAttempt | None:
        """One consistent GetItem."""
        key = keys.dial_attempt(organization_id, call_id, number)
        with raising_store_busy():
            answer = self.client.get_item(TableName=self.table, Key=to_values(key), ConsistentRead=True)
        return items.attempt_from_item(from_values(answer["Item"])) if "Item" in answer else None

    def write(self, write: DialWrite) -> None:
        """One TransactWriteItems. A GetItem after a refused claim: it may be there already, under this very id."""
        try:
            transact(self.client, self._parts_of(write))
        except ConditionsFailed as refused:
            if not (write.claims and self._is_kept(write.call.organization_id, write.claims)):
                raise RaceLost from refused

    def _is_kept(self, organization_id: str, claims: DialAttempt) -> bool:
        there = self.attempt(organization_id, claims.call_id, claims.number)
        return there is not None and claims.claim_id is not None and there.claim_id == claims.claim_id

    def write_all(self, writes: Sequence[DialWrite]) -> Sequence[str]:
        """A TransactWriteItems for every hundred rows; one more for those beside some that had changed."""
        refused = self._each([self._parts_of(write) for write in writes])
        return [write.call.id for write in writes if write.call.id in refused]

    def waiting(self, place: Mapping[str, object] | None) -> tuple[Sequence[DialCall], Mapping[str, object] | None]:
        """A Scan of a hundred keys of index `due`, and the calls among them: a consistent BatchGetItem."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "due",
            "FilterExpression": "sk = :call",
            "ExpressionAttributeValues": to_values({":call": keys.dial_call("", "")["sk"]}),
            "Limit": AT_ONCE,
            **({"ExclusiveStartKey": to_values(place)} if place else {}),
        }
        with raising_store_busy():
            answer = self.client.scan(**request)
        wanted = [{name: str(row[name]["S"]) for name in ("pk", "sk")} for row in answer["Items"]]
        rows = get_large_rows(self.client, self.table, wanted)
        last = answer.get("LastEvaluatedKey")
        found = [items.dial_call_from_item(from_values(row)) for row in rows.values()]
        return found, from_values(last) if last else None

    def find(self, query: DialQuery) -> DialPage:
        """Queries of index `calendar`, month by month, until the page is full."""
        found: list[DialCall] = []
        for reads, (calls, stands_at) in enumerate(self._walk(query), start=1):
            found += calls
            if len(found) > query.limit:
                page = found[: query.limit]
                return DialPage(calls=page, next=position_of(page[-1]))
            if reads == MOST_READS and stands_at:
                return DialPage(calls=found, next=stands_at)
        return DialPage(calls=found, next=None)

    def _parts_of(self, write: DialWrite) -> list[Labelled]:
        """The rows of a write, each by the name of its call."""
        call, organization_id = write.call, write.call.organization_id
        item = items.dial_call_to_item(call)
        written = [parts.put(self.table, item, "revision = :replaces", replaces=write.replaces)]
        if write.claims:
            written.append(parts.put_new(self.table, items.attempt_to_item(organization_id, write.claims)))
        if write.attempt:
            written.append(parts.put_row(self.table, items.attempt_to_item(organization_id, write.attempt)))
        if write.event:
            written.append(parts.put_row(self.table, items.dial_event_to_item(write.event)))
        return [(call.id, part) for part in written]

    def _each(self, groups: Sequence[Sequence[Labelled]]) -> frozenset[str]:
        """Write each group all or nothing, many at once; the labels of those whose conditions did not hold."""
        refused: frozenset[str] = frozenset()
        for batch in _batches(groups):
            left = batch
            while left:
                try:
                    transact(self.client, [part for group in left for part in group])
                    break
                except ConditionsFailed as known:
                    refused |= known.labels
                    left = [group for group in left if group[0][0] not in known.labels]
        return refused

    def tally(self, query: DialQuery) -> Tally:
        """Queries of index `calendar`, of which no more comes back than is counted."""
        by_status = Counter[DialStatus]()
        over = 0
        for month in _months(query.since, query.until):
            for answer in query_answers(self.client, **_counting(_request(self.table, query, month))):
                rows = [from_values(row) for row in answer["Items"]]
                by_status.update(DialStatus(row["status"]) for row in rows)
                over += sum("due_at" not in row for row in rows)
        return Tally(by_status=by_status, over=over)

    def _walk(self, query: DialQuery) -> Iterator[tuple[list[DialCall], DialPosition | None]]:
        """What matches, a query at a time, with where the walk stands then; None at its end."""
        since = max(query.since, query.after.scheduled_at) if query.after else query.since
        for month in _months(since, query.until):
            following = _next_month(month)
            ahead = DialPosition(scheduled_at=following, call_id="") if following < query.until else None
            for answer in query_answers(self.client, **_request(self.table, query, month)):
                calls = [items.dial_call_from_item(from_values(row)) for row in answer["Items"]]
                last = answer.get("LastEvaluatedKey")
                stands_at = position_in(from_values(last)["calendar_sk"]) if last else ahead
                yield [call for call in calls if query.takes(call)], stands_at


def _batches(groups: Sequence[Sequence[Labelled]]) -> Iterator[list[Sequence[Labelled]]]:
    """As many groups at once as one transaction takes."""
    batch: list[Sequence[Labelled]] = []
    rows = size = 0
    for group in groups:
        weight = len(json.dumps([part for _, part in group]))
        if batch and (rows + len(group) > AT_ONCE or size + weight > MOST_BYTES):
            yield batch
            batch, rows, size = [], 0, 0
        batch.append(group)
        rows += len(group)
        size += weight
    if batch:
        yield batch


def calendar_requests(table: str, query: DialQuery) -> Iterator[dict[str, Any]]:
    """What index `calendar` is asked, month by month, for all that a query takes."""
    return (_request(table, query, month) for month in _months(query.since, query.until))


def _request(table: str, query: DialQuery, month: datetime) -> dict[str, Any]:
    after = query.after
    first = keys.calendar_time(query.since)
    if after:  # "\x00" sorts behind the place itself, and before every other
        first = max(first, keys.calendar_time(after.scheduled_at, after.call_id) + "\x00")
    values: dict[str, object] = {
        ":calendar": keys.dial_calendar(query.organization_id, month_of(month)),
        ":first": first,
        ":end": keys.calendar_time(query.until),
    }
    filters = []
    names = {}
    for name, value in (("campaign_id", query.campaign_id), ("number_id", query.number_id)):
        if value is not None:
            filters.append(f"{name} = :{name}")
            values[f":{name}"] = value
    if query.statuses:
        names["#status"] = "status"
        places = {f":s{n}": status.value for n, status in enumerate(sorted(query.statuses))}
        filters.append(f"#status IN ({', '.join(places)})")
        values |= places
    request: dict[str, Any] = {
        "TableName": table,
        "IndexName": "calendar",
        "KeyConditionExpression": "calendar_pk = :calendar AND calendar_sk BETWEEN :first AND :end",
        "ExpressionAttributeValues": to_values(values),
    }
    if filters:
        request["FilterExpression"] = " AND ".join(filters)
    else:
        request["Limit"] = query.limit + 1
    if names:
        request["ExpressionAttributeNames"] = names
    return request


def _counting(request: Mapping[str, Any]) -> dict[str, Any]:
    """The same for what a tally needs of each call: rows are a kilobyte, and there may be ten thousand."""
    names = {**request.get("ExpressionAttributeNames", {}), "#status": "status"}
    return {**request, "ProjectionExpression": "#status, due_at", "ExpressionAttributeNames": names}


def _months(since: datetime, until: datetime) -> Iterator[datetime]:
    """The first moments of the months that reach into the time: none into one that ends before it begins."""
    month = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while max(since, month) < until:  # DynamoDB refuses a BETWEEN whose bounds are the wrong way round
        yield month
        month = _next_month(month)


def _next_month(month: datetime) -> datetime:
    return month.replace(year=month.year + 1, month=1) if month.month == 12 else month.replace(month=month.month + 1)


def position_in(calendar_sk: str) -> DialPosition:
    """The place that a call has in the calendar, and so on every list."""
    at, _, call_id = calendar_sk.partition("#")
    return DialPosition(scheduled_at=parse_instant(at), call_id=call_id)
