"""What happens in a room is told to its call: the timeline of a booking, or the record of an instant call.

Seats change first, and note what is to be told. It is told under a key of its own, so that it is told once however
often somebody tries, and then struck off the note. Whoever comes next tells what a process that died has left, and
where nobody comes, the room's wake-up does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.rooms import RoomKind
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.instant.seats import Happened, Seats, told
from slotline.domain.shared.errors import DomainError, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.ports.instant import Rooms, Seatings
from slotline.ports.shared import Backoff, RaceLost, StoreBusyError
from slotline.usecases.booking.change_call import ChangeCall
from slotline.usecases.instant.happenings import actor_of, decide_on
from slotline.usecases.shared.retrying import retry

LOOKED_AFTER = timedelta(minutes=2)
"""How often somebody looks into a room that has anybody in it, whoever was heard of meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowRoom:
    """Lets a call follow its room."""

    rooms: Rooms
    seatings: Seatings
    change_call: Callable[[], ChangeCall]
    backoff: Backoff

    def watch(self, call: VideoCall, now: datetime) -> None:
        """See to it that somebody looks into the room soon, also if nothing is heard of it any more."""
        self.rooms.look_in_at(call.id, now + LOOKED_AFTER)

    def tell(self, call: VideoCall, seats: Seats) -> Seats:
        """Tell the call what its seats have noted; the seats as they are then.

        What cannot be told now is told later: whoever joins or talks is not held up by it.
        """
        if not seats.untold:
            return seats
        done: list[Happened] = []
        try:
            for happened in seats.untold:
                self._tell(call, happened)
                done.append(happened)
        except (StoreBusyError, Unavailable):
            if not done:
                return seats
        return self._struck_off(call.id, done)

    def _tell(self, call: VideoCall, happened: Happened) -> None:
        key = _key(call, happened)
        if call.kind is RoomKind.INSTANT:
            self.rooms.happened(call, happened, key)
            return
        decide = decide_on(happened)
        try:
            self.change_call()(call.app_id, call.id, decide, actor_of(call, happened), key, no_rate_limit)
        except Unavailable:
            raise
        except DomainError:
            return  # the call has become something in which this is no news

    def _struck_off(self, call_id: str, done: list[Happened]) -> Seats:
        def attempt() -> Seats:
            before = self.seatings.read(call_id)
            after = told(before, done)
            return before if after == before else self.seatings.keep(call_id, before, after)

        return retry(attempt, self.backoff, on=(RaceLost,))


def _key(call: VideoCall, happened: Happened) -> IdempotencyKey:
    """Under which it is told once."""
    said = f"{happened.what}-{happened.side or 'both'}-{happened.number}"
    return IdempotencyKey(principal=f"room-{call.id}", route="room", key=said, fingerprint=said)
