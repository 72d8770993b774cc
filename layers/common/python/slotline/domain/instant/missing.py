"""Who missed a call: what a no-show says, by what its room knows."""

from datetime import datetime
from enum import StrEnum

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.seats import Seats


class Missing(StrEnum):
    """Who was not there."""

    GUEST = "guest"
    AGENT = "agent"
    BOTH = "both"


_OF_SIDE = {Side.HOST: Missing.AGENT, Side.GUEST: Missing.GUEST}


def missing_from(seats: Seats, since: datetime, now: datetime) -> Missing | None:
    """Who is not there now; where nobody is, who never was. Both, where both came and never met; None: both are there.

    `since`: when the room was opened. Whoever was there before that was there for an earlier time of the call.
    """
    absent = [side for side in Side if not seats.is_there(side, now)]
    if not absent:
        return None
    if len(absent) == len(Side):
        absent = [side for side in Side if not _came(seats, side, since)] or absent
    return _OF_SIDE[absent[0]] if len(absent) == 1 else Missing.BOTH


def _came(seats: Seats, side: Side, since: datetime) -> bool:
    seat = seats.of(side)
    return seat is not None and seat.seen_at >= since
