"""How soon a page asks the server again: often while the two find each other, seldom while one waits or both talk.

A poll is a page's sign of life too, so none comes later than `seats.VANISHED_AFTER` allows, some lost ones included.
"""

from datetime import datetime, timedelta

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.seats import Seats

AT_FIRST = timedelta(seconds=1)
LATER = timedelta(seconds=2)
QUIETLY = timedelta(seconds=10)
CONNECTING_AT_FIRST = timedelta(seconds=30)
"""How long two pages that see each other look for each other's way once a second."""
EXPECTING = timedelta(seconds=30)
"""How long after its coming a page expects the other side at any moment: most come together."""


def ask_again_in(seats: Seats, side: Side, now: datetime, *, is_linked: bool) -> timedelta:
    """How long this side's page waits. `is_linked`: it is connected to the other one."""
    if is_linked:
        return QUIETLY
    if not seats.is_there(side.other, now):
        seat = seats.of(side)
        return LATER if seat and now - seat.joined_at < EXPECTING else QUIETLY
    return AT_FIRST if now - _looking_since(seats, now) < CONNECTING_AT_FIRST else LATER


def _looking_since(seats: Seats, now: datetime) -> datetime:
    """Since when the two have been there without being connected."""
    known = [at for seat in (seats.host, seats.guest) if seat for at in (seat.taken_at, seat.linked_at) if at]
    return max(known, default=now)
