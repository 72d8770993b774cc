"""Rooms: an instant call is its room, a scheduled call's room follows its booking."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.rooms import CallSource, RoomKind
from slotline.domain.instant.rooms import GenesysContext, VideoCall, VideoCallStatus, room_of
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.booking import BookingWrite
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import (
    APP_ID,
    a_call,
    a_key,
    an_app,
    minutes,
    new_id,
    read_for,
    write_call,
    write_of,
)

LATER = NOW + minutes(30)
A_RECEIPT = Receipt(key=a_key(), result={"call_id": "1"}, answered_at=NOW)


def an_instant_call(**changes: Any) -> VideoCall:
    return VideoCall(
        **{
            "id": new_id(),
            "app_id": APP_ID,
            "kind": RoomKind.INSTANT,
            "status": VideoCallStatus.CREATED,
            "source": CallSource.WIDGET_KEY,
            "created_by": "widget-1",
            "created_at": NOW,
            "preset_id": "preset-1",
            "preview_enabled": True,
            "record_on_start": False,
            "secret_hash": "9f86d0",
            **changes,
        }
    )


def ended(call: VideoCall, at: datetime = LATER) -> VideoCall:
    return replace(call, status=VideoCallStatus.ENDED, ended_at=at, ended_by="client-1")


def test_an_instant_call_reads_back_with_everything_it_had(backend: Backend) -> None:
    call = an_instant_call(
        title="Sales",
        description="A first talk",
        metadata={"deep": [{"er": [None, 1.5, "é"]}], "big": 2**60},
        host_name="Host",
        guest_name="Guest",
        record_on_start=True,
        genesys=GenesysContext(conversation_id="1", gc_use_popup_auth=False),
    )
    backend.rooms.open(call, A_RECEIPT)
    assert backend.rooms.find(call.id) == call
    assert backend.receipts.find(a_key()) == A_RECEIPT


def test_a_room_that_is_not_there_is_none(backend: Backend) -> None:
    assert backend.rooms.find(new_id()) is None


def test_a_room_knows_its_app(backend: Backend) -> None:
    assert backend.rooms.app(APP_ID, "preset-1") == an_app()
    assert backend.rooms.app(APP_ID, "never-was") == an_app()
    assert backend.rooms.app(new_id(), "preset-1") is None


def test_a_call_whose_id_is_there_was_written_before_and_outranks_an_answered_key(backend: Backend) -> None:
    call = an_instant_call()
    backend.rooms.open(call, A_RECEIPT)
    with pytest.raises(AlreadyWritten):
        backend.rooms.open(replace(call, title="Again"), A_RECEIPT)
    assert backend.rooms.find(call.id) == call


def test_an_answered_key_opens_no_other_room(backend: Backend) -> None:
    backend.rooms.open(an_instant_call(), A_RECEIPT)
    second = an_instant_call()
    with pytest.raises(AlreadyAnswered):
        backend.rooms.open(second, A_RECEIPT)
    assert backend.rooms.find(second.id) is None


def test_a_scheduled_calls_room_is_there_with_its_booking_and_follows_it(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    assert backend.rooms.find(call.id) == room_of(call, an_app())
    cancelled = replace(call, revision=2, status=CallStatus.CANCELLED, scheduled_at=call.scheduled_at + minutes(60))
    backend.bookings.commit(BookingWrite(call=cancelled, replaces=1, events=[]))
    assert backend.rooms.find(call.id) == room_of(cancelled, an_app())


def test_no_two_calls_of_either_kind_share_a_room(backend: Backend) -> None:
    instant, scheduled = an_instant_call(), write_call(backend.bookings, a_call())
    backend.rooms.open(instant, None)
    with pytest.raises(AlreadyWritten):
        backend.rooms.open(an_instant_call(id=scheduled.id), None)
    late = a_call(id=instant.id, assigned_agent_id="agent-2")
    with pytest.raises(AlreadyWritten):
        backend.bookings.commit(write_of(late, read_for(backend.bookings, late)))
    assert backend.calls.get(APP_ID, instant.id) is None


def test_an_ended_call_stays_ended_as_it_first_was(backend: Backend) -> None:
    call = an_instant_call(title="Sales")
    backend.rooms.open(call, None)
    backend.rooms.end(ended(call), A_RECEIPT)
    assert backend.rooms.find(call.id) == ended(call)
    assert backend.receipts.find(a_key()) == A_RECEIPT
    with pytest.raises(RaceLost):
        backend.rooms.end(ended(call, NOW + minutes(60)), None)
    assert backend.rooms.find(call.id) == ended(call)


def test_ending_changes_nothing_else(backend: Backend) -> None:
    call = an_instant_call(title="Sales")
    backend.rooms.open(call, None)
    backend.rooms.end(ended(replace(call, title="Other")), None)
    assert backend.rooms.find(call.id) == ended(call)


def test_an_apps_instant_calls_are_listed_the_newest_first_over_months_without_one(backend: Backend) -> None:
    ages = [0, 1, 40, 200, 201]
    calls = [an_instant_call(created_at=NOW - timedelta(days=days)) for days in ages]
    for call in [*calls, an_instant_call(app_id="another-app")]:
        backend.rooms.open(call, None)
    first = backend.rooms.made(APP_ID, f"{NOW:%Y-%m}~", 2)
    assert (list(first.rows), bool(first.next)) == (calls[:2], True)
    second = backend.rooms.made(APP_ID, first.next or "", 2)
    assert list(second.rows) == calls[2:4]
    assert list(backend.rooms.made(APP_ID, second.next or "", 2).rows) == calls[4:]
    before_that_day = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    assert list(backend.rooms.made(APP_ID, before_that_day, 9).rows) == calls[2:]


def test_a_call_that_was_never_there_cannot_be_ended(backend: Backend) -> None:
    call = an_instant_call()
    with pytest.raises(RaceLost):
        backend.rooms.end(ended(call), A_RECEIPT)
    assert (backend.rooms.find(call.id), backend.receipts.find(a_key())) == (None, None)


def test_an_answered_key_ends_nothing_and_outranks_a_call_that_is_over(backend: Backend) -> None:
    call, other = an_instant_call(), an_instant_call()
    backend.rooms.open(call, None)
    backend.rooms.open(other, None)
    backend.rooms.end(ended(call), A_RECEIPT)
    for again in (call, other):
        with pytest.raises(AlreadyAnswered):
            backend.rooms.end(ended(again, LATER + timedelta(seconds=1)), A_RECEIPT)
    assert backend.rooms.find(other.id) == other
