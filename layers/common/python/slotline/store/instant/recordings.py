"""Recordings of calls, in DynamoDB.

What a recording is stands on SchedulingTable, and changes twice: once it is complete, and once its days are over, to
which a wake-up leads. How far it has come is said every few seconds, which is no news for a stream: AccessTable has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError

from slotline.aws import code_of, raising_store_busy
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.recordings import Recording, RecordingState
from slotline.domain.shared.due import Due
from slotline.domain.shared.instants import instant_or_none, parse_instant
from slotline.ports.shared import AlreadyWritten, RaceLost
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import DynamoDBClient, Item, from_values, to_values
from slotline.store.dynamodb.rows import due_row, get_rows, row_of

SAID_FOR = timedelta(days=7)
"""How long it is kept how far a recording came: longer than it takes to complete it."""
_MILLISECOND = timedelta(milliseconds=1)
_REFUSED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class DynamoRecordings:
    """`Recordings` on SchedulingTable and AccessTable."""

    client: DynamoDBClient
    table: str
    access_table: str

    def add(self, recording: Recording) -> None:
        """One PutItem."""
        try:
            self._put(recording, "attribute_not_exists(pk)", {})
        except RaceLost as taken:
            raise AlreadyWritten from taken

    def of(self, call_id: str) -> Sequence[Recording]:
        """One consistent Query of each table."""
        said = {row["sk"]: row for row in self._all(self.access_table, keys.recorded(call_id))}
        rows = self._all(self.table, keys.recording(call_id))
        return [_recording(row, said.get(keys.recorded(call_id, row["number"])["sk"])) for row in rows]

    def find(self, call_id: str, number: int) -> Recording | None:
        """One consistent BatchGetItem."""
        key, said = keys.recording(call_id, number), keys.recorded(call_id, number)
        found = get_rows(self.client, {self.table: [key], self.access_table: [said]})
        row = row_of(found, key)
        return _recording(row, row_of(found, said)) if row else None

    def heard(self, recording: Recording) -> None:
        """One PutItem."""
        item = {
            **keys.recorded(recording.call_id, recording.number),
            **_said(recording),
            "expires_at": int((recording.seen_at + SAID_FOR).timestamp()),
        }
        with raising_store_busy():
            self.client.put_item(TableName=self.access_table, Item=to_values(item))

    def keep(self, before: Recording, after: Recording) -> None:
        """One PutItem."""
        self._put(after, "#state = :before", {":before": before.state.value})

    def due(self, due: Due) -> Recording | None:
        """One consistent GetItem."""
        row = due_row(self.client, self.table, due)
        return _recording(row, None) if row else None

    def _put(self, recording: Recording, condition: str, values: Mapping[str, object]) -> None:
        more: dict[str, Any] = {}
        if values:
            more = {
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": to_values(values),
            }
        with raising_store_busy():
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item=to_values(recording_item(recording)),
                    ConditionExpression=condition,
                    **more,
                )
            except ClientError as refused:
                if code_of(refused) == _REFUSED:
                    raise RaceLost from refused
                raise

    def _all(self, table: str, first: Mapping[str, str]) -> Sequence[Item]:
        with raising_store_busy():
            answer = self.client.query(
                TableName=table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :first)",
                ExpressionAttributeValues=to_values({":pk": first["pk"], ":first": first["sk"]}),
            )
        return [from_values(row) for row in answer["Items"]]


def recording_item(recording: Recording) -> Item:
    """The row of a recording."""
    key = keys.recording(recording.call_id, recording.number)
    is_kept = recording.state in (RecordingState.COMPLETE, RecordingState.EMPTY)
    item = {
        **key,
        "call_id": recording.call_id,
        "app_id": recording.app_id,
        "number": recording.number,
        "side": recording.side.value,
        "visitor": recording.visitor,
        "start": recording.start or None,
        "container": recording.container,
        "upload_id": recording.upload_id,
        "kept_days": recording.kept_for // timedelta(days=1),
        "started_at": recording.started_at,
        "state": recording.state.value,
        "size": recording.size,
        "ended_at": recording.ended_at,
        "deleted_at": recording.deleted_at,
        **_said(recording),
        **keys.due_fields(key, recording.deleted_at if is_kept else None),
    }
    return {name: value for name, value in item.items() if value is not None}


def _said(recording: Recording) -> Item:
    return {
        "seen_at": recording.seen_at,
        "recorded": recording.recorded // _MILLISECOND,
        "pieces": recording.pieces,
        "gaps": list(recording.gaps),
    }


def _recording(row: Mapping[str, Any], said: Mapping[str, Any] | None) -> Recording:
    recording = Recording(
        call_id=row["call_id"],
        app_id=row["app_id"],
        number=row["number"],
        side=Side(row["side"]),
        visitor=row["visitor"],
        start=row.get("start", ""),
        container=row["container"],
        upload_id=row["upload_id"],
        kept_for=timedelta(days=row["kept_days"]),
        started_at=parse_instant(row["started_at"]),
        seen_at=parse_instant(row["seen_at"]),
        state=RecordingState(row["state"]),
        recorded=row["recorded"] * _MILLISECOND,
        pieces=row["pieces"],
        gaps=tuple(row["gaps"]),
        size=row["size"],
        ended_at=instant_or_none(row.get("ended_at")),
        deleted_at=instant_or_none(row.get("deleted_at")),
    )
    if said is None or not recording.is_open:
        return recording
    return replace(
        recording,
        seen_at=parse_instant(said["seen_at"]),
        recorded=said["recorded"] * _MILLISECOND,
        pieces=said["pieces"],
        gaps=tuple(said["gaps"]),
    )
