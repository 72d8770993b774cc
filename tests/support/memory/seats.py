"""Seats of rooms and their mail, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.mail import KEPT_FOR, MOST_READ, Letter
from slotline.domain.instant.seats import Seat, Seats
from slotline.ports.shared import RaceLost
from tests.support.memory.store import MemoryStore


@dataclass
class MemorySeatings:
    """`Seatings` on a store in memory."""

    store: MemoryStore

    def read(self, call_id: str) -> Seats:
        """One instant of the whole store."""
        with self.store.reading():
            return self.store.seats.get(call_id, Seats())

    def heard(
        self, call_id: str, side: Side, visitor: str, tab: int, now: datetime, *, is_linked: bool
    ) -> Seats | None:
        """Under one lock."""
        with self.store.writing():
            seat = self._of_page(call_id, side, visitor, tab)
            if seat is None:
                return None
            linked_at = now if is_linked else seat.linked_at
            self._put(call_id, side, replace(seat, seen_at=now, away_at=None, linked_at=linked_at))
            return self.store.seats[call_id]

    def away(self, call_id: str, side: Side, visitor: str, tab: int, now: datetime) -> None:
        """Under one lock."""
        with self.store.writing():
            seat = self._of_page(call_id, side, visitor, tab)
            if seat is not None:
                self._put(call_id, side, replace(seat, away_at=now))

    def keep(self, call_id: str, before: Seats, after: Seats) -> Seats:
        """Under one lock. What was heard of a seat meanwhile stands, unless this changes it."""
        with self.store.writing():
            there = self.store.seats.get(call_id, Seats())
            if there.version != before.version:
                raise RaceLost
            kept = replace(after, version=before.version + 1)
            for side in Side:
                if after.of(side) == before.of(side) and there.of(side):
                    kept = replace(kept, **{side.value: there.of(side)})
            self.store.seats[call_id] = kept
            return kept

    def _of_page(self, call_id: str, side: Side, visitor: str, tab: int) -> Seat | None:
        seat = self.store.seats.get(call_id, Seats()).of(side)
        has_it = seat is not None and seat.is_of(visitor) and seat.tab == tab and seat.left_at is None
        return seat if has_it else None

    def _put(self, call_id: str, side: Side, seat: Seat) -> None:
        seats = self.store.seats[call_id]
        self.store.seats[call_id] = replace(seats, host=seat) if side is Side.HOST else replace(seats, guest=seat)


@dataclass
class MemoryMailboxes:
    """`Mailboxes` on a store in memory."""

    store: MemoryStore

    def put(self, call_id: str, to: Side, letters: Sequence[Letter], now: datetime) -> None:
        """Under one lock."""
        with self.store.writing():
            for letter in letters:
                self.store.mail[call_id, to, letter.place] = (letter, now)

    def read(self, call_id: str, of: Side, after: str, since: datetime, now: datetime) -> Sequence[Letter]:
        """One instant of the whole store."""
        with self.store.reading():
            of_side = sorted(place for place in self.store.mail if place[:2] == (call_id, of) and place[2] > after)
            found = [self.store.mail[place] for place in of_side]
        return [letter for letter, at in found if since <= at and now < at + KEPT_FOR][:MOST_READ]
