"""Rooms, in DynamoDB: the row that a join link leads to.

An instant call's row is the whole call. A scheduled call's row only says whose it is: the booking has the rest, so that
a change of the booking changes one place. Metadata is kept as JSON text: DynamoDB nests 32 deep, JSON here 50, and its
numbers are no binary floats.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from slotline.aws import raising_store_busy
from slotline.domain.booking import call_json
from slotline.domain.booking.apps import App
from slotline.domain.booking.rooms import CallSource, RoomKind
from slotline.domain.instant.rooms import GenesysContext, VideoCall, VideoCallStatus, room_of
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.instants import format_instant, instant_or_none, parse_instant
from slotline.domain.shared.paging import Listed
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking.items import preset_from_map, room_fields
from slotline.store.booking.preset_rows import KnownRevisions, app_of, ruled_as_booked
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import get_rows, row_of
from slotline.store.dynamodb.transactions import ConditionsFailed, Labelled, transact

MONTHS_AT_MOST = 12
"""Of one page, each a Query: an app may have few calls in many months."""


@dataclass(frozen=True, slots=True)
class DynamoRooms:
    """`Rooms` on SchedulingTable, with receipts on AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str
    clock: Clock
    revisions: KnownRevisions = field(default_factory=KnownRevisions)

    def open(self, call: VideoCall, receipt: Receipt | None) -> None:
        """One transaction: the room is not there, and nobody answered this key."""
        self._transact([("new", parts.put_new(self.table, room_item(call))), *self._receipt(receipt)])

    def find(self, call_id: str) -> VideoCall | None:
        """One strongly consistent GetItem; for a scheduled call one BatchGetItem more: the booking and its app.

        And once in a process another one for the preset of a call that was not booked under the present active one.
        """
        row = self._get(keys.room(call_id))
        if row is None or row["kind"] != RoomKind.SCHEDULED:
            return call_from_room(row) if row else None
        call_key, app_key = keys.call(row["app_id"], call_id), keys.app(row["app_id"])
        found = get_rows(self.client, {self.table: [call_key, app_key]})
        booked = row_of(found, call_key)
        call = call_json.call_from_json(booked) if booked else None
        app = app_of(self.client, self.table, row_of(found, app_key))
        ruled = ruled_as_booked(self.client, self.table, app, call, self.revisions)
        return room_of(call, ruled) if call and ruled else None

    def app(self, app_id: str, preset_id: str) -> App | None:
        """One strongly consistent BatchGetItem."""
        app_key, preset_key = keys.app(app_id), keys.preset(app_id, preset_id)
        found = get_rows(self.client, {self.table: [app_key, preset_key]})
        app, row = app_of(self.client, self.table, row_of(found, app_key)), row_of(found, preset_key)
        return replace(app, preset=preset_from_map(row)) if app and row else app

    def made(self, app_id: str, before: str, limit: int) -> Listed[VideoCall]:
        """A Query for each month until there is one call more than the page shows."""
        found: list[VideoCall] = []
        month = before[:7]
        for _ in range(MONTHS_AT_MOST):
            found += self._made_in(app_id, month, before, limit + 1 - len(found))
            if len(found) > limit:
                return Listed(rows=found[:limit], next=_place(found[limit - 1]))
            month = _month_before(month)
        return Listed(rows=found, next=f"{month}~" if found else None)

    def _made_in(self, app_id: str, month: str, before: str, limit: int) -> Sequence[VideoCall]:
        with raising_store_busy():
            answer = self.client.query(
                TableName=self.table,
                IndexName="calendar",
                KeyConditionExpression="calendar_pk = :pk AND calendar_sk < :before",
                ExpressionAttributeValues=to_values({":pk": keys.room_calendar(app_id, month), ":before": before}),
                ScanIndexForward=False,
                Limit=limit,
            )
        return [call_from_room(from_values(row)) for row in answer["Items"]]

    def end(self, call: VideoCall, receipt: Receipt | None) -> None:
        """One transaction: the call was not over, and nobody answered this key."""
        over = parts.update(
            self.table,
            keys.room(call.id),
            "SET #status = :ended, ended_at = :at, ended_by = :by",
            "attribute_exists(pk) AND #status <> :ended",
            {"#status": "status"},
            ended=VideoCallStatus.ENDED.value,
            at=call.ended_at,
            by=call.ended_by,
        )
        self._transact([("room", over), *self._receipt(receipt)])

    def _get(self, key: Mapping[str, str]) -> Item | None:
        with raising_store_busy():
            answer = self.client.get_item(TableName=self.table, Key=to_values(key), ConsistentRead=True)
        return from_values(answer["Item"]) if "Item" in answer else None

    def _receipt(self, receipt: Receipt | None) -> Sequence[Labelled]:
        return [("receipt", parts.put_receipt(self.access_table, receipt, self.clock.now()))] if receipt else []

    def _transact(self, labelled: Sequence[Labelled]) -> None:
        try:
            transact(self.client, labelled)
        except ConditionsFailed as refused:
            if "new" in refused.labels:
                raise AlreadyWritten from refused
            raise (AlreadyAnswered if "receipt" in refused.labels else RaceLost) from refused


def room_item(call: VideoCall) -> Item:
    """The row of an instant call, with its place among the app's calls of the month."""
    return {
        **room_fields(call.id, call.app_id, RoomKind.INSTANT, call.source, call.created_at),
        "calendar_pk": keys.room_calendar(call.app_id, call.created_at.strftime("%Y-%m")),
        "calendar_sk": _place(call),
        "status": call.status.value,
        "created_by": call.created_by,
        "preset_id": call.preset_id,
        "title": call.title,
        "description": call.description,
        "metadata": json.dumps(call.metadata, ensure_ascii=False, separators=(",", ":")),
        "host_name": call.host_name,
        "guest_name": call.guest_name,
        "record_on_start": call.record_on_start,
        "preview_enabled": call.preview_enabled,
        "genesys": _said(call.genesys) if call.genesys else None,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "ended_by": call.ended_by,
        "secret_hash": call.secret_hash,
    }


def _place(call: VideoCall) -> str:
    """Of an instant call among its app's: when it was made."""
    return f"{format_instant(call.created_at)}#{call.id}"


def _month_before(month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    return (first - timedelta(days=1)).strftime("%Y-%m")


def call_from_room(row: Mapping[str, Any]) -> VideoCall:
    """The instant call of a row."""
    genesys = row.get("genesys")
    return VideoCall(
        id=row["room_id"],
        app_id=row["app_id"],
        kind=RoomKind(row["kind"]),
        status=VideoCallStatus(row["status"]),
        source=CallSource(row["source"]),
        created_by=row.get("created_by"),
        created_at=parse_instant(row["created_at"]),
        preset_id=row["preset_id"],
        preview_enabled=row["preview_enabled"],
        record_on_start=row["record_on_start"],
        title=row.get("title"),
        description=row.get("description"),
        metadata=json.loads(row["metadata"]),
        host_name=row.get("host_name"),
        guest_name=row.get("guest_name"),
        genesys=GenesysContext(**genesys) if genesys is not None else None,
        started_at=instant_or_none(row.get("started_at")),
        ended_at=instant_or_none(row.get("ended_at")),
        ended_by=row.get("ended_by"),
        secret_hash=row.get("secret_hash"),
    )


def _said(genesys: GenesysContext) -> Item:
    return {name: value for name, value in asdict(genesys).items() if value is not None}
