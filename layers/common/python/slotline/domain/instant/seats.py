"""The two seats of a room: who sits in which, who knocks, and who is really there.

Whoever takes a seat shows a secret that their tab makes up and keeps through a reload, so that to ask again after a
lost answer takes the same seat. The number of the tab counts how often the seat was taken, so that an older page of the
same person learns that a newer one has its place. Nobody tells a server that they vanished, so a seat is held as long
as something is heard of it: by its own page, or by the other side's, as long as the two are connected.

What happens to seats is noted in `untold` until the call's timeline has it: seats and timelines are kept in two places.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from slotline.domain.booking.rooms import Side
from slotline.domain.shared.errors import Conflict, Detail, Forbidden

VANISHED_AFTER = timedelta(seconds=45)
"""Without a word of somebody: four polls of a call under way."""
AWAY_FOR = timedelta(seconds=15)
"""How long a page that said it is going may take to come back: a reload says so, too."""
KNOCK_LASTS = timedelta(seconds=15)
"""How long a knock is heard. Who waits knocks again and again."""
COMES_BACK_WITHIN = timedelta(minutes=2)
"""How long a talk whose two sides are both gone without a word may go on again before it is over."""
MOST_TOLD = 200
"""Of a side: how often it comes and goes is told so many times."""


class Happening(StrEnum):
    """What the timeline hears of a room."""

    JOINED = "joined"
    TOGETHER = "together"
    """The second side has come."""
    LEFT = "left"
    ENDED = "ended"
    """The two had talked, and both are gone; or the host has ended it for both."""


class RecordingWish(StrEnum):
    """Whether the host wants the call recorded. Nothing is, before both have agreed."""

    OFF = "off"
    ON = "on"
    PAUSED = "paused"


class SeatTaken(Conflict):
    """Somebody else sits there. The host may let a replacement in."""

    code = "seat_taken"


class SeatLost(Conflict):
    """Another page, or another person, sits there by now."""

    code = "seat_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One of these, of whom, and when. `number`: of the tab, so that the same thing is told once."""

    what: Happening
    side: Side | None
    at: datetime
    number: int
    talked: timedelta = timedelta()
    """How long the two had been together until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A seat that somebody took. `visitor`: the hash of their secret."""

    visitor: str = field(repr=False)
    tab: int
    name: str | None
    joined_at: datetime
    taken_at: datetime
    """When its present page came: a reload joins nobody anew."""
    seen_at: datetime
    away_at: datetime | None = None
    """When its page said that it is going; None again once something is heard."""
    left_at: datetime | None = None
    linked_at: datetime | None = None
    """When it last said that it is connected to the other side."""
    agrees: bool | None = None
    """To be recorded; None: they have not said yet."""
    holder: str | None = None
    """What the right to it depends on: of a booking's host, which agent has the call."""

    @property
    def id(self) -> str:
        """Whose it is, as `Knock.id` says it."""
        return self.visitor[:16]

    def is_of(self, visitor: str) -> bool:
        """Whether this visitor took it."""
        return hmac.compare_digest(self.visitor, visitor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """Somebody wants a seat that is taken. `admitted`: the host has let them in."""

    side: Side
    visitor: str = field(repr=False)
    name: str | None
    at: datetime
    admitted: bool = False

    @property
    def id(self) -> str:
        """Tells this one from whoever knocks next."""
        return self.visitor[:16]

    def is_heard(self, now: datetime) -> bool:
        """Whether whoever knocked still waits."""
        return now - self.at < KNOCK_LASTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """Both seats of a room. `version` counts its changes; that somebody is heard of is none."""

    host: Seat | None = None
    guest: Seat | None = None
    knock: Knock | None = None
    met_at: datetime | None = None
    """When the two were first there together."""
    together_since: datetime | None = None
    talked: timedelta = timedelta()
    """How long both were there, but for the time since `together_since`."""
    ended_at: datetime | None = None
    wish: RecordingWish | None = None
    """The host's; None: as the call was started with."""
    untold: tuple[Happened, ...] = ()
    version: int = 0

    def of(self, side: Side) -> Seat | None:
        """The seat of a side, if it was ever taken."""
        return self.host if side is Side.HOST else self.guest

    def is_there(self, side: Side, now: datetime) -> bool:
        """Whether somebody sits there now."""
        seat = self.of(side)
        return seat is not None and seat.left_at is None and self._gone_since(side, seat, now) is None

    def are_together(self, now: datetime) -> bool:
        """Whether both do."""
        return all(self.is_there(side, now) for side in Side)

    @property
    def is_anybody_left(self) -> bool:
        """Whether somebody has not left, also if nothing is heard of them."""
        return any(seat is not None and seat.left_at is None for seat in (self.host, self.guest))

    def talked_until(self, now: datetime) -> timedelta:
        """How long both were there so far."""
        return self.talked + (max(now - self.together_since, timedelta()) if self.together_since else timedelta())

    def may_record(self, now: datetime) -> bool:
        """Whether what is said now may be recorded: the host wants it, and both are there and have agreed."""
        agree = all(seat is not None and seat.agrees for seat in (self.host, self.guest))
        return self.wish is RecordingWish.ON and agree and self.are_together(now)

    @property
    def have_talked(self) -> bool:
        """Whether the two were ever there together."""
        return self.met_at is not None

    def heard(self, side: Side) -> datetime | None:
        """When something was last heard of a side: by itself, or by the other one that is connected to it."""
        seat, other = self.of(side), self.of(side.other)
        if seat is None:
            return None
        linked = other.linked_at if other and other.linked_at and other.linked_at >= seat.joined_at else None
        return max(seat.seen_at, linked) if linked and seat.left_at is None else seat.seen_at

    def _gone_since(self, side: Side, seat: Seat, now: datetime) -> datetime | None:
        heard = self.heard(side) or seat.seen_at
        if seat.away_at is not None and heard <= seat.away_at <= now - AWAY_FOR:
            return seat.away_at
        return heard if now - heard >= VANISHED_AFTER else None


def settled(seats: Seats, now: datetime) -> Seats:
    """The seats once whoever vanished has left them, and once a talk that both have left for good is over."""
    vanished = [(max(gone, seat.joined_at), side, seat) for side, seat, gone in _gone(seats, now)]
    for gone, side, seat in sorted(vanished, key=lambda one: one[0]):
        seats = _left(seats, side, seat, gone)
    last = _empty_since(seats)
    if last is not None and seats.have_talked and seats.ended_at is None and now - last >= COMES_BACK_WITHIN:
        seats = _ended(seats, last)
    return seats


def renewed(seats: Seats) -> Seats:
    """The seats of a booking that has not started, whatever was: it was moved since, or its start was undone."""
    return replace(seats, met_at=None, together_since=None, ended_at=None, talked=timedelta())


def take(
    seats: Seats, side: Side, visitor: str, name: str | None, now: datetime, *, holder: str | None = None
) -> Seats:
    """The seats with this visitor in one.

    Whoever sat there before sits there again at once; so do whom the host let in, and the agent to whom the call was
    given meanwhile. Raises SeatTaken while somebody else is there. `seats` are settled.
    """
    there, knock = seats.of(side), seats.knock
    is_own = there is not None and there.is_of(visitor)
    is_admitted = (
        knock is not None
        and knock.admitted
        and knock.is_heard(now)
        and knock.side is side
        and hmac.compare_digest(knock.visitor, visitor)
    )
    has_right = there is not None and there.holder == holder
    if seats.is_there(side, now) and has_right and not is_own and not is_admitted:
        message = "Somebody has joined in this place already."
        raise SeatTaken(message, [Detail(message, "seat_taken")])
    is_back = is_own and there is not None and there.left_at is None
    if there is not None and there.left_at is None and not is_own:
        seats = _left(seats, side, there, now)
    seat = Seat(
        visitor=visitor,
        tab=there.tab + 1 if there else 1,
        name=name,
        joined_at=there.joined_at if is_back and there else now,
        taken_at=now,
        seen_at=now,
        agrees=there.agrees if is_own and there else None,
        holder=holder,
    )
    seats = replace(_with(seats, side, seat), knock=None if knock and knock.side is side else knock)
    if not is_back:
        seats = _noted(seats, Happened(what=Happening.JOINED, side=side, at=now, number=seat.tab))
    return _joined_up(seats, seat.tab, now)


def knock(seats: Seats, side: Side, visitor: str, name: str | None, now: datetime) -> Seats:
    """The seats with somebody who waits for one. Raises SeatTaken while somebody else waits for one.

    Whoever has proved to be the host goes before a guest, who may be anybody with the link.
    """
    heard = seats.knock
    goes_first = side is Side.HOST and heard is not None and heard.side is Side.GUEST
    is_other = heard is not None and not hmac.compare_digest(heard.visitor, visitor)
    if heard is not None and heard.is_heard(now) and is_other and not goes_first:
        message = "Somebody has joined in this place already, and somebody else waits to be let in."
        raise SeatTaken(message, [Detail(message, "somebody_waits")])
    is_same = heard is not None and hmac.compare_digest(heard.visitor, visitor)
    admitted = is_same and heard is not None and heard.admitted
    return replace(seats, knock=Knock(side=side, visitor=visitor, name=name, at=now, admitted=admitted))


def admit(seats: Seats, by: Side, knock_id: str, now: datetime) -> Seats:
    """The seats once this one who knocks may come in. Again: nothing changes.

    Raises Forbidden for a guest, or Conflict if they wait no more: somebody else may by now.
    """
    if by is not Side.HOST:
        message = "Only the host lets somebody in."
        raise Forbidden(message, [Detail(message, "not_host")])
    if any(seat is not None and seat.id == knock_id for seat in (seats.host, seats.guest)):
        return seats  # they have come in already
    if seats.knock is None or seats.knock.id != knock_id or not seats.knock.is_heard(now):
        message = "Nobody waits to be let in any more."
        raise Conflict(message, [Detail(message, "nobody_waits")])
    return replace(seats, knock=replace(seats.knock, admitted=True))


def say_of_recording(
    seats: Seats, side: Side, *, agrees: bool | None = None, wish: RecordingWish | None = None
) -> Seats:
    """The seats once this side has agreed or not, or the host wants it otherwise. Raises Forbidden for a guest's wish.

    Whoever wants it recorded has agreed, and a guest who had refused is asked again.
    """
    if wish is not None and side is not Side.HOST:
        message = "Only the host records the call."
        raise Forbidden(message, [Detail(message, "not_host")])
    seat, guest = seats.of(side), seats.guest
    if wish is RecordingWish.ON and seats.wish is RecordingWish.OFF and guest and guest.agrees is False:
        seats = replace(seats, guest=replace(guest, agrees=None))
    said = agrees if agrees is not None else True if wish is RecordingWish.ON else None
    if seat is not None and said is not None:
        seats = _with(seats, side, replace(seat, agrees=said))
    return replace(seats, wish=wish) if wish is not None else seats


def leave(seats: Seats, side: Side, now: datetime) -> Seats:
    """The seats once this side has left. A talk is over with the last one who leaves."""
    seat = seats.of(side)
    if seat is None or seat.left_at is not None:
        return seats
    seats = _left(seats, side, seat, now)
    is_over = seats.have_talked and not seats.is_there(side.other, now)
    return _ended(seats, now) if is_over and seats.ended_at is None else seats


def end(seats: Seats, now: datetime) -> Seats:
    """The seats once the host has ended the call for both."""
    for side in Side:
        seat = seats.of(side)
        if seat is not None and seat.left_at is None:
            seats = _left(seats, side, seat, now)
    return seats if seats.ended_at is not None else _ended(seats, now)


def told(seats: Seats, happened: Iterable[Happened]) -> Seats:
    """The seats once the timeline has heard of these."""
    gone = {(one.what, one.side, one.number) for one in happened}
    return replace(seats, untold=tuple(one for one in seats.untold if (one.what, one.side, one.number) not in gone))


def has_left(seats: Seats, side: Side, visitor: str, tab: int) -> bool:
    """Whether this page had the seat last, and left it."""
    seat = seats.of(side)
    return seat is not None and seat.is_of(visitor) and seat.tab == tab and seat.left_at is not None


def check_sits(seats: Seats, side: Side, visitor: str, tab: int) -> Seat:
    """The seat, if this page has it. Raises SeatLost for a page whose place another one has taken, or that left it."""
    seat = seats.of(side)
    if seat is None or not seat.is_of(visitor) or seat.tab != tab or seat.left_at is not None:
        message = "This page has its place in the call no more."
        raise SeatLost(message, [Detail(message, _why_lost(seat, visitor, tab))])
    return seat


def _why_lost(seat: Seat | None, visitor: str, tab: int) -> str:
    if seat is None or not seat.is_of(visitor):
        return "seat_lost"
    return "joined_elsewhere" if seat.tab != tab else "seat_left"


def check_holds(seats: Seats, side: Side, holder: str | None) -> None:
    """Raises SeatLost for a host whose call was given to another agent: with the link its powers end."""
    seat = seats.of(side)
    if seat is not None and seat.holder != holder:
        message = "Another agent has this call now."
        raise SeatLost(message, [Detail(message, "seat_left")])


def _joined_up(seats: Seats, number: int, now: datetime) -> Seats:
    if seats.together_since is not None or not seats.are_together(now):
        return seats
    if seats.met_at is not None:
        return replace(seats, together_since=now)
    seats = replace(seats, together_since=now, met_at=now)
    return _noted(seats, Happened(what=Happening.TOGETHER, side=None, at=now, number=number))


def _gone(seats: Seats, now: datetime) -> Iterable[tuple[Side, Seat, datetime]]:
    """Who has not left and is not there, since when."""
    for side in Side:
        seat = seats.of(side)
        gone = seats._gone_since(side, seat, now) if seat and seat.left_at is None else None  # noqa: SLF001 - its own
        if seat and gone is not None:
            yield side, seat, gone


def _left(seats: Seats, side: Side, seat: Seat, at: datetime) -> Seats:
    talked = seats.talked_until(at)
    seats = replace(_with(seats, side, replace(seat, left_at=at)), together_since=None, talked=talked)
    return _noted(seats, Happened(what=Happening.LEFT, side=side, at=at, number=seat.tab, talked=talked))


def _ended(seats: Seats, at: datetime) -> Seats:
    seats = replace(seats, ended_at=at)
    return _noted(seats, Happened(what=Happening.ENDED, side=None, at=at, number=seats.version, talked=seats.talked))


def _empty_since(seats: Seats) -> datetime | None:
    """Since when nobody is there; None while somebody is, or if nobody ever was."""
    left = [seat.left_at for seat in (seats.host, seats.guest) if seat is not None]
    known = [at for at in left if at is not None]
    return max(known) if known and len(known) == len(left) else None


def _with(seats: Seats, side: Side, seat: Seat) -> Seats:
    return replace(seats, host=seat) if side is Side.HOST else replace(seats, guest=seat)


def _noted(seats: Seats, happened: Happened) -> Seats:
    if happened.side is not None and happened.number > MOST_TOLD:
        return seats
    return replace(seats, untold=(*seats.untold, happened))
