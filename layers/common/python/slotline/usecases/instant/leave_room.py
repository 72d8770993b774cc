"""Leave a room: alone, for both, or perhaps."""

from dataclasses import dataclass

from slotline.domain.access.identity import secret_hash
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.rooms import holder_of
from slotline.domain.instant.seats import Seats, check_holds, check_sits, end, has_left, leave, settled
from slotline.domain.instant.visits import Leaving, Page
from slotline.domain.shared.errors import Detail, Forbidden
from slotline.ports.instant import Rooms, Seatings
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.instant.follow_room import FollowRoom
from slotline.usecases.instant.read_call import visit_room
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRoom:
    """Gives a seat back."""

    rooms: Rooms
    seatings: Seatings
    follow: FollowRoom
    clock: Clock
    backoff: Backoff

    def __call__(self, call_id: str, page: Page, how: Leaving) -> Seats:
        """The seats afterwards; of a page that may come back, none are told.

        Raises SeatLost for a page without a seat, Forbidden for a guest who would end it.
        """
        visitor = secret_hash(page.secret)
        if how is Leaving.AWAY:
            self.seatings.away(call_id, page.side, visitor, page.tab, self.clock.now())
            return Seats()
        if how is Leaving.END and page.side is not Side.HOST:
            message = "Only the host ends the call for both."
            raise Forbidden(message, [Detail(message, "not_host")])
        call, _ = visit_room(self.rooms, call_id)

        def attempt() -> Seats:
            now = self.clock.now()
            before = self.seatings.read(call_id)
            if has_left(before, page.side, visitor, page.tab):
                return before  # its first answer was lost
            check_sits(before, page.side, visitor, page.tab)
            if how is Leaving.END:
                check_holds(before, page.side, holder_of(call, page.side))
            seats = settled(before, now)
            after = end(seats, now) if how is Leaving.END else leave(seats, page.side, now)
            return self.seatings.keep(call_id, before, after)

        return self.follow.tell(call, retry(attempt, self.backoff))
