"""Rooms that events speak of: both sides are in an instant call and in a booked one, and nobody has told it yet."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3

from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.recordings import Recording
from slotline.domain.instant.seats import RecordingWish, Seats, say_of_recording, take
from slotline.storage.s3_recordings import S3Recordings
from slotline.store.booking.calls import DynamoCalls
from slotline.store.booking.items import scheduled_room_item
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from slotline.store.dynamodb.keys import due_fields
from slotline.store.instant.recordings import DynamoRecordings
from slotline.store.instant.seats import DynamoSeatings
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.rooms import a_recording

SEATS = {
    Side.GUEST: "a-guests-seat-that-nobody-else-finds-123",
    Side.HOST: "a-hosts-seat-that-nobody-else-finds-1234",
}
"""The secrets that the tabs made up."""
GUEST = secret_hash(SEATS[Side.GUEST])
TALKED = "01968c2e-7a00-7000-8000-00000000cafd"
"""An instant call that was recorded."""


def sit(aws: Any, app_id: str, instant: str, scheduled: str) -> None:
    """Let both in, as if the process that did so had died right then. Somebody is to look in now."""
    call, _ = DynamoCalls(aws, "SchedulingTable").get(app_id, scheduled)
    TablePorts(aws).put(scheduled_room_item(call))
    for call_id in (instant, scheduled):
        seats = Seats()
        for side, secret in SEATS.items():
            seats = take(seats, side, secret_hash(secret), None, NOW)
        seats = say_of_recording(seats, Side.HOST, wish=RecordingWish.ON)
        DynamoSeatings(aws, "AccessTable").keep(call_id, Seats(), say_of_recording(seats, Side.GUEST, agrees=True))
        aws.update_item(
            TableName="SchedulingTable",
            Key=to_values(keys.room(call_id)),
            UpdateExpression="SET due_at = :due_at, due_bucket = :due_bucket",
            ExpressionAttributeValues=to_values(
                {f":{name}": value for name, value in due_fields(keys.room(call_id), NOW).items()}
            ),
        )
    aws.update_item(
        TableName="SchedulingTable",
        Key=to_values(keys.room(TALKED)),
        UpdateExpression="SET started_at = :at",
        ExpressionAttributeValues=to_values({":at": NOW}),
    )
    _record(aws, app_id, instant, scheduled)


def _record(aws: Any, app_id: str, instant: str, scheduled: str) -> None:
    """Of the guest: one that goes on, one that was left with a tail alone, one with nothing, one whose days are over.

    And of the call that was booked, and of one that was talked in, one that can be downloaded.
    """
    s3 = boto3.client("s3")
    recordings = DynamoRecordings(aws, "SchedulingTable", "AccessTable")
    files = S3Recordings(lambda: s3, ENVIRONMENT["RECORDINGS_BUCKET"])

    def begin(call_id: str, number: int, seen_at: datetime, tail: bytes) -> Recording:
        draft = a_recording(call_id=call_id, app_id=app_id, number=number, visitor=GUEST, upload_id="", seen_at=seen_at)
        recording = replace(draft, upload_id=files.begin(draft))
        recordings.add(recording)
        if tail:
            place = {"Bucket": ENVIRONMENT["RECORDINGS_BUCKET"], "Key": f"tails/{recording.path}.0"}
            s3.put_object(**place, Body=tail)
        return recording

    long_ago = NOW - timedelta(hours=1)
    begin(instant, 1, NOW, b"tail")
    begin(instant, 2, long_ago, b"tail")
    begin(instant, 3, long_ago, b"")
    over = begin(instant, 4, long_ago, b"tail")
    recordings.keep(over, replace(over.completed(4, NOW), deleted_at=NOW))
    for call_id in (scheduled, TALKED):
        done = begin(call_id, 1, long_ago, b"tail")
        recordings.keep(done, done.completed(4, NOW))
