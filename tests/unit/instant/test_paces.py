"""How often a room's page asks the server, and how many requests a call makes by that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.paces import AT_FIRST, CONNECTING_AT_FIRST, EXPECTING, LATER, QUIETLY, ask_again_in
from slotline.domain.instant.seats import VANISHED_AFTER, Seat, Seats

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seat(at: datetime = NOW, linked_at: datetime | None = None) -> Seat:
    """Somebody who came then and was heard of until now."""
    return Seat(visitor="v", tab=1, name=None, joined_at=at, taken_at=at, seen_at=NOW, linked_at=linked_at)


def test_one_who_has_just_come_expects_the_other_side_at_any_moment():
    for ago, pace in ((timedelta(), LATER), (EXPECTING, QUIETLY)):
        assert ask_again_in(Seats(host=seat(NOW - ago)), Side.HOST, NOW, is_linked=False) == pace


def test_one_who_waits_alone_asks_every_ten_seconds_and_so_180_times_in_half_an_hour():
    alone = Seats(host=seat(NOW - MINUTE))
    assert ask_again_in(alone, Side.HOST, NOW, is_linked=False) == QUIETLY
    assert 30 * MINUTE / QUIETLY == 180


def test_two_who_look_for_each_other_ask_every_second_and_after_half_a_minute_every_two():
    for ago, pace in ((timedelta(), AT_FIRST), (CONNECTING_AT_FIRST, LATER)):
        seats = Seats(host=seat(NOW - 5 * MINUTE), guest=seat(NOW - ago))
        assert ask_again_in(seats, Side.HOST, NOW, is_linked=False) == pace
        assert ask_again_in(seats, Side.GUEST, NOW, is_linked=False) == pace


def test_a_connection_that_broke_is_looked_for_as_at_first():
    broke = NOW - timedelta(seconds=10)
    seats = Seats(host=seat(NOW - 5 * MINUTE, linked_at=broke), guest=seat(NOW - 5 * MINUTE, linked_at=broke))
    assert ask_again_in(seats, Side.HOST, NOW, is_linked=False) == AT_FIRST


def test_who_is_connected_asks_every_ten_seconds():
    seats = Seats(host=seat(), guest=seat())
    assert ask_again_in(seats, Side.HOST, NOW, is_linked=True) == QUIETLY


def test_who_has_left_is_not_looked_for():
    seats = Seats(host=seat(NOW - MINUTE), guest=replace(seat(), left_at=NOW))
    assert ask_again_in(seats, Side.HOST, NOW, is_linked=False) == QUIETLY


def test_a_page_that_loses_three_polls_is_not_taken_for_gone():
    assert 4 * QUIETLY < VANISHED_AFTER
