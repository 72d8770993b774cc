"""Rooms, in DynamoDB: the row that a join link leads to.

An instant call's row is the whole call. A scheduled call's row only says whose it is: the booking has the rest, so that
a change of the booking changes one place. Metadata is kept as JSON text: DynamoDB nests 32 deep, JSON here 50, and its
numbers are no binary floats.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking import call_json
from slotline.domain.booking.apps import App
from slotline.domain.booking.rooms import CallSource, RoomKind, Side
from slotline.domain.instant.room_events import RoomEvent
from slotline.domain.instant.rooms import GenesysContext, VideoCall, VideoCallStatus, room_of
from slotline.domain.instant.seats import Happened, Happening
from slotline.domain.shared.due import Due
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant, instant_or_none, parse_instant
from slotline.domain.shared.paging import Listed
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, Clock, RaceLost
from slotline.store.booking.items import preset_from_map, room_fields
from slotline.store.booking.preset_rows import KnownRevisions, app_of, ruled_as_booked
from slotline.store.dynamodb import keys, parts
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import due_row, get_rows, row_of
from slotline.store.dynamodb.streams import Change
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
    new_id: Callable[[], str]
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

    def happened(self, call: VideoCall, happened: Happened, key: IdempotencyKey) -> None:
        """One transaction: the call as it is by that, and the event, unless it was told before.

        A call that is over stays as it is, and what happens in its room is told all the same.
        """
        event = room_event_item(RoomEvent.of(call, happened, self.new_id(), self.clock.now()), key.key)
        told: Labelled = ("event", parts.put_new(self.table, event))
        after = call.after(happened)
        try:
            try:
                transact(self.client, [told] if after is call else [told, ("room", _followed(self.table, after))])
            except ConditionsFailed as refused:
                if refused.labels != {"room"}:
                    raise
                transact(self.client, [told])  # somebody has ended the call since it was read
        except ConditionsFailed:
            return  # told before

    def look_in_at(self, call_id: str, at: datetime) -> None:
        """One UpdateItem."""
        fields = keys.due_fields(keys.room(call_id), at)
        self._look_in(call_id, "SET due_at = :due_at, due_bucket = :due_bucket", "attribute_exists(pk)", fields)

    def look_in_no_more(self, call_id: str, at: datetime) -> None:
        """One UpdateItem."""
        self._look_in(call_id, "REMOVE due_at, due_bucket", "due_at = :due_at", {"due_at": at})

    def _look_in(self, call_id: str, expression: str, condition: str, fields: Mapping[str, object]) -> None:
        with raising_store_busy():
            try:
                self.client.update_item(
                    TableName=self.table,
                    Key=to_values(keys.room(call_id)),
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=to_values({f":{name}": value for name, value in fields.items()}),
                )
            except ClientError as refused:
                if code_of(refused) != "ConditionalCheckFailedException":
                    raise

    def due(self, due: Due) -> str | None:
        """One consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return str(row["room_id"]) if row else None

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


def _followed(table: str, call: VideoCall) -> parts.Part:
    """An instant call that is not over becomes what its room has made of it."""
    values = {"status": call.status.value, "started_at": call.started_at, "ended_at": call.ended_at}
    said = {name: value for name, value in {**values, "ended_by": call.ended_by}.items() if value is not None}
    names = {f"#{name}": name for name in said}
    sets = ", ".join(f"#{name} = :{name}" for name in said)
    condition = "attribute_exists(pk) AND #status <> :over"
    return parts.update(table, keys.room(call.id), f"SET {sets}", condition, names, over="ended", **said)


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
        "join_tokens": call.join_tokens or None,
    }


def room_event_item(event: RoomEvent, name: str) -> Item:
    """The row of something that happened in an instant call's room. `name`: under which it is told once."""
    return {
        **keys.room_event(event.call_id, name),
        "id": event.id,
        "app_id": event.app_id,
        "call_id": event.call_id,
        "sequence": event.sequence,
        "what": event.what.value,
        "side": event.side.value if event.side else None,
        "at": event.at,
        "talked_seconds": event.talked_seconds,
        "created_at": event.created_at,
    }


def new_room_event(change: Change) -> RoomEvent | None:
    """What has happened in an instant call's room just now, by a change of the table; None for any other change."""
    row = change.new
    if change.old is not None or row is None or not keys.is_room_event(row["sk"]):
        return None
    return RoomEvent(
        id=row["id"],
        app_id=row["app_id"],
        call_id=row["call_id"],
        sequence=row["sequence"],
        what=Happening(row["what"]),
        side=Side(row["side"]) if row.get("side") else None,
        at=parse_instant(row["at"]),
        talked_seconds=row["talked_seconds"],
        created_at=parse_instant(row["created_at"]),
    )


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
        join_tokens=row.get("join_tokens", False),
    )


def _said(genesys: GenesysContext) -> Item:
    return {name: value for name, value in asdict(genesys).items() if value is not None}
