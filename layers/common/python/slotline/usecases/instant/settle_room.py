"""Look into a room that had somebody in it: who vanished has left, and what happened is told."""

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.instant.doors import was_closed
from slotline.domain.instant.seats import Seats, end, settled
from slotline.domain.shared.due import Due
from slotline.domain.shared.errors import NotFound
from slotline.ports.instant import Rooms, Seatings
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.instant.follow_room import FollowRoom
from slotline.usecases.instant.read_call import visit_room
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRoom:
    """Looks into rooms."""

    rooms: Rooms
    seatings: Seatings
    follow: FollowRoom
    complete_left: Callable[[str, Seats], object]
    """Makes files of recordings whose pages are gone."""
    clock: Clock
    backoff: Backoff

    def __call__(self, due: Due) -> Seats | None:
        """The seats afterwards; None where nobody was to look any more. Looks in again while anything may happen."""
        call_id = self.rooms.due(due)
        if call_id is None:
            return None
        try:
            call, _ = visit_room(self.rooms, call_id)
        except NotFound:
            self.rooms.look_in_no_more(call_id, due.at)
            return None
        now = self.clock.now()

        def attempt() -> Seats:
            before = self.seatings.read(call_id)
            after = settled(before, now)
            if was_closed(call) and after.ended_at is None and after.is_anybody_left:
                after = end(after, now)
            return before if after == before else self.seatings.keep(call_id, before, after)

        seats = self.follow.tell(call, retry(attempt, self.backoff))
        self.complete_left(call_id, seats)
        if _is_quiet(seats):
            self.rooms.look_in_no_more(call_id, due.at)
        else:
            self.follow.watch(call, now)
        return seats


def _is_quiet(seats: Seats) -> bool:
    """Nobody is there, nothing is left to tell, and no talk waits for its people to come back."""
    return not seats.is_anybody_left and not seats.untold and (seats.ended_at is not None or not seats.have_talked)
