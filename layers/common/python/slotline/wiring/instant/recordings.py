"""Recordings of calls."""

from functools import cache

from slotline.ports.instant import Recordings
from slotline.store.instant.recordings import DynamoRecordings
from slotline.usecases.instant.delete_recording import DeleteRecording
from slotline.usecases.instant.read_recordings import ReadRecordings
from slotline.usecases.instant.record import BringPart, CompleteRecordings, StartRecording
from slotline.wiring import common
from slotline.wiring.access.audit_log import audit_log
from slotline.wiring.instant.recordings_place import files
from slotline.wiring.instant.rooms import rooms, seatings


@cache
def recordings() -> Recordings:
    """What is known of them."""
    settings = common.settings()
    return DynamoRecordings(common.dynamodb(), settings.scheduling_table, settings.access_table)


@cache
def start_recording() -> StartRecording:
    """A new file."""
    return StartRecording(
        rooms=rooms(),
        seatings=seatings(),
        recordings=recordings(),
        files=files(),
        clock=common.clock(),
        backoff=common.backoff(),
    )


@cache
def bring_part() -> BringPart:
    """The next part of one."""
    return BringPart(recordings=recordings(), files=files(), clock=common.clock())


@cache
def complete_recordings() -> CompleteRecordings:
    """The end of them."""
    return CompleteRecordings(recordings=recordings(), files=files(), clock=common.clock())


@cache
def delete_recording() -> DeleteRecording:
    """Their deletion."""
    return DeleteRecording(recordings=recordings(), files=files())


@cache
def read_recordings() -> ReadRecordings:
    """Those of a call, and the way to them."""
    return ReadRecordings(
        recordings=recordings(), files=files(), audit=audit_log(), clock=common.clock(), ids=common.ids()
    )
