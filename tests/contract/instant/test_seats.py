"""Seats of rooms: one takes a seat at a time, signs of life are never lost, and a page without a seat leaves none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.seats import Seats, admit, knock, leave, take, told
from slotline.ports.shared import RaceLost, StoreBusyError
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import new_id

SECOND = timedelta(seconds=1)
CALL = new_id()


def sat(seats: Seats, side: Side, visitor: str | None = None) -> Seats:
    """The seats once this visitor sits there."""
    return take(seats, side, visitor or side.value, f"{side} é", NOW)


@pytest.fixture
def both(backend: Backend) -> Seats:
    """Two who talk, as they are kept."""
    first = backend.seatings.keep(CALL, Seats(), sat(Seats(), Side.HOST))
    return backend.seatings.keep(CALL, first, sat(first, Side.GUEST))


def test_a_room_that_nobody_entered_has_empty_seats(backend: Backend) -> None:
    assert backend.seatings.read(CALL) == Seats()


def test_seats_read_back_with_everything_they_had(backend: Backend, both: Seats) -> None:
    assert backend.seatings.read(CALL) == both
    knocked = admit(knock(both, Side.GUEST, "new", "Nia", NOW), Side.HOST, "new", NOW)
    kept = backend.seatings.keep(CALL, both, leave(knocked, Side.GUEST, NOW + 5 * SECOND))
    assert backend.seatings.read(CALL) == kept
    assert (kept.version, kept.knock and kept.knock.admitted, kept.talked) == (3, True, 5 * SECOND)


def test_what_was_told_is_struck_off_whatever_the_clock_says_behind_milliseconds(backend: Backend) -> None:
    at = NOW + timedelta(microseconds=1_234_567)
    kept = backend.seatings.keep(CALL, Seats(), take(Seats(), Side.HOST, "host", None, at))
    assert told(backend.seatings.read(CALL), kept.untold).untold == ()


def test_what_is_taken_away_is_gone(backend: Backend, both: Seats) -> None:
    knocked = backend.seatings.keep(CALL, both, knock(both, Side.GUEST, "new", None, NOW))
    kept = backend.seatings.keep(CALL, knocked, replace(knocked, knock=None, untold=()))
    assert backend.seatings.read(CALL) == kept
    assert (kept.knock, kept.untold) == (None, ())


def test_of_two_who_take_a_seat_one_has_it(backend: Backend) -> None:
    backend.seatings.keep(CALL, Seats(), sat(Seats(), Side.GUEST, "one"))
    with pytest.raises(RaceLost):
        backend.seatings.keep(CALL, Seats(), sat(Seats(), Side.GUEST, "other"))
    seat = backend.seatings.read(CALL).guest
    assert seat
    assert seat.visitor == "one"


def test_a_sign_of_life_is_kept_and_brings_both_seats_back(backend: Backend, both: Seats) -> None:
    backend.seatings.away(CALL, Side.GUEST, "guest", 1, NOW + SECOND)
    away = backend.seatings.read(CALL).guest
    assert away
    assert away.away_at == NOW + SECOND
    seats = backend.seatings.heard(CALL, Side.GUEST, "guest", 1, NOW + 2 * SECOND, is_linked=True)
    assert seats == backend.seatings.read(CALL)
    assert seats
    assert seats.guest
    assert both.guest
    heard = replace(both.guest, seen_at=NOW + 2 * SECOND, linked_at=NOW + 2 * SECOND)
    assert seats == replace(both, guest=heard)


def test_a_sign_of_life_that_comes_while_seats_change_stands(backend: Backend, both: Seats) -> None:
    backend.seatings.heard(CALL, Side.HOST, "host", 1, NOW + SECOND, is_linked=False)
    backend.seatings.keep(CALL, both, leave(both, Side.GUEST, NOW + SECOND))
    host = backend.seatings.read(CALL).host
    assert host
    assert host.seen_at == NOW + SECOND


@pytest.mark.parametrize(("visitor", "tab"), [("other", 1), ("guest", 2)])
def test_a_page_that_does_not_have_the_seat_leaves_no_sign(
    backend: Backend, both: Seats, visitor: str, tab: int
) -> None:
    assert backend.seatings.heard(CALL, Side.GUEST, visitor, tab, NOW + SECOND, is_linked=True) is None
    backend.seatings.away(CALL, Side.GUEST, visitor, tab, NOW + SECOND)
    assert backend.seatings.read(CALL) == both


def test_who_has_left_leaves_no_sign_and_neither_does_anybody_in_an_empty_room(backend: Backend, both: Seats) -> None:
    kept = backend.seatings.keep(CALL, both, leave(both, Side.GUEST, NOW))
    assert backend.seatings.heard(CALL, Side.GUEST, "guest", 1, NOW + SECOND, is_linked=True) is None
    assert backend.seatings.read(CALL) == kept
    assert backend.seatings.heard(new_id(), Side.GUEST, "guest", 1, NOW, is_linked=True) is None


def test_a_store_that_is_busy_says_so(backend: Backend, both: Seats) -> None:
    with backend.throttled(), pytest.raises(StoreBusyError):
        backend.seatings.read(CALL)
    with backend.throttled(), pytest.raises(StoreBusyError):
        backend.seatings.heard(CALL, Side.GUEST, "guest", 1, NOW, is_linked=True)
    with backend.throttled(), pytest.raises(StoreBusyError):
        backend.seatings.keep(CALL, both, both)
