"""Time taken without a call: holds, and what gives it back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slotline.domain.booking.agent_days import AgentDays, move, release
from slotline.domain.booking.claims import Claim, Hold
from slotline.domain.booking.customer_limits import CustomerHistory
from slotline.domain.booking.holds import client_holder, count_hold, live_holds
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.booking import HeldSlot, LetGo
from slotline.ports.shared import AlreadyAnswered, RaceLost
from slotline.store.dynamodb import keys
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

CLIENT = client_holder("client-1")
HOLDER = CLIENT.identity
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


def counting(backend: Backend, start: datetime = TOMORROW, replaces: str | None = None) -> HeldSlot:
    """A hold that counts among its client's, as they are now."""
    hold = Hold(agent_id=AGENT, claim=a_hold(start, expires_at=NOW + minutes(5)), preset_id="preset-1")
    counts = count_hold([CLIENT], [window(backend)], hold, NOW, replaces=replaces)
    return HeldSlot(app_id=APP_ID, hold=hold, counts=counts)


def take(backend: Backend, held: HeldSlot, replaces: Hold | None = None) -> Hold:
    """The hold, in the agent's days and in its client's window."""
    around = days_around(backend, held.hold.claim)
    days = around.take(held.hold.claim, NOW, spent=replaces.id if replaces else None)
    if replaces:
        days = move(release(AGENT, replaces.claim), days)
    backend.bookings.take_time(APP_ID, days, None, held, replaces)
    return held.hold


def let_go(backend: Backend, hold: Hold) -> None:
    backend.bookings.let_go(APP_ID, release(AGENT, hold.claim), LetGo(hold=hold, identities=[HOLDER]))


def window(backend: Backend) -> CustomerHistory:
    (history,) = backend.bookings.read_for_booking(APP_ID, None, a_hold().padded, None, [HOLDER]).customers
    return history


def held_by(backend: Backend) -> set[str]:
    """The holds that count among the client's."""
    return set(live_holds(window(backend), NOW))


def waits(backend: Backend, hold: Hold) -> bool:
    """Whether somebody still has to see to its end."""
    key = keys.hold(APP_ID, AGENT, hold.id)
    return backend.holds.due(Due(kind=DueKind.HOLD, pk=key["pk"], sk=key["sk"], at=hold.ends_at)) is not None


def test_of_two_holds_that_a_client_makes_at_once_the_second_counts_again(backend: Backend) -> None:
    first, second = counting(backend), counting(backend, TOMORROW + minutes(60))
    take(backend, first)
    with pytest.raises(RaceLost):
        take(backend, second)
    assert held_by(backend) == {first.hold.id}
    take(backend, counting(backend, TOMORROW + minutes(60)))
    assert len(held_by(backend)) == 2


def test_a_clients_window_tells_what_its_holds_hold(backend: Backend) -> None:
    one, other = take(backend, counting(backend)), take(backend, counting(backend, TOMORROW + minutes(60)))
    assert window(backend).holds == {one.id: one, other.id: other}


def test_a_spent_hold_counts_no_longer_and_is_spent_once(backend: Backend) -> None:
    hold, call = take(backend, counting(backend)), a_call()
    write = replace(write_of(call, read_for(backend.bookings, call)), spends=LetGo(hold=hold, identities=[HOLDER]))
    backend.bookings.commit(write)
    assert (window(backend).bookings, window(backend).holds) == ({}, {})
    again = a_call(scheduled_at=TOMORROW + minutes(60))
    with pytest.raises(RaceLost):
        backend.bookings.commit(replace(write_of(again, read_for(backend.bookings, again)), spends=write.spends))


def test_a_hold_that_is_let_go_is_gone_from_days_window_and_what_is_due(backend: Backend) -> None:
    hold, stays = take(backend, counting(backend)), take(backend, counting(backend, TOMORROW + minutes(60)))
    let_go(backend, hold)
    assert days_around(backend, hold.claim).claims == (stays.claim,)
    assert window(backend).holds == {stays.id: stays}
    assert (waits(backend, hold), waits(backend, stays)) == (False, True)
    with pytest.raises(RaceLost):
        backend.bookings.let_go(APP_ID, (), LetGo(hold=hold, identities=[HOLDER]))


def test_a_hold_is_let_go_or_spent_and_never_both(backend: Backend) -> None:
    hold, call = take(backend, counting(backend)), a_call()
    write = replace(write_of(call, read_for(backend.bookings, call)), spends=LetGo(hold=hold, identities=[HOLDER]))
    let_go(backend, hold)
    with pytest.raises(RaceLost):
        backend.bookings.commit(write)
    assert days_around(backend, hold.claim).claims == ()


def test_of_two_holds_that_replace_one_at_once_the_second_is_refused_whole(backend: Backend) -> None:
    old = take(backend, counting(backend))
    first, second = (counting(backend, TOMORROW + minutes(hour), replaces=old.id) for hour in (60, 120))
    new = take(backend, first, replaces=old)
    with pytest.raises(RaceLost):
        take(backend, second, replaces=old)
    assert window(backend).holds == {new.id: new}
    assert set(window(backend).bookings) == {new.id}
    assert days_around(backend, old.claim).claims == (new.claim,)
    assert (waits(backend, old), waits(backend, new)) == (False, True)
