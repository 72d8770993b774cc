"""People come into a room, talk and leave, and the call follows: a booking's timeline, or an instant call's record."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.mail import LONGEST, MOST_AT_ONCE, MOST_OF_TAB, Letter
from slotline.domain.instant.rooms import VideoCallStatus
from slotline.domain.instant.seats import COMES_BACK_WITHIN, VANISHED_AFTER, RecordingWish, SeatLost
from slotline.domain.instant.visits import Leaving
from slotline.domain.shared.errors import Conflict, Forbidden, InvalidRequest, NotFound
from slotline.ports.shared import StoreBusyError
from slotline.usecases.booking.call_changes import CancelCall
from slotline.usecases.instant.enter_room import RoomClosed
from tests.support.builders.bookings import AGENT, new_id
from tests.support.memory.faults import Crashed, Fault
from tests.support.worlds.parlour import Parlour, Visitor

HOST, GUEST = Side.HOST, Side.GUEST
ROOM_EVENTS = ("joined", "started", "left", "ended", "completed", "no_show")


def happened(house: Parlour, call) -> list[str]:
    """What the timeline says of the room, in order."""
    return [name for _, name in house.events(call) if name in ROOM_EVENTS]


def test_a_call_starts_with_the_second_side_and_is_completed_when_both_have_left():
    house = Parlour()
    call = house.soon()
    guest = house.enter(call.id, GUEST)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.SCHEDULED
    host = house.enter(call.id, HOST)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.STARTED
    house.clock.advance(seconds=30)
    house.leave(call.id, guest)
    house.leave(call.id, host)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.COMPLETED
    assert happened(house, call) == ["joined", "joined", "started", "left", "left", "ended", "completed"]
    events = house.store.events[call.app_id, call.id]
    sides = [event.payload["side"] for event in events if event.event_type.value in ("joined", "left")]
    assert sides == ["guest", "host", "guest", "host"]
    (ended,) = [event for event in events if event.event_type.value == "ended"]
    assert ended.payload["talked_seconds"] == 30
    house.check_time()


def test_an_instant_call_is_started_and_ended_by_its_people():
    house = Parlour()
    call_id = house.instant()
    host, guest = house.enter(call_id, HOST), house.enter(call_id, GUEST)
    found = house.rooms.find(call_id)
    assert found
    assert (found.status, found.started_at) == (VideoCallStatus.STARTED, house.clock.now())
    house.clock.advance(seconds=10)
    house.leave(call_id, host)
    house.leave(call_id, guest)
    found = house.rooms.find(call_id)
    assert found
    assert (found.status, found.ended_at, found.ended_by) == (VideoCallStatus.ENDED, house.clock.now(), "room")
    assert house.told(call_id) == ["joined host", "joined guest", "together", "left host", "left guest", "ended"]
    with pytest.raises(RoomClosed):
        house.enter(call_id, GUEST, guest.secret)


def test_the_host_ends_it_for_both_and_a_guest_does_not():
    house = Parlour()
    call = house.soon()
    host, guest = house.enter(call.id, HOST), house.enter(call.id, GUEST)
    with pytest.raises(Forbidden):
        house.leave(call.id, guest, Leaving.END)
    house.leave(call.id, host, Leaving.END)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.COMPLETED
    with pytest.raises(SeatLost):
        house.sync(call.id, guest)


def test_a_host_needs_a_token_and_a_guest_the_link():
    house = Parlour()
    call_id = house.instant()
    for token in ("", "x", house.token(call_id, GUEST), house.token(house.instant())):
        with pytest.raises(Forbidden):
            house.enter(call_id, HOST, token=token)
    assert house.enter(call_id, GUEST).seats.guest


def test_with_join_tokens_a_guest_needs_one_too():
    house = Parlour()
    call_id = house.instant(join_tokens=True)
    with pytest.raises(Forbidden):
        house.enter(call_id, GUEST)
    with pytest.raises(Forbidden):
        house.enter(call_id, GUEST, token=house.token(call_id, HOST))
    assert house.enter(call_id, GUEST, token=house.token(call_id, GUEST)).seats.guest


def test_the_token_of_a_booking_dies_when_another_agent_has_it():
    house = Parlour()
    call = house.soon()
    token = house.token(call.id)
    house.update(call, assigned_agent_id="agent-2")
    with pytest.raises(Forbidden):
        house.enter(call.id, HOST, token=token)
    assert house.enter(call.id, HOST, token=house.token(call.id)).seats.host


@pytest.mark.parametrize(
    ("before", "code"), [(timedelta(minutes=61), "room_early"), (timedelta(minutes=-31), "room_late")]
)
def test_nobody_comes_in_long_before_a_call_or_after_it(before: timedelta, code: str):
    house = Parlour()
    call = house.book()
    house.clock.instant = call.scheduled_at - before
    with pytest.raises(RoomClosed) as closed:
        house.enter(call.id, GUEST)
    assert closed.value.details[0].code == code


def test_nobody_comes_in_to_a_cancelled_call_and_who_is_there_does_not_come_back():
    house = Parlour()
    call = house.soon()
    guest = house.enter(call.id, GUEST)
    house.change(call, CancelCall())
    with pytest.raises(RoomClosed) as closed:
        house.enter(call.id, GUEST, guest.secret)
    assert closed.value.details[0].code == "room_cancelled"


def test_the_time_of_a_booking_throws_nobody_out_who_still_talks():
    house = Parlour()
    call = house.soon()
    house.enter(call.id, HOST)
    guest = house.enter(call.id, GUEST)
    house.put(house.store.calls[call.app_id, call.id], status=CallStatus.COMPLETED)
    assert house.enter(call.id, GUEST, guest.secret).seats.guest
    with pytest.raises(RoomClosed):
        house.enter(call.id, GUEST)


def test_there_is_no_room_of_a_call_that_never_was():
    house = Parlour()
    for call_id in (new_id(), "x", "ROOM#x"):
        with pytest.raises(NotFound):
            house.enter(call_id, GUEST)


def test_a_third_one_waits_is_seen_by_the_host_and_comes_in_once_let_in():
    house = Parlour()
    call_id = house.instant()
    host, guest = house.enter(call_id, HOST), house.enter(call_id, GUEST)
    third = house.enter(call_id, GUEST)
    assert third.waits
    seen = house.sync(call_id, host).seats.knock
    assert seen
    assert seen.name == "Guest"
    assert house.enter(call_id, GUEST, third.secret).waits
    house.admit(call_id, host)
    assert not house.enter(call_id, GUEST, third.secret).waits
    with pytest.raises(SeatLost):
        house.sync(call_id, guest)


def test_a_guest_lets_nobody_in():
    house = Parlour()
    call_id = house.instant()
    house.enter(call_id, HOST)
    guest = house.enter(call_id, GUEST)
    assert house.enter(call_id, HOST).waits
    with pytest.raises(Forbidden):
        house.admit(call_id, guest)


def test_whoever_is_let_in_is_the_one_whom_the_host_saw():
    house = Parlour()
    call_id = house.instant()
    host = house.enter(call_id, HOST)
    house.enter(call_id, GUEST)
    house.enter(call_id, GUEST)
    seen = house.sync(call_id, host).seats.knock
    assert seen
    house.clock.advance(seconds=16)  # they have gone, and somebody else comes
    other = house.enter(call_id, GUEST)
    with pytest.raises(Conflict):
        house.sync(call_id, host, admits=seen.id)
    assert house.enter(call_id, GUEST, other.secret).waits


def test_the_agent_to_whom_a_call_is_given_takes_the_seat_of_the_one_before_who_hosts_it_no_more():
    house = Parlour()
    call = house.soon()
    before = house.enter(call.id, HOST)
    house.update(call, assigned_agent_id="agent-2")
    for power in ({"wish": RecordingWish.ON}, {"admits": "x"}, {"asks_of_call": True}):
        with pytest.raises(SeatLost):
            house.sync(call.id, before, **power)
    with pytest.raises(SeatLost):
        house.leave(call.id, before, Leaving.END)
    assert not house.enter(call.id, HOST).waits
    with pytest.raises(SeatLost):
        house.sync(call.id, before)


def test_nobody_lets_in_whoever_has_gone():
    house = Parlour()
    call_id = house.instant()
    host = house.enter(call_id, HOST)
    house.enter(call_id, GUEST)
    house.enter(call_id, GUEST)
    house.clock.advance(seconds=30)
    with pytest.raises(Conflict):
        house.admit(call_id, host)


def test_letters_reach_the_other_side_once_and_in_order():
    house = Parlour()
    call_id = house.instant()
    host, guest = house.enter(call_id, HOST), house.enter(call_id, GUEST)
    sent = [Letter(tab=1, number=number, text=f"{number}") for number in (1, 2, 3)]
    house.sync(call_id, host, *sent)
    house.sync(call_id, host, *sent[1:])  # its answer was lost, and it was sent again
    first = house.sync(call_id, guest).letters
    assert first == sent
    assert house.sync(call_id, guest, after=first[-1].place).letters == []


@pytest.mark.parametrize(
    "letters",
    [
        [Letter(tab=1, number=1, text="x" * (LONGEST + 1))],
        [Letter(tab=1, number=MOST_OF_TAB + 1, text="x")],
        [Letter(tab=1, number=0, text="x")],
        [Letter(tab=1, number=number, text="x") for number in range(1, MOST_AT_ONCE + 2)],
    ],
)
def test_mail_is_bounded_in_size_and_number(letters: list[Letter]):
    house = Parlour()
    call_id = house.instant()
    guest = house.enter(call_id, GUEST)
    with pytest.raises(InvalidRequest):
        house.sync(call_id, guest, *letters)
    assert not house.store.mail


def test_who_reloads_keeps_the_seat_and_the_older_page_loses_it():
    house = Parlour()
    call_id = house.instant()
    first = house.enter(call_id, GUEST)
    house.leave(call_id, first, Leaving.AWAY)
    second = house.enter(call_id, GUEST, first.secret)
    with pytest.raises(SeatLost):
        house.sync(call_id, first)
    assert house.sync(call_id, second).seats.guest
    assert house.told(call_id) == ["joined guest"]


def test_the_other_side_hears_of_one_who_vanished_and_so_does_the_timeline():
    house = Parlour()
    call = house.soon()
    house.enter(call.id, GUEST)
    host = house.enter(call.id, HOST)
    for _ in range(5):
        house.clock.advance(seconds=10)
        seats = house.sync(call.id, host).seats
    assert seats.guest
    assert seats.guest.left_at
    assert happened(house, call)[-1] == "left"


def test_where_both_vanish_the_wake_up_tells_and_completes_the_call():
    house = Parlour()
    call = house.soon()
    house.enter(call.id, GUEST)
    house.enter(call.id, HOST)
    seats = house.look_in(call.id)
    assert seats
    assert seats.ended_at
    assert house.store.calls[call.app_id, call.id].status is CallStatus.COMPLETED
    assert call.id not in house.store.looks
    assert VANISHED_AFTER <= COMES_BACK_WITHIN


def test_a_room_with_somebody_in_it_is_looked_into_again():
    house = Parlour()
    call_id = house.instant()
    guest = house.enter(call_id, GUEST)
    first = house.store.looks[call_id]
    house.clock.instant = first
    house.sync(call_id, guest)
    house.look_in(call_id)
    assert house.store.looks[call_id] > first


def test_what_could_not_be_told_is_told_by_whoever_comes_next():
    house = Parlour()
    call = house.soon()
    guest = house.enter(call.id, GUEST)
    seats = house.store.seats[call.id]
    house.store.seats[call.id] = replace(seats, untold=guest.seats.untold)
    assert happened(house, call) == ["joined"]
    house.sync(call.id, guest)
    assert happened(house, call) == ["joined"], "it was told before, and is told once"
    assert house.store.seats[call.id].untold == ()


def test_a_busy_store_holds_nobody_up_who_has_a_seat():
    house = Parlour()
    call = house.soon()
    house.enter(call.id, HOST)
    house.faults.commits.extend([None, None, *[Fault.BUSY] * 8])  # the wake-up and the seat are written, no more
    guest = house.enter(call.id, GUEST)
    assert guest.seats.guest
    assert happened(house, call) == ["joined"]
    house.faults.commits.clear()
    house.sync(call.id, guest)
    assert happened(house, call) == ["joined", "joined", "started"]


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.LOST_ANSWER])
@pytest.mark.parametrize("at", range(24))
def test_whenever_a_process_dies_everything_is_told_once(at: int, fault: Fault):
    house = Parlour()
    call = house.soon()
    house.faults.commits.extend([*[None] * at, fault])

    def comes(side: Side) -> Visitor:
        for _ in range(2):
            with suppress(Crashed, StoreBusyError):
                return house.enter(call.id, side, f"the {side}")
        raise AssertionError("twice")

    host, guest = comes(HOST), comes(GUEST)
    assert not host.waits
    assert not guest.waits
    for visitor in (guest, host):
        with suppress(Crashed, StoreBusyError):
            house.leave(call.id, visitor)
    while call.id in house.store.looks:
        with suppress(Crashed, StoreBusyError):
            house.look_in(call.id)
    assert house.store.calls[call.app_id, call.id].status is CallStatus.COMPLETED
    told = happened(house, call)
    assert sorted(told) == sorted(["joined", "joined", "started", "left", "left", "ended", "completed"]), told


def test_the_host_is_told_apart_by_the_agent_who_has_the_call():
    house = Parlour()
    call = house.soon()
    house.enter(call.id, HOST)
    event = house.store.events[call.app_id, call.id][-1]
    assert (event.actor.type, event.actor.id) == ("agent", AGENT)
