"""A page in a room says that it is there, leaves what it has for the other side, and takes what that one left.

This is asked every few seconds for as long as anybody is in a room: two requests to the store, and a third one for
whoever has something to leave.
"""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.access.identity import secret_hash
from slotline.domain.instant.doors import was_closed
from slotline.domain.instant.mail import checked
from slotline.domain.instant.paces import ask_again_in
from slotline.domain.instant.rooms import VideoCall, holder_of
from slotline.domain.instant.seats import Seats, admit, check_holds, check_sits, end, say_of_recording, settled
from slotline.domain.instant.visits import Report, Synced
from slotline.ports.instant import Mailboxes, Rooms, Seatings
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.instant.follow_room import FollowRoom
from slotline.usecases.instant.read_call import visit_room
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRoom:
    """Brings a page and its room to the same state."""

    rooms: Rooms
    seatings: Seatings
    mailboxes: Mailboxes
    follow: FollowRoom
    clock: Clock
    backoff: Backoff

    def __call__(self, call_id: str, report: Report) -> Synced:
        """What the page is told. Raises SeatLost for a page without a seat, or InvalidRequest."""
        page, now = report.page, self.clock.now()
        letters = checked(report.letters)
        seats = self._heard(call_id, report, now)
        self.mailboxes.put(call_id, page.side.other, letters, now)
        seat = seats.of(page.side)
        found = self.mailboxes.read(call_id, page.side, report.after, seat.joined_at if seat else now, now)
        call = app = None
        if report.asks_of_call or report.changes_seats or seats.untold or settled(seats, now) != seats:
            call, app = visit_room(self.rooms, call_id)
            check_holds(seats, page.side, holder_of(call, page.side))
            seats = self._followed(call, seats, report, now)
        wait = ask_again_in(seats, page.side, now, is_linked=report.is_linked)
        if not report.asks_of_call:
            call = app = None
        return Synced(seats=seats, letters=found, ask_again_in=wait, now=now, call=call, app=app)

    def _heard(self, call_id: str, report: Report, now: datetime) -> Seats:
        page, visitor = report.page, secret_hash(report.page.secret)
        seats = self.seatings.heard(call_id, page.side, visitor, page.tab, now, is_linked=report.is_linked)
        if seats is None:
            check_sits(self.seatings.read(call_id), page.side, visitor, page.tab)
            seats = self.seatings.read(call_id)  # taken again in this moment, by this very page
        return seats

    def _followed(self, call: VideoCall, seats: Seats, report: Report, now: datetime) -> Seats:
        """Who vanished has left, what was asked of the seats is done, and the timeline is told."""
        page, visitor = report.page, secret_hash(report.page.secret)

        def attempt() -> Seats:
            before = self.seatings.read(call.id)
            check_sits(before, page.side, visitor, page.tab)
            after = settled(before, now)
            if was_closed(call) and after.ended_at is None:
                return self.seatings.keep(call.id, before, end(after, now))
            if report.admits is not None:
                after = admit(after, page.side, report.admits, now)
            after = say_of_recording(after, page.side, agrees=report.agrees, wish=report.wish)
            return before if after == before else self.seatings.keep(call.id, before, after)

        has_changed = report.changes_seats or settled(seats, now) != seats or was_closed(call)
        return self.follow.tell(call, retry(attempt, self.backoff) if has_changed else seats)
