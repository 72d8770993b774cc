"""Customers' windows: each booking of a customer counts once, on condition that nobody counted another meanwhile."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.calls import Call
from slotline.domain.booking.customer_limits import CustomerChange, CustomerHistory
from slotline.ports.shared import RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_call, minutes, read_for, write_call, write_of

PHONE, EMAIL = "phone:+573005550100", "email:jane@example.com"


def histories(backend: Backend, *identities: str, app_id: str = APP_ID) -> list[CustomerHistory]:
    call = a_call()
    return list(backend.bookings.read_for_booking(app_id, None, call.claim.padded, None, identities).customers)


def counting(backend: Backend, call: Call, seen: list[CustomerHistory], drop: tuple[str, ...] = ()) -> None:
    """Write the call, counted for each customer as they were seen."""
    changes = [
        CustomerChange(
            identity=history.identity, version=history.version, call_id=call.id, at=call.created_at, drop=drop
        )
        for history in seen
    ]
    backend.bookings.commit(replace(write_of(call, read_for(backend.bookings, call)), customers=changes))


def test_somebody_unknown_has_an_empty_history(backend: Backend) -> None:
    assert histories(backend, EMAIL) == [CustomerHistory(identity=EMAIL, version=0, bookings={})]


def test_histories_come_in_the_order_that_they_were_asked_for(backend: Backend) -> None:
    assert [history.identity for history in histories(backend, EMAIL, PHONE)] == [EMAIL, PHONE]
    assert [history.identity for history in histories(backend, PHONE, EMAIL)] == [PHONE, EMAIL]
    assert histories(backend) == []


def test_a_booking_counts_for_each_of_its_customers_identities(backend: Backend) -> None:
    call = a_call()
    counting(backend, call, histories(backend, PHONE, EMAIL))
    assert histories(backend, PHONE, EMAIL, "email:other@example.com") == [
        CustomerHistory(identity=PHONE, version=1, bookings={call.id: call.created_at}),
        CustomerHistory(identity=EMAIL, version=1, bookings={call.id: call.created_at}),
        CustomerHistory(identity="email:other@example.com"),
    ]


def test_of_two_counted_on_one_reading_the_second_loses_and_writes_nothing(backend: Backend) -> None:
    first, second = a_call(), a_call(scheduled_at=a_call().scheduled_at + minutes(240))
    seen = histories(backend, PHONE, EMAIL)
    counting(backend, first, seen[1:])
    with pytest.raises(RaceLost):
        counting(backend, second, seen)
    assert backend.calls.get(APP_ID, second.id) is None
    agent_days = read_for(backend.bookings, second).agent_days
    assert agent_days
    assert agent_days.claims == (first.claim,)
    assert [history.version for history in histories(backend, PHONE, EMAIL)] == [0, 1]


def test_bookings_too_old_to_count_are_taken_out_by_the_next_one(backend: Backend) -> None:
    old, new = a_call(), a_call(scheduled_at=a_call().scheduled_at + timedelta(hours=4))
    counting(backend, old, histories(backend, EMAIL))
    counting(backend, new, histories(backend, EMAIL), drop=(old.id,))
    (history,) = histories(backend, EMAIL)
    assert (history.version, history.bookings) == (2, {new.id: new.created_at})


def test_a_booking_uncounted_leaves_the_others_and_moves_the_version(backend: Backend) -> None:
    first, second = a_call(), a_call(scheduled_at=a_call().scheduled_at + timedelta(hours=4))
    for call in (first, second):
        counting(backend, call, histories(backend, EMAIL))
    before = histories(backend, EMAIL)
    write = write_of(replace(first, revision=2), read_for(backend.bookings, first))
    backend.bookings.commit(replace(write, replaces=1, days=(), uncounted=(EMAIL,)))
    (history,) = histories(backend, EMAIL)
    assert (history.version, history.bookings) == (3, {second.id: second.created_at})
    with pytest.raises(RaceLost):
        counting(backend, a_call(scheduled_at=first.scheduled_at + timedelta(hours=8)), before)


def test_uncounting_what_never_counted_changes_no_booking(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    write = write_of(replace(call, revision=2), read_for(backend.bookings, call))
    backend.bookings.commit(replace(write, replaces=1, days=(), uncounted=(EMAIL,)))
    assert histories(backend, EMAIL)[0].bookings == {}


def test_a_customer_is_another_one_in_another_app(backend: Backend) -> None:
    counting(backend, a_call(), histories(backend, EMAIL))
    assert histories(backend, EMAIL, app_id=OTHER_APP_ID) == [CustomerHistory(identity=EMAIL)]
