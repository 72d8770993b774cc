"""Time taken without a call: holds, and what gives it back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking.agent_days import AgentDays, move, release
from slotline.domain.booking.claims import Claim
from slotline.domain.booking.holds import count_hold, holder_identity, live_holds
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.booking import HeldSlot
from slotline.ports.shared import AlreadyAnswered, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    OTHER_APP_ID,
    TOMORROW,
    a_call,
    a_hold,
    a_key,
    minutes,
    read_for,
    write_call,
    write_of,
)

HOLDER = holder_identity("client-1")
MIDNIGHT = datetime(2026, 4, 24, tzinfo=UTC)


def days_around(backend: Backend, claim: Claim, app_id: str = APP_ID) -> AgentDays:
    seen = backend.bookings.read_for_booking(app_id, AGENT, claim.padded, None)
    assert seen.agent_days
    return seen.agent_days


def hold(backend: Backend, claim: Claim, receipt: Receipt | None = None) -> Claim:
    backend.bookings.take_time(APP_ID, days_around(backend, claim).take(claim, NOW), receipt)
    return claim


def test_a_hold_stands_in_its_day_as_it_was_taken(backend: Backend) -> None:
    held = hold(backend, a_hold(before=minutes(5), after=timedelta(minutes=10)))
    agent_days = days_around(backend, held)
    assert agent_days.claims == (held,)
    assert agent_days.days[TOMORROW.date()].guards == {14: 1, 15: 1}
    assert days_around(backend, held, OTHER_APP_ID).claims == ()


def test_a_hold_over_midnight_stands_in_both_days(backend: Backend) -> None:
    held = hold(backend, a_hold(MIDNIGHT - minutes(15)))
    days = days_around(backend, held).days
    assert [day.claims for day in days.values()] == [(held,), (held,)]
    assert [dict(day.guards) for day in days.values()] == [{23: 1}, {0: 1}]


def test_of_two_holds_decided_on_one_reading_the_second_loses_in_all_its_days(backend: Backend) -> None:
    late = a_hold(MIDNIGHT - minutes(15))
    decided = days_around(backend, late).take(late, NOW)
    winner = hold(backend, a_hold(MIDNIGHT))
    with pytest.raises(RaceLost):
        backend.bookings.take_time(APP_ID, decided, Receipt(key=a_key(), result={"id": late.id}, answered_at=NOW))
    assert days_around(backend, late).claims == (winner,)
    assert backend.receipts.find(a_key()) is None


def test_a_hold_and_a_booking_decided_on_one_reading_do_not_both_succeed(backend: Backend) -> None:
    call = a_call(scheduled_at=TOMORROW + minutes(15))
    seen = read_for(backend.bookings, call)
    hold(backend, a_hold())
    with pytest.raises(RaceLost):
        backend.bookings.commit(write_of(call, seen))


def test_a_holds_key_keeps_its_answer_and_is_not_answered_twice(backend: Backend) -> None:
    held = a_hold()
    receipt = Receipt(key=a_key(), result={"id": held.id, "seconds": 600, "label": None}, answered_at=NOW)
    hold(backend, held, receipt)
    assert backend.bookings.read_for_booking(APP_ID, AGENT, held.padded, a_key()).receipt == receipt
    second = a_hold(TOMORROW + minutes(120))
    with pytest.raises(AlreadyAnswered):
        hold(backend, second, replace(receipt, result={"id": second.id}))
    assert days_around(backend, second).claims == (held,)


def test_an_answered_key_outranks_a_guard_that_moved(backend: Backend) -> None:
    late = a_hold()
    decided = days_around(backend, late).take(late, NOW)
    receipt = Receipt(key=a_key(), result={"id": late.id}, answered_at=NOW)
    hold(backend, a_hold(), receipt)
    with pytest.raises(AlreadyAnswered):
        backend.bookings.take_time(APP_ID, decided, receipt)


def test_a_booking_spends_a_hold_in_every_day_that_it_stood_in(backend: Backend) -> None:
    held = hold(backend, a_hold(MIDNIGHT - minutes(15)))
    call = a_call(scheduled_at=MIDNIGHT)
    agent_days = days_around(backend, held)
    days = move(release(AGENT, held), agent_days.take(call.claim, NOW, spent=held.id))
    backend.bookings.commit(replace(write_of(call, read_for(backend.bookings, call)), days=days))
    assert days_around(backend, held).claims == (call.claim,)


def test_time_given_back_is_free_and_moves_no_guard(backend: Backend) -> None:
    held = hold(backend, a_hold(MIDNIGHT - minutes(15)))
    before = {day: read.guards for day, read in days_around(backend, held).days.items()}
    backend.bookings.take_time(APP_ID, release(AGENT, held))
    after = days_around(backend, held)
    assert after.claims == ()
    assert {day: read.guards for day, read in after.days.items()} == before


def test_giving_back_what_is_gone_leaves_what_is_there(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    gone = a_hold()
    backend.bookings.take_time(APP_ID, release(AGENT, gone))
    backend.bookings.take_time(APP_ID, release(AGENT, a_hold(TOMORROW + minutes(7 * 24 * 60))))
    assert days_around(backend, gone).claims == (call.claim,)


def counting(backend: Backend, ends: datetime) -> HeldSlot:
    """A hold that counts among its client's, as they are now."""
    claim = a_hold(TOMORROW, expires_at=ends)
    (history,) = backend.bookings.read_for_booking(APP_ID, None, claim.padded, None, [HOLDER]).customers
    return HeldSlot(app_id=APP_ID, agent_id=AGENT, claim=claim, counts=count_hold(history, claim, NOW))


def held_by(backend: Backend) -> set[str]:
    """The holds that count among the client's."""
    (history,) = backend.bookings.read_for_booking(APP_ID, None, a_hold().padded, None, [HOLDER]).customers
    return set(live_holds(history, NOW))


def test_of_two_holds_that_a_client_makes_at_once_the_second_counts_again(backend: Backend) -> None:
    first, second = (counting(backend, NOW + minutes(5)) for _ in range(2))
    backend.bookings.take_time(APP_ID, (), None, first)
    with pytest.raises(RaceLost):
        backend.bookings.take_time(APP_ID, (), None, second)
    assert held_by(backend) == {first.claim.id}
    backend.bookings.take_time(APP_ID, (), None, counting(backend, NOW + minutes(5)))
    assert len(held_by(backend)) == 2


def test_a_spent_hold_counts_no_longer(backend: Backend) -> None:
    hold, call = counting(backend, NOW + minutes(5)), a_call()
    backend.bookings.take_time(APP_ID, (), None, hold)
    backend.bookings.commit(
        replace(write_of(call, read_for(backend.bookings, call)), spent_hold=(HOLDER, hold.claim.id))
    )
    assert held_by(backend) == set()
