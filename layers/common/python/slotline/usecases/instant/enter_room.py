"""Take a seat in a room, or wait to be let in to one."""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.apps import App
from slotline.domain.booking.role_tokens import is_good
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.doors import Door, doors_of, stays_in, waits_for_its_people
from slotline.domain.instant.rooms import VideoCall, bound_to, holder_of, is_proven
from slotline.domain.instant.seats import RecordingWish, Seats, SeatTaken, knock, renewed, settled, take
from slotline.domain.instant.visits import Entered, Entering
from slotline.domain.shared.errors import Conflict, Detail, Forbidden
from slotline.domain.shared.instants import format_instant
from slotline.ports.booking import GuestLinkKeys
from slotline.ports.instant import Rooms, Seatings
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.instant.follow_room import FollowRoom
from slotline.usecases.instant.read_call import visit_room
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterRoom:
    """Lets somebody into a room."""

    rooms: Rooms
    seatings: Seatings
    keys: GuestLinkKeys
    follow: FollowRoom
    clock: Clock
    backoff: Backoff

    def __call__(self, call_id: str, asked: Entering) -> Entered:
        """The seat. Raises NotFound, Forbidden without the right to this side, or RoomClosed."""
        call, app = self._check(call_id, asked)
        visitor = secret_hash(asked.secret)

        def attempt() -> Entered:
            now = self.clock.now()
            before = self.seatings.read(call.id)
            seats = self._of_this_time(call, settled(before, now))
            _check_open(call, seats, asked.side, visitor, now)
            holder = holder_of(call, asked.side)
            try:
                after, waits = take(_with_wish(seats, call), asked.side, visitor, asked.name, now, holder=holder), False
                self.follow.watch(call, now)
            except SeatTaken:
                after, waits = knock(seats, asked.side, visitor, asked.name, now), True
            kept = self.seatings.keep(call.id, before, after)
            proven = is_proven(call, asked.side)
            return Entered(call=call, app=app, side=asked.side, seats=kept, now=now, waits=waits, is_proven=proven)

        entered = retry(attempt, self.backoff)
        self.follow.tell(call, entered.seats)
        return entered

    def look(self, call_id: str, asked: Entering) -> None:
        """Whether whoever asks could come in. Raises NotFound, Forbidden or RoomClosed."""
        call, _ = self._check(call_id, asked)
        now = self.clock.now()
        seats = self._of_this_time(call, settled(self.seatings.read(call.id), now))
        _check_open(call, seats, asked.side, secret_hash(asked.secret), now)

    def _of_this_time(self, call: VideoCall, seats: Seats) -> Seats:
        """The seats without what they know of an earlier time of the call, which was moved or opened again since.

        The call is read once more: it may have started since, by these very seats.
        """
        is_old = (seats.met_at or seats.ended_at) and not seats.untold and waits_for_its_people(call)
        return renewed(seats) if is_old and waits_for_its_people(visit_room(self.rooms, call.id)[0]) else seats

    def _check(self, call_id: str, asked: Entering) -> tuple[VideoCall, App]:
        """The call, if whoever asks may have this side of it. Raises NotFound or Forbidden."""
        call, app = visit_room(self.rooms, call_id)
        self._check_right(call, asked)
        return call, app

    def _check_right(self, call: VideoCall, asked: Entering) -> None:
        if asked.side is Side.GUEST and not call.join_tokens:
            return  # the link is all that a guest has
        now = self.clock.now()
        bound = bound_to(call, asked.side)
        if not is_good(self.keys(), asked.token or "", call.id, asked.side, bound_to=bound, now=now):
            message = "This link does not lead into the call any more. Ask for a new one."
            raise Forbidden(message, [Detail(message, "no_role")])


def _with_wish(seats: Seats, call: VideoCall) -> Seats:
    """Whether it is to be recorded, as the call was started with, until the host says otherwise."""
    if seats.wish is not None:
        return seats
    return replace(seats, wish=RecordingWish.ON if call.record_on_start else RecordingWish.OFF)


class RoomClosed(Conflict):
    """Nobody comes in now. The detail's code says why, and its extra when it opens."""

    code = "room_closed"


def _check_open(call: VideoCall, seats: Seats, side: Side, visitor: str, now: datetime) -> None:
    doors = doors_of(call, now)
    door = Door.OVER if seats.ended_at is not None and doors.is_open else doors.door
    if door is Door.OPEN or stays_in(seats, side, visitor, door, now):
        return
    message = _CLOSED[door]
    extra = {"opensAt": format_instant(doors.opens_at)} if door is Door.EARLY else {}
    raise RoomClosed(message, [Detail(message, f"room_{door.value}", extra=extra)])


_CLOSED = {
    Door.EARLY: "The room is not open yet.",
    Door.LATE: "The time of this call is over.",
    Door.OVER: "This call is over.",
    Door.CANCELLED: "This call was cancelled.",
    Door.MISSED: "The time of this call is over, and it did not take place.",
}
