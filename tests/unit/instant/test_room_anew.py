"""A room of a booking that was moved, opened again, given to another agent, or ended by somebody outside it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.missing import missing_from
from slotline.domain.instant.rooms import VideoCallStatus
from slotline.domain.instant.seats import VANISHED_AFTER, SeatLost
from slotline.domain.instant.visits import Leaving
from slotline.domain.shared.due import Due, DueKind
from slotline.store.dynamodb import keys
from slotline.usecases.booking.advance_call import advance
from slotline.usecases.booking.call_changes import CancelCall, ReopenCall
from slotline.usecases.instant.enter_room import RoomClosed
from tests.support.worlds.parlour import Parlour

HOST, GUEST = Side.HOST, Side.GUEST


def test_a_host_who_ended_it_before_anybody_came_closes_no_later_time_of_the_call():
    house = Parlour()
    call = house.soon()
    house.leave(call.id, house.enter(call.id, HOST), Leaving.END)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.SCHEDULED
    assert not house.enter(call.id, GUEST).waits, "the guest comes on time"


def test_a_start_that_was_undone_is_followed_by_another_one():
    house = Parlour()
    call = house.soon()
    for one in (house.enter(call.id, HOST), house.enter(call.id, GUEST)):
        house.leave(call.id, one) if one.entered.side is HOST else None
    assert house.store.calls[call.app_id, call.id].status is CallStatus.STARTED
    house.change(call, ReopenCall(calls=house.store, reason="a mistake"))
    assert house.store.calls[call.app_id, call.id].status is CallStatus.SCHEDULED
    house.clock.advance(seconds=10)
    house.enter(call.id, HOST)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.STARTED


def test_two_who_are_there_together_miss_nothing():
    house = Parlour()
    call = house.soon()
    house.enter(call.id, HOST)
    house.enter(call.id, GUEST)
    waiting = replace(house.store.calls[call.app_id, call.id], status=CallStatus.SCHEDULED)
    now = call.scheduled_at + call.grace
    seats = house.seatings.read(call.id)
    found = missing_from(seats, call.scheduled_at - timedelta(hours=1), house.clock.now())
    assert found is None
    change = advance(house.store, waiting, house.store.apps[call.app_id], now, lambda _call, _now: found)
    assert change
    assert change.call.status is CallStatus.STARTED


@pytest.mark.parametrize("by", ["cancelled", "ended"])
def test_who_sits_in_a_call_that_was_ended_outside_its_room_is_told_so(by: str):
    house = Parlour()
    call_id = house.soon().id if by == "cancelled" else house.instant()
    host, guest = house.enter(call_id, HOST), house.enter(call_id, GUEST)
    if by == "cancelled":
        call = next(one for (_, of), one in house.store.calls.items() if of == call_id)
        house.change(call, CancelCall(reason=None))
    else:
        there = house.rooms.find(call_id)
        assert there
        house.rooms.end(replace(there, status=VideoCallStatus.ENDED, ended_at=house.clock.now()), None)
    assert house.sync(call_id, host, asks_of_call=True).seats.ended_at == house.clock.now()
    for one in (host, guest):
        with pytest.raises(SeatLost):
            house.sync(call_id, one)
    with pytest.raises(RoomClosed):
        house.enter(call_id, GUEST, guest.secret)


def test_where_nobody_asks_any_more_the_wake_up_ends_such_a_call():
    house = Parlour()
    call_id = house.instant()
    house.enter(call_id, HOST)
    house.enter(call_id, GUEST)
    there = house.rooms.find(call_id)
    assert there
    house.rooms.end(replace(there, status=VideoCallStatus.ENDED, ended_at=house.clock.now()), None)
    house.look_in(call_id)
    assert house.told(call_id)[-1] == "ended"


def test_whoever_enters_while_somebody_looks_in_is_looked_after():
    house = Parlour()
    call_id = house.instant()
    guest = house.enter(call_id, GUEST)
    house.leave(call_id, guest)
    at = house.store.looks[call_id]
    house.clock.instant = at
    house.enter(call_id, HOST)  # after the wake-up was sent out, and before it is done
    house.rooms.look_in_no_more(call_id, at)
    assert house.store.looks[call_id] > at
    due = Due(kind=DueKind.ROOM, **keys.room(call_id), at=at)
    assert house.rooms.due(due) is None


def test_who_went_first_is_told_first_and_nobody_talks_with_whoever_is_gone():
    house = Parlour()
    call_id = house.instant()
    host, guest = house.enter(call_id, HOST), house.enter(call_id, GUEST)
    house.clock.advance(seconds=10)
    house.sync(call_id, guest)
    house.clock.advance(seconds=30)
    house.sync(call_id, host)
    house.clock.advance(seconds=int(VANISHED_AFTER.total_seconds()) + 1)
    seats = house.look_in(call_id)
    assert seats
    assert house.told(call_id)[-2:] == ["left guest", "left host"]
    assert seats.talked == timedelta(seconds=10)


def test_leaving_again_after_a_lost_answer_is_the_same():
    house = Parlour()
    call_id = house.instant()
    host, guest = house.enter(call_id, HOST), house.enter(call_id, GUEST)
    first = house.leave(call_id, guest)
    assert house.leave(call_id, guest) == first
    house.leave(call_id, host, Leaving.END)
    assert house.leave(call_id, host, Leaving.END).ended_at == house.clock.now()
    assert house.told(call_id).count("ended") == 1
