"""When a room may be entered, and why not: early, late, over, cancelled, missed.

An instant call's room is open from the moment of its link until somebody ends the call, at most for a day. A scheduled
call's opens an hour before the call begins, and stays open while its people talk, whatever was planned.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.lifecycle import may_start
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.instant.seats import COMES_BACK_WITHIN, Seats

INSTANT_LASTS = timedelta(hours=24)
"""How long after its creation an instant call may be joined."""


class Door(StrEnum):
    """How a room stands."""

    OPEN = "open"
    EARLY = "early"
    LATE = "late"
    """Its time is over, and nobody came."""
    OVER = "over"
    CANCELLED = "cancelled"
    MISSED = "missed"


_FINAL = {
    CallStatus.CANCELLED: Door.CANCELLED,
    CallStatus.NO_SHOW: Door.MISSED,
    CallStatus.COMPLETED: Door.OVER,
    CallStatus.RESCHEDULED: Door.OVER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """How a room stands now, and between which moments it may be entered as far as that is known."""

    door: Door
    opens_at: datetime
    closes_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether somebody may take a seat."""
        return self.door is Door.OPEN


def doors_of(call: VideoCall, now: datetime) -> Doors:
    """How the room of a call stands, of either kind."""
    if call.booked is not None:
        return _of_booking(call.booked, now)
    closes_at = call.created_at + INSTANT_LASTS
    door = Door.OVER if call.is_over or now >= closes_at else Door.OPEN
    return Doors(door=door, opens_at=call.created_at, closes_at=closes_at)


def stays_in(seats: Seats, side: Side, visitor: str, door: Door, now: datetime) -> bool:
    """Whether somebody who sits there, or did until a moment ago, may load the page again although the call is over by
    its plan.

    The time that a call was booked for throws nobody out who still talks.
    """
    seat = seats.of(side)
    if seat is None or not seat.is_of(visitor) or door not in (Door.OVER, Door.LATE) or seats.ended_at is not None:
        return False
    is_awaited = seats.is_there(side.other, now)
    return is_awaited or seat.left_at is None or now - seat.left_at < COMES_BACK_WITHIN


def waits_for_its_people(call: VideoCall) -> bool:
    """Whether this is a booking that has not started: what its room knows of a start is of an earlier one."""
    booked = call.booked
    return booked is not None and not booked.is_final and booked.status is not CallStatus.STARTED


def was_closed(call: VideoCall) -> bool:
    """Whether the call was cancelled, or ended by somebody who is not in its room: whoever is goes, too."""
    return call.booked.status is CallStatus.CANCELLED if call.booked else call.is_over


def _of_booking(call: Call, now: datetime) -> Doors:
    allowed = may_start(call)
    if call.is_final:
        door = _FINAL[call.status]
    elif call.status is CallStatus.STARTED:
        door = Door.OPEN
    elif now < allowed.start:
        door = Door.EARLY
    else:
        door = Door.OPEN if now < allowed.end else Door.LATE
    return Doors(door=door, opens_at=allowed.start, closes_at=allowed.end)
