"""The walk after a change of zone rules, in DynamoDB: a few rows of its own, and the indexes that it reads."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.booking.call_json import call_from_json
from slotline.domain.booking.calls import Call
from slotline.domain.booking.promises import PromisedTime
from slotline.domain.booking.zone_walks import AppWalk, ZonePhase, ZoneWalk
from slotline.domain.shared.instants import format_instant, instant_or_none, parse_instant
from slotline.domain.shared.plain_json import plain
from slotline.ports.shared import RaceLost
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_row
from slotline.store.dynamodb.transactions import ConditionsFailed, write

PAGE = 100
"""Calls that are read at once: few enough to be followed within seconds, should all of them have to be."""
NAME = "zones"
"""Of the walk, among the walks over tables."""
_LAST = "\x7f"


@dataclass(frozen=True, slots=True)
class DynamoZoneWalks:
    """`ZoneWalks` on SchedulingTable; where the walk stands is kept in AccessTable, which no stream follows."""

    client: DynamoDBClient
    table: str
    access_table: str

    def read(self) -> ZoneWalk | None:
        """One consistent GetItem."""
        row = get_row(self.client, self.access_table, keys.walk(NAME))
        return _walk_from_item(row) if row else None

    def write(self, walk: ZoneWalk) -> ZoneWalk:
        """One conditional PutItem."""
        kept = replace(walk, writes=walk.writes + 1)
        row = {**keys.walk(NAME), **plain(kept)}
        part = (
            parts.put(self.access_table, row, "writes = :writes", writes=walk.writes)
            if walk.writes
            else parts.put_new(self.access_table, row)
        )
        try:
            write(self.client, [("", part)])
        except ConditionsFailed as refused:
            raise RaceLost from refused
        return kept

    def apps_with_calls(self, place: Mapping[str, object] | None) -> tuple[Sequence[str], Mapping[str, object] | None]:
        """A Scan of index `due`, a megabyte of keys: what waits for its time is in it, and nothing that is over."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": "due",
            "FilterExpression": "sk = :call",
            "ExpressionAttributeValues": to_values({":call": keys.call("", "")["sk"]}),
            **({"ExclusiveStartKey": to_values(place)} if place else {}),
        }
        with raising_store_busy():
            answer = self.client.scan(**request)
        last = answer.get("LastEvaluatedKey")
        found = dict.fromkeys(keys.app_of_call(row["pk"]["S"]) for row in answer["Items"])
        return list(found), from_values(last) if last else None

    def keep_app(self, app: AppWalk) -> None:
        """One PutItem."""
        with raising_store_busy():
            item = to_values({**keys.app_of_walk(NAME, app.app_id), **plain(app)})
            self.client.put_item(TableName=self.access_table, Item=item)

    def next_app(self) -> AppWalk | None:
        """One consistent Query of one row."""
        first = keys.app_of_walk(NAME)
        with raising_store_busy():
            answer = self.client.query(
                TableName=self.access_table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :first)",
                ExpressionAttributeValues=to_values({":pk": first["pk"], ":first": first["sk"]}),
                Limit=1,
            )
        rows = [from_values(row) for row in answer["Items"]]
        return _app_from_item(rows[0]) if rows else None

    def drop_app(self, app_id: str) -> None:
        """One DeleteItem."""
        with raising_store_busy():
            self.client.delete_item(TableName=self.access_table, Key=to_values(keys.app_of_walk(NAME, app_id)))

    def upcoming(self, app: AppWalk, now: datetime) -> tuple[Sequence[Call], tuple[str, str] | None]:
        """A GetItem of the app's months, and a Query of a part of one."""
        row = get_row(self.client, self.table, keys.months(app.app_id))
        this_month = now.strftime("%Y-%m")
        months = sorted((month for month in (row["months"] if row else ()) if month >= this_month), reverse=app.is_back)
        if app.after is not None:
            months = [month for month in months if (month <= app.after[0] if app.is_back else month >= app.after[0])]
        if not months:
            return [], None
        month, following = months[0], months[1:2]
        done = app.after[1] if app.after is not None and app.after[0] == month else None
        answer = self._page(app, month, done, now)
        rows = [from_values(row) for row in answer["Items"]]
        calls = [call for row in rows if row["calendar_sk"] != done and (call := _readable(row))]
        if last := answer.get("LastEvaluatedKey"):
            return calls, (month, str(from_values(last)["calendar_sk"]))
        return calls, (following[0], "") if following else None

    def keep_promise(self, call: Call, promised: PromisedTime) -> None:
        """One conditional UpdateItem. Its revision stays: nothing that anybody is shown has changed."""
        part = parts.update(
            self.table,
            keys.call(call.app_id, call.id),
            "SET promised = :promised",
            "revision = :revision AND attribute_not_exists(promised)",
            promised=plain(promised),
            revision=call.revision,
        )
        with suppress(ConditionsFailed):
            write(self.client, [("", part)])

    def _page(self, app: AppWalk, month: str, done: str | None, now: datetime) -> Mapping[str, Any]:
        """From the last one that is done, on the way that the walk takes; and never what has begun."""
        low, high = format_instant(now) + _LAST, _LAST
        if done and app.is_back:
            high = done
        elif done:
            low = max(low, done)
        if low > high:  # DynamoDB refuses a BETWEEN whose bounds are the wrong way round
            return {"Items": []}
        with raising_store_busy():
            answer: Any = self.client.query(
                TableName=self.table,
                IndexName="calendar",
                KeyConditionExpression="calendar_pk = :month AND calendar_sk BETWEEN :low AND :high",
                ExpressionAttributeValues=to_values(
                    {":month": keys.calendar(app.app_id, month), ":low": low, ":high": high}
                ),
                ScanIndexForward=not app.is_back,
                Limit=PAGE + 1,  # the last one that is done comes again
            )
        return dict(answer)


def _readable(row: Item) -> Call | None:
    """The call of a row; None of one that nobody can read, which must not hold up the others."""
    try:
        return call_from_json(row)
    except (KeyError, TypeError, ValueError):
        return None


def _walk_from_item(row: Mapping[str, Any]) -> ZoneWalk:
    return ZoneWalk(
        release=row["release"],
        seen_at=parse_instant(row["seen_at"]),
        phase=ZonePhase(row["phase"]),
        began_at=instant_or_none(row.get("began_at")),
        place=row.get("place"),
        found=row.get("found") or {},
        claim_id=row.get("claim_id"),
        held_until=instant_or_none(row.get("held_until")),
        writes=row["writes"],
    )


def _app_from_item(row: Mapping[str, Any]) -> AppWalk:
    after = row.get("after")
    return AppWalk(
        app_id=row["app_id"],
        after=(after[0], after[1]) if after else None,
        is_back=row["is_back"],
        turns_back=row["turns_back"],
    )
