"""Who missed a call that did not take place, by what its room knows."""

from datetime import UTC, datetime, timedelta

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.missing import Missing, missing_from
from slotline.domain.instant.seats import VANISHED_AFTER, Seats, leave, take

NOW = datetime(2026, 5, 4, 10, 15, tzinfo=UTC)
OPENED = NOW - timedelta(hours=1)


def sat(seats: Seats, side: Side, at: datetime = NOW) -> Seats:
    """The seats once somebody sits there."""
    return take(seats, side, side.value, None, at)


def test_where_one_waits_the_other_one_is_missing():
    assert missing_from(sat(Seats(), Side.HOST), OPENED, NOW) is Missing.GUEST
    assert missing_from(sat(Seats(), Side.GUEST), OPENED, NOW) is Missing.AGENT


def test_where_nobody_ever_came_both_are_missing():
    assert missing_from(Seats(), OPENED, NOW) is Missing.BOTH


def test_who_waited_in_vain_and_left_was_there_all_the_same():
    assert missing_from(leave(sat(Seats(), Side.GUEST), Side.GUEST, NOW), OPENED, NOW) is Missing.AGENT


def test_where_one_came_and_left_before_the_other_one_came_who_is_not_there_is_missing():
    early = leave(sat(Seats(), Side.GUEST), Side.GUEST, NOW)
    assert missing_from(sat(early, Side.HOST), OPENED, NOW) is Missing.GUEST


def test_where_both_came_and_neither_is_there_both_are_missing():
    one = leave(sat(Seats(), Side.GUEST), Side.GUEST, NOW)
    other = sat(one, Side.HOST)
    assert missing_from(other, OPENED, NOW + VANISHED_AFTER + timedelta(seconds=1)) is Missing.BOTH


def test_of_two_who_are_there_nobody_is_missing():
    assert missing_from(sat(sat(Seats(), Side.GUEST), Side.HOST), OPENED, NOW) is None


def test_who_was_there_for_an_earlier_time_of_the_call_never_came():
    day_before = leave(sat(Seats(), Side.HOST, NOW - timedelta(days=1)), Side.HOST, NOW - timedelta(days=1))
    assert missing_from(day_before, OPENED, NOW) is Missing.BOTH
