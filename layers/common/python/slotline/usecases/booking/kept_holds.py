"""Read a hold, and let it go before its time. A hold is its holder's alone: to others it is as none."""

from dataclasses import dataclass

from slotline.domain.booking.agent_days import release
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.holds import Holder, live_holds
from slotline.domain.shared.errors import AppNotFound, NotFound, Unavailable
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import Bookings, LetGo
from slotline.ports.shared import Backoff, Clock, RaceLost, StoreBusyError
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptHolds:
    """The holds of a holder: the first of `holders`; the others count them too."""

    bookings: Bookings
    clock: Clock
    backoff: Backoff

    def read(self, app_id: str, holders: tuple[Holder, ...], hold_id: str) -> Hold:
        """The live hold of this id. Raises AppNotFound, NotFound or StoreBusyError."""
        now = self.clock.now()
        seen = self.bookings.read_for_booking(app_id, None, Interval.starting(now, MINUTE), None, [holders[0].identity])
        if seen.app is None:
            raise AppNotFound("There is no such app.")
        (window,) = seen.customers
        if hold_id not in live_holds(window, now) or hold_id not in window.holds:
            raise NotFound("There is no hold of this id, or it was spent or let go, or its time ran out.")
        return window.holds[hold_id]

    def let_go(self, app_id: str, holders: tuple[Holder, ...], hold_id: str) -> Hold:
        """Give its time back, now; the hold as it was. Raises AppNotFound, NotFound or Unavailable."""
        may_be_gone: list[Hold] = []

        def act() -> Hold:
            try:
                hold = self.read(app_id, holders, hold_id)
            except NotFound:
                if may_be_gone:  # an earlier try got through, and its answer was lost
                    return may_be_gone[0]
                raise
            gone = LetGo(hold=hold, identities=[holder.identity for holder in holders])
            try:
                self.bookings.let_go(app_id, release(hold.agent_id, hold.claim), gone)
            except StoreBusyError:
                may_be_gone.append(hold)
                raise
            return hold

        gave_up = Unavailable("The hold could not be let go in time. Ask again.")
        return retry(act, self.backoff, on=(RaceLost, StoreBusyError), or_else=gave_up)
