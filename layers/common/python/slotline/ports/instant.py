"""Instant calls and their rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from collections.abc import Sequence
    from datetime import datetime

    from slotline.domain.booking.apps import App
    from slotline.domain.booking.rooms import Side
    from slotline.domain.instant.mail import Letter
    from slotline.domain.instant.recordings import Recording
    from slotline.domain.instant.rooms import VideoCall
    from slotline.domain.instant.seats import Happened, Seats
    from slotline.domain.shared.due import Due
    from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
    from slotline.domain.shared.paging import Listed


class Rooms(Protocol):
    """Where calls have their rooms. Every method may raise StoreBusyError."""

    def open(self, call: VideoCall, receipt: Receipt | None) -> None:
        """Keep a new call with its room. Raises AlreadyWritten or AlreadyAnswered."""
        ...

    def find(self, call_id: str) -> VideoCall | None:
        """The call with this id, of either kind and of whatever app, as it is now."""
        ...

    def app(self, app_id: str, preset_id: str) -> App | None:
        """The app, under this preset as it is now, or its active one if that is gone."""
        ...

    def made(self, app_id: str, before: str, limit: int) -> Listed[VideoCall]:
        """An app's instant calls, the newest first: those whose place is before this one, such as `2026-05-01T12`.

        Places are times as text, so a day or a month is one, too. A year without a call ends the list.
        """
        ...

    def end(self, call: VideoCall, receipt: Receipt | None) -> None:
        """Keep that an instant call is over. Raises RaceLost where it already was, or AlreadyAnswered."""
        ...

    def happened(self, call: VideoCall, happened: Happened, key: IdempotencyKey) -> None:
        """Keep what happened in an instant call's room, and what the call is by that. Under the same key: once."""
        ...

    def look_in_at(self, call_id: str, at: datetime) -> None:
        """Have somebody look into the room then. Of a room that is gone nothing is kept."""
        ...

    def look_in_no_more(self, call_id: str, at: datetime) -> None:
        """Have nobody look into the room any more, unless that was to be at another time than this."""
        ...

    def due(self, due: Due) -> str | None:
        """The id of the call into whose room somebody is to look by this wake-up; None if it is for nothing by now."""
        ...


class Seatings(Protocol):
    """Where rooms have their seats. Every method may raise StoreBusyError."""

    def read(self, call_id: str) -> Seats:
        """The seats of a room as they are now; of one that nobody ever entered, empty ones."""
        ...

    def heard(
        self, call_id: str, side: Side, visitor: str, tab: int, now: datetime, *, is_linked: bool
    ) -> Seats | None:
        """Keep that something was heard of this side's page now; the seats as they are then.

        None, and nothing is kept, if this page does not have the seat.
        """
        ...

    def away(self, call_id: str, side: Side, visitor: str, tab: int, now: datetime) -> None:
        """Keep that this side's page said that it is going. Nothing is kept if it does not have the seat."""
        ...

    def keep(self, call_id: str, before: Seats, after: Seats) -> Seats:
        """Keep changed seats; they, with their version. Raises RaceLost where they are not as they were before."""
        ...


class Mailboxes(Protocol):
    """Where the sides of a room leave each other what their browsers cannot bring. May raise StoreBusyError."""

    def put(self, call_id: str, to: Side, letters: Sequence[Letter], now: datetime) -> None:
        """Leave letters for a side. One that was left before changes nothing."""
        ...

    def read(self, call_id: str, of: Side, after: str, since: datetime, now: datetime) -> Sequence[Letter]:
        """The letters of a side behind this place, in the order of sending: as many as an answer has.

        `since`: when whoever reads came. What was left before that was for somebody else.
        """
        ...


class Recordings(Protocol):
    """What is known of the recordings of calls. Every method may raise StoreBusyError."""

    def add(self, recording: Recording) -> None:
        """Keep a new one. Raises AlreadyWritten where its number is taken."""
        ...

    def of(self, call_id: str) -> Sequence[Recording]:
        """Those of a call, in the order of their numbers, as they are now."""
        ...

    def find(self, call_id: str, number: int) -> Recording | None:
        """One of them, as it is now."""
        ...

    def heard(self, recording: Recording) -> None:
        """Keep what its page has said of an open one."""
        ...

    def keep(self, before: Recording, after: Recording) -> None:
        """Keep its next state, with the moment at which it is to be deleted. Raises RaceLost where it was changed."""
        ...

    def due(self, due: Due) -> Recording | None:
        """The one that a wake-up is for; None if it is for nothing by now."""
        ...


class RecordingFiles(Protocol):
    """Where the files of recordings are. May raise StoreBusyError."""

    def origin(self) -> str:
        """Where browsers put parts, and get files: what a page that does so must be allowed to ask."""
        ...

    def begin(self, recording: Recording) -> str:
        """The id of an upload of a new file, to which parts may be put. `recording` has none yet."""
        ...

    def part_url(self, recording: Recording, part: int, size: int) -> str:
        """An address that takes this part of exactly this size, by PUT, for a while."""
        ...

    def tail_url(self, recording: Recording, after: int, size: int) -> str:
        """An address that takes what is not a part yet, behind as many parts, by PUT, for a while."""
        ...

    def complete(self, recording: Recording) -> int:
        """Make a file of what was put, the tail included; its bytes, 0 where nothing was. Again: the same."""
        ...

    def download_url(self, recording: Recording) -> str:
        """An address that gives the file to whoever has it, for a while."""
        ...

    def delete(self, recording: Recording) -> None:
        """Take the file away. Again: nothing."""
        ...
