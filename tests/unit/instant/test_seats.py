"""The two seats of a room: who may sit, who is there, and what a call hears of it."""

from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.seats import (
    AWAY_FOR,
    COMES_BACK_WITHIN,
    KNOCK_LASTS,
    MOST_TOLD,
    VANISHED_AFTER,
    Happening,
    SeatLost,
    Seats,
    SeatTaken,
    admit,
    check_sits,
    end,
    knock,
    leave,
    settled,
    take,
    told,
)
from slotline.domain.shared.errors import Conflict

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOST, GUEST = Side.HOST, Side.GUEST


def sat(seats: Seats, side: Side, visitor: str = "", at: datetime = NOW) -> Seats:
    """The seats once this visitor sits there."""
    return take(settled(seats, at), side, visitor or side.value, side.value.title(), at)


def heard(seats: Seats, side: Side, at: datetime) -> Seats:
    """The seats once something was heard of a side."""
    from dataclasses import replace

    seat = seats.of(side)
    assert seat
    after = replace(seat, seen_at=at, away_at=None)
    return replace(seats, host=after) if side is HOST else replace(seats, guest=after)


def news(seats: Seats) -> list[str]:
    """What is to be told, in order."""
    return [f"{one.what} {one.side}" if one.side else one.what.value for one in seats.untold]


def both(at: datetime = NOW) -> Seats:
    """Two who talk."""
    return sat(sat(Seats(), HOST, at=at), GUEST, at=at)


def test_the_first_one_joins_and_the_second_one_makes_it_a_talk():
    seats = sat(Seats(), HOST)
    assert news(seats) == ["joined host"]
    assert not seats.are_together(NOW)
    seats = sat(seats, GUEST, at=NOW + SECOND)
    assert news(seats) == ["joined host", "joined guest", "together"]
    assert seats.together_since == NOW + SECOND


def test_a_third_one_finds_the_seat_taken():
    with pytest.raises(SeatTaken):
        sat(both(), GUEST, "another")


def test_whoever_loads_the_page_again_sits_there_at_once_in_a_newer_tab_and_joins_nobody_anew():
    seats = sat(both(), GUEST, "guest", NOW + SECOND)
    assert seats.guest
    assert (seats.guest.visitor, seats.guest.tab, seats.guest.joined_at) == ("guest", 2, NOW)
    assert news(seats) == ["joined host", "joined guest", "together"]


def test_the_page_of_an_older_tab_has_its_seat_no_more_and_is_told_so():
    seats = sat(both(), GUEST, "guest", NOW)
    assert check_sits(seats, GUEST, "guest", 2)
    with pytest.raises(SeatLost) as lost:
        check_sits(seats, GUEST, "guest", 1)
    assert lost.value.details[0].code == "joined_elsewhere"
    with pytest.raises(SeatLost) as lost:
        check_sits(seats, GUEST, "somebody", 2)
    assert lost.value.details[0].code == "seat_lost"


def test_who_is_not_heard_of_has_left_when_they_were_last_heard():
    seats = heard(both(), HOST, NOW + VANISHED_AFTER)
    assert settled(seats, NOW + VANISHED_AFTER - SECOND) == seats
    after = settled(seats, NOW + VANISHED_AFTER)
    assert after.guest
    assert after.guest.left_at == NOW
    assert not after.are_together(NOW + VANISHED_AFTER)


def test_a_side_that_the_other_one_is_connected_to_is_there_whatever_the_server_hears_of_it():
    from dataclasses import replace

    seats = both()
    assert seats.host
    later = NOW + 10 * VANISHED_AFTER
    seats = replace(seats, host=replace(seats.host, seen_at=later, linked_at=later))
    assert seats.is_there(GUEST, later)
    assert settled(seats, later) == seats


def test_a_page_that_said_it_is_going_may_come_back_within_seconds():
    from dataclasses import replace

    seats = both()
    assert seats.guest
    seats = replace(seats, guest=replace(seats.guest, away_at=NOW + SECOND))
    assert seats.is_there(GUEST, NOW + AWAY_FOR)
    gone = settled(seats, NOW + SECOND + AWAY_FOR)
    assert gone.guest
    assert gone.guest.left_at == NOW + SECOND
    assert sat(gone, GUEST, "another", NOW + SECOND + AWAY_FOR).guest


def test_a_seat_that_was_left_is_free_for_anybody():
    seats = leave(sat(Seats(), GUEST), GUEST, NOW)
    assert sat(seats, GUEST, "another").is_there(GUEST, NOW)


def test_a_talk_is_over_with_the_last_one_who_leaves_and_says_how_long_it_was():
    seats = leave(heard(both(), HOST, NOW + 55 * SECOND), GUEST, NOW + 60 * SECOND)
    assert seats.ended_at is None
    seats = leave(seats, HOST, NOW + 90 * SECOND)
    assert seats.ended_at == NOW + 90 * SECOND
    assert news(seats)[3:] == ["left guest", "left host", "ended"]
    assert [one.talked for one in seats.untold[3:]] == [60 * SECOND] * 3


def test_nobody_ends_a_call_that_never_was_a_talk_by_leaving_it():
    assert leave(sat(Seats(), HOST), HOST, NOW).ended_at is None


def test_two_who_vanish_may_come_back_for_two_minutes():
    seats = settled(both(), NOW + VANISHED_AFTER)
    assert seats.ended_at is None
    back = sat(seats, GUEST, "guest", NOW + COMES_BACK_WITHIN - SECOND)
    assert back.ended_at is None
    over = settled(seats, NOW + COMES_BACK_WITHIN)
    assert over.ended_at == NOW


def test_time_apart_is_not_talked():
    seats = leave(both(), GUEST, NOW + 10 * SECOND)
    seats = heard(seats, HOST, NOW + 40 * SECOND)
    seats = sat(seats, GUEST, "guest", NOW + 40 * SECOND)
    seats = end(seats, NOW + 45 * SECOND)
    assert seats.talked == 15 * SECOND
    assert [one.what for one in seats.untold].count(Happening.TOGETHER) == 1


def test_the_host_ends_it_for_both_and_ending_it_again_changes_nothing():
    seats = end(both(), NOW + SECOND)
    assert news(seats)[3:] == ["left host", "left guest", "ended"]
    assert end(seats, NOW + 2 * SECOND) == seats


def test_whoever_knocks_is_let_in_in_the_place_of_whoever_sits_there():
    seats = knock(both(), GUEST, "new", "Nia", NOW)
    with pytest.raises(SeatTaken):
        sat(seats, GUEST, "new")
    seats = sat(admit(seats, HOST, "new", NOW), GUEST, "new", NOW + SECOND)
    assert seats.guest
    assert (seats.guest.visitor, seats.knock) == ("new", None)
    assert news(seats)[3:] == ["left guest", "joined guest"]
    assert seats.are_together(NOW + SECOND)


def test_only_one_knocks_at_a_time_and_a_knock_that_stops_is_forgotten():
    seats = knock(both(), GUEST, "new", None, NOW)
    with pytest.raises(SeatTaken):
        knock(seats, GUEST, "other", None, NOW + SECOND)
    with pytest.raises(Conflict):
        admit(seats, HOST, "new", NOW + KNOCK_LASTS)
    assert knock(seats, GUEST, "other", None, NOW + KNOCK_LASTS).knock


def test_who_has_proved_to_be_the_host_waits_behind_no_guest():
    seats = knock(both(), GUEST, "anybody", None, NOW)
    waiting = knock(seats, HOST, "other", None, NOW).knock
    assert waiting
    assert waiting.side is HOST
    with pytest.raises(SeatTaken):
        knock(knock(seats, HOST, "other", None, NOW), GUEST, "anybody", None, NOW)


def test_to_let_in_whoever_is_in_already_changes_nothing():
    seats = admit(knock(both(), GUEST, "new", None, NOW), HOST, "new", NOW)
    seats = sat(seats, GUEST, "new", NOW)
    assert admit(seats, HOST, "new", NOW) == seats


def test_who_was_let_in_and_does_not_come_waits_like_anybody():
    seats = admit(knock(both(), GUEST, "new", None, NOW), HOST, "new", NOW)
    seats = heard(seats, GUEST, NOW + KNOCK_LASTS)
    with pytest.raises(SeatTaken):
        take(seats, GUEST, "new", None, NOW + KNOCK_LASTS)


def test_endless_coming_and_going_is_told_so_often_and_no_more():
    seats = Seats()
    for _ in range(MOST_TOLD + 50):
        seats = leave(sat(seats, GUEST, "anybody"), GUEST, NOW)
    assert len(seats.untold) == 2 * MOST_TOLD


def test_who_was_let_in_stays_so_while_knocking():
    seats = admit(knock(both(), GUEST, "new", None, NOW), HOST, "new", NOW)
    again = knock(seats, GUEST, "new", None, NOW + SECOND).knock
    assert again
    assert again.admitted


def test_what_was_told_is_struck_off():
    seats = both()
    assert told(seats, seats.untold[:2]).untold == seats.untold[2:]
