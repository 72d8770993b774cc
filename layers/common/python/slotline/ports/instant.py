"""Instant calls and their rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every handler imports ports, and few need all that they speak of
    from slotline.domain.booking.apps import App
    from slotline.domain.instant.rooms import VideoCall
    from slotline.domain.shared.idempotency import Receipt
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
