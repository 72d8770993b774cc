"""Recordings of calls: a file for each side and each start of its recorder, made of parts that are put in one by one.

What a side sends is recorded by its own browser and goes to the bucket part by part, so that a page that dies leaves
what it had until then. A part of a multipart upload has 5 MiB or more (Amazon S3 User Guide, "Multipart upload
limits"), which a quiet call gathers in minutes. So what is not a part yet is put beside it every few seconds, as the
tail, and becomes the last part where the page does not come to that itself.

The server completes a file: when its side stops or leaves, or when nothing is heard of it any more.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.seats import RecordingWish, Seats
from slotline.domain.shared.errors import Conflict, Detail, InvalidRequest

MOST_FILES = 200
"""Of one call: each start of a recorder makes one."""
MOST_PARTS = 1_000
"""S3 lists as many at once. A page makes its later parts larger."""
LARGEST_PART = 64 * 1024 * 1024
LEAST_PART = 5 * 1024 * 1024
"""Of every part but the last."""
SILENT_AFTER = timedelta(minutes=1)
"""A page says something of its recording every ten seconds."""
PUT_WITHIN = timedelta(minutes=15)
"""How long an address to put a part to is good."""
DOWNLOADED_WITHIN = timedelta(minutes=5)
CONTAINERS = {"video/mp4": "mp4", "video/webm": "webm", "audio/mp4": "mp4", "audio/webm": "webm"}


class RecordingState(StrEnum):
    """It is being made; it can be played; nothing of it came; its days are over."""

    OPEN = "open"
    COMPLETE = "complete"
    EMPTY = "empty"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file. `number`: in its call, in the order of starting. `gaps`: pieces of its recorder that are lost."""

    call_id: str
    app_id: str
    number: int
    side: Side
    visitor: str = field(repr=False)
    """Whose it is: the hash of the secret of the seat that they had."""
    container: str
    upload_id: str = field(repr=False)
    kept_for: timedelta
    """From its end."""
    started_at: datetime
    seen_at: datetime
    start: str = ""
    """What its page calls this start of its recorder: asked again, it is the same file."""
    state: RecordingState = RecordingState.OPEN
    recorded: timedelta = timedelta()
    """How long its recorder ran, pauses left out, as its page last said."""
    pieces: int = 0
    gaps: tuple[int, ...] = ()
    size: int = 0
    ended_at: datetime | None = None
    deleted_at: datetime | None = None
    """When its days are over."""

    @property
    def name(self) -> str:
        """Its object, under its call's."""
        return f"{self.number:03}-{self.side}.{self.container}"

    @property
    def path(self) -> str:
        """Where its object is."""
        return f"{self.app_id}/{self.call_id}/{self.name}"

    @property
    def media_type(self) -> str:
        """Of its file."""
        return f"video/{self.container}"

    @property
    def is_open(self) -> bool:
        """Whether parts may still come."""
        return self.state is RecordingState.OPEN

    def heard(self, now: datetime, recorded: timedelta, pieces: int, gaps: tuple[int, ...]) -> "Recording":
        """As its page says it is now. What was said before of a longer one stands."""
        return replace(
            self,
            seen_at=now,
            recorded=max(recorded, self.recorded),
            pieces=max(pieces, self.pieces),
            gaps=tuple(sorted({*self.gaps, *gaps}))[:100],
        )

    def completed(self, size: int, now: datetime) -> "Recording":
        """Once its parts are one file; empty where there were none."""
        state = RecordingState.COMPLETE if size else RecordingState.EMPTY
        return replace(self, state=state, size=size, ended_at=now, deleted_at=now + self.kept_for)

    def deleted(self) -> "Recording":
        """Once its days are over."""
        return replace(self, state=RecordingState.DELETED)

    def is_left(self, seats: Seats, now: datetime) -> bool:
        """Whether its page will not come to its end any more: its side is gone, or nothing was heard of it for long.

        Of what is paused nothing is heard.
        """
        is_silent = now - self.seen_at >= SILENT_AFTER and seats.wish is not RecordingWish.PAUSED
        return self.is_open and (is_silent or not seats.is_there(self.side, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a page says of its recording. `gaps`: pieces of it that are lost."""

    number: int
    recorded: timedelta
    pieces: int
    gaps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloadable:
    """A recording, and where it may be downloaded for a few minutes; None: there is no file, or none any more."""

    recording: Recording
    url: str | None = field(repr=False)


def container_of(mime_type: str) -> str:
    """The container of what a recorder says it makes. Raises InvalidRequest for one that nobody records here."""
    found = CONTAINERS.get(mime_type.partition(";")[0].strip().lower())
    if found is None:
        raise InvalidRequest.of_field("mimeType", "must be video/mp4 or video/webm", "enum")
    return found


def check_part(recording: Recording, number: int, size: int) -> None:
    """Raises Conflict for a file that is complete, InvalidRequest for a part that cannot be."""
    if not recording.is_open:
        message = "This recording is complete."
        raise Conflict(message, [Detail(message, "recording_complete")])
    if not 1 <= number <= MOST_PARTS:
        raise InvalidRequest.of_field("part", f"goes from 1 to {MOST_PARTS:,}", "range")
    if not 1 <= size <= LARGEST_PART:
        raise InvalidRequest.of_field("size", f"goes from 1 to {LARGEST_PART:,} bytes", "range")
