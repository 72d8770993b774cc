"""What rooms are made of, for tests that are about something else."""

from datetime import timedelta
from typing import Any

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.recordings import Recording
from slotline.domain.instant.seats import Happened, Happening, Seats, take
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID


def a_recording(**changes: Any) -> Recording:
    """The first of a call, of which nothing was brought yet."""
    fields = {
        "call_id": "room-1",
        "app_id": APP_ID,
        "number": 1,
        "side": Side.GUEST,
        "visitor": "guest-1",
        "container": "mp4",
        "upload_id": "upload-1",
        "kept_for": timedelta(days=30),
        "started_at": NOW,
        "seen_at": NOW,
    }
    return Recording(**(fields | changes))


def seats_of_a_guest() -> Seats:
    """A guest has come in."""
    return take(Seats(), Side.GUEST, "guest-1", "Jane", NOW)


def a_happening(**changes: Any) -> Happened:
    """A guest has joined."""
    return Happened(**({"what": Happening.JOINED, "side": Side.GUEST, "at": NOW, "number": 1} | changes))
