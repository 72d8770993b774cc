"""When a room may be entered, and who stays in one that is closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking.apps import App, Preset
from slotline.domain.booking.calls import AssignmentMethod, BookingSource, Call, CallStatus, Guest
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.doors import INSTANT_LASTS, Door, doors_of, stays_in
from slotline.domain.instant.rooms import InstantCallRequest, VideoCallStatus, new_instant_call, room_of
from slotline.domain.instant.seats import COMES_BACK_WITHIN, VANISHED_AFTER, Seats, end, settled, take

START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PRESET = Preset(preset_id="p", name="P")
APP = App(app_id="app-1", organization_id="o", name="Acme", timezone="UTC", preset=PRESET)
BOOKED = Call(
    id="01960000-0000-7000-8000-000000000001",
    app_id="app-1",
    booking_source=BookingSource.API,
    assignment_method=AssignmentMethod.MANUAL,
    assigned_agent_id="ada",
    guest=Guest(name="Jane", email="jane@example.com"),
    scheduled_at=START,
    duration_minutes=30,
    buffer_before_minutes=0,
    buffer_after_minutes=10,
    app_timezone="UTC",
    status=CallStatus.SCHEDULED,
    revision=1,
    created_at=START - timedelta(days=1),
    updated_at=START - timedelta(days=1),
)


def door(status: CallStatus, at: datetime) -> Door:
    """How the room of a booking in this status stands then."""
    return doors_of(room_of(replace(BOOKED, status=status), APP), at).door


def test_a_room_opens_an_hour_before_its_call_and_closes_with_its_end():
    assert door(CallStatus.SCHEDULED, START - 61 * MINUTE) is Door.EARLY
    assert door(CallStatus.SCHEDULED, START - 60 * MINUTE) is Door.OPEN
    assert door(CallStatus.CONFIRMED, START + 29 * MINUTE) is Door.OPEN
    assert door(CallStatus.CONFIRMED, START + 30 * MINUTE) is Door.LATE


def test_a_call_that_has_started_stays_open_beyond_its_planned_end():
    assert door(CallStatus.STARTED, START + 39 * MINUTE) is Door.OPEN


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (CallStatus.CANCELLED, Door.CANCELLED),
        (CallStatus.COMPLETED, Door.OVER),
        (CallStatus.NO_SHOW, Door.MISSED),
        (CallStatus.RESCHEDULED, Door.OVER),
    ],
)
def test_a_final_call_says_what_became_of_it(status: CallStatus, expected: Door):
    assert door(status, START - 5 * MINUTE) is expected


def test_an_instant_call_is_open_until_it_is_ended_and_for_a_day_at_most():
    call = new_instant_call(
        InstantCallRequest(), PRESET, app_id="app-1", call_id=BOOKED.id, secret="s", created_by="w", now=START
    )
    assert doors_of(call, START).is_open
    assert doors_of(call, START + INSTANT_LASTS - MINUTE).is_open
    assert doors_of(call, START + INSTANT_LASTS).door is Door.OVER
    assert doors_of(replace(call, status=VideoCallStatus.ENDED), START).door is Door.OVER


def test_time_throws_nobody_out_who_still_talks_but_what_the_host_ended_or_cancelled_is_over():
    seats = take(Seats(), Side.GUEST, "jane", None, START)
    assert stays_in(seats, Side.GUEST, "jane", Door.OVER, START)
    assert not stays_in(seats, Side.GUEST, "other", Door.OVER, START)
    assert not stays_in(seats, Side.GUEST, "jane", Door.CANCELLED, START)
    vanished = settled(seats, START + VANISHED_AFTER)
    assert stays_in(vanished, Side.GUEST, "jane", Door.OVER, START + VANISHED_AFTER), (
        "a network that broke for a minute"
    )
    assert not stays_in(vanished, Side.GUEST, "jane", Door.OVER, START + COMES_BACK_WITHIN)
    awaited = take(vanished, Side.HOST, "ada", None, START + COMES_BACK_WITHIN)
    assert stays_in(awaited, Side.GUEST, "jane", Door.OVER, START + COMES_BACK_WITHIN), "while the other side waits"
    assert not stays_in(end(seats, START), Side.GUEST, "jane", Door.OVER, START)
