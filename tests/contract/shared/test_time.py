"""Rows that act later: what is due when, who may act on it, and what is known of schedules and of sweeps."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from slotline.domain.booking.agent_days import release
from slotline.domain.booking.claims import Hold
from slotline.domain.booking.reminders import Reminder, ReminderPlan, ReminderStatus
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.shared.due import Due, DueKind
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.booking import BookingWrite, HeldSlot
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, QueueBusyError, RaceLost
from slotline.store.dynamodb import keys
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    TOMORROW,
    a_call,
    a_hold,
    a_key,
    a_reminder,
    minutes,
    read_for,
    write_call,
    write_of,
)
from tests.support.builders.dialing import a_campaign, a_dial_call
from tests.support.memory.campaigns import due_of_campaign
from tests.support.memory.dials import due_of_dial
from tests.support.memory.timing import due_of
from tests.support.memory.webhooks import a_delivery, wake_up

HOUR = timedelta(hours=1)


def due_in_the_hour_of(backend: Backend, at: datetime) -> list[Due]:
    start = at.replace(minute=0, second=0, microsecond=0)
    return sorted((due for page in backend.timers.between(start, start + HOUR) for due in page), key=lambda due: due.at)


def planned(backend: Backend, *reminders: Reminder) -> None:
    """A booking with these messages."""
    call = a_call(id=reminders[0].call_id)
    backend.bookings.commit(
        replace(write_of(call, read_for(backend.bookings, call)), reminders=ReminderPlan(put=reminders))
    )


def test_a_call_is_due_when_nobody_may_join_it_any_more(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(no_show_grace_minutes=20))
    (due,) = due_in_the_hour_of(backend, TOMORROW)
    assert due.at == call.scheduled_at + minutes(20)
    assert backend.calls.due(due) == call
    assert backend.calls.due(replace(due, at=due.at + minutes(1))) is None


def test_a_call_that_was_changed_is_due_at_its_new_time_only(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    (before,) = due_in_the_hour_of(backend, TOMORROW)
    moved = replace(call, scheduled_at=TOMORROW + minutes(120), revision=2)
    backend.bookings.commit(BookingWrite(call=moved, events=(), replaces=1))
    assert due_in_the_hour_of(backend, TOMORROW) == []
    assert [due.at for due in due_in_the_hour_of(backend, moved.scheduled_at)] == [moved.scheduled_at + minutes(15)]
    assert backend.calls.due(before) is None


def test_a_minute_holds_what_is_due_in_it_and_nothing_of_the_next(backend: Backend) -> None:
    call = a_call()
    times = [TOMORROW - minutes(30), TOMORROW - minutes(30) + timedelta(seconds=59.999), TOMORROW - minutes(29)]
    planned(backend, *(a_reminder(call, id=f"custom-{at.isoformat()}", fire_at=at, due_at=at) for at in times))
    found = [due.at for page in backend.timers.between(times[0], times[2]) for due in page]
    assert sorted(found) == times[:2]


def test_a_message_is_planned_with_its_booking_or_not_at_all(backend: Backend) -> None:
    call = a_call()
    seen = read_for(backend.bookings, call)
    write_call(backend.bookings, a_call())
    late = replace(write_of(call, seen), reminders=ReminderPlan(put=(a_reminder(call),)))
    with pytest.raises(RaceLost):
        backend.bookings.commit(late)
    assert due_in_the_hour_of(backend, TOMORROW - HOUR) == []


def test_a_message_is_claimed_by_one_and_due_again_when_the_claim_runs_out(backend: Backend) -> None:
    reminder = a_reminder()
    planned(backend, reminder)
    due, until = due_of(reminder), TOMORROW - minutes(58)
    claimed = backend.reminders.claim(due, "claim-1", until)
    assert claimed == replace(reminder, claim_id="claim-1", due_at=until, attempts=1)
    assert backend.reminders.claim(due, "claim-2", until) is None
    assert [again.at for again in due_in_the_hour_of(backend, until)] == [until]
    taken = backend.reminders.claim(replace(due, at=until), "claim-3", until + minutes(2))
    assert taken is not None
    assert taken.attempts == 2
    assert not backend.reminders.is_claimed(claimed)
    assert backend.reminders.is_claimed(taken)


def test_a_message_that_is_settled_is_due_no_more(backend: Backend) -> None:
    reminder = a_reminder()
    planned(backend, reminder)
    claimed = backend.reminders.claim(due_of(reminder), "claim-1", TOMORROW)
    assert claimed is not None
    backend.reminders.settle(replace(claimed, status=ReminderStatus.DROPPED, due_at=None))
    assert due_in_the_hour_of(backend, TOMORROW - HOUR) == []
    assert backend.reminders.claim(due_of(claimed), "claim-2", TOMORROW) is None


def test_who_lost_the_claim_settles_nothing(backend: Backend) -> None:
    reminder = a_reminder()
    planned(backend, reminder)
    first = backend.reminders.claim(due_of(reminder), "claim-1", TOMORROW - minutes(50))
    assert first is not None
    second = backend.reminders.claim(due_of(first), "claim-2", TOMORROW - minutes(40))
    assert second is not None
    backend.reminders.settle(replace(first, status=ReminderStatus.SENT, due_at=None))
    assert backend.reminders.is_claimed(second)
    assert second.due_at in [due.at for due in due_in_the_hour_of(backend, TOMORROW - HOUR)]


def test_an_outcome_commits_with_its_event_while_the_claim_stands(backend: Backend) -> None:
    reminder = a_reminder()
    planned(backend, reminder)
    claimed = backend.reminders.claim(due_of(reminder), "claim-1", TOMORROW)
    assert claimed is not None
    call = backend.bookings.read_for_change(APP_ID, reminder.call_id, None).call
    assert call is not None
    told = replace(claimed, status=ReminderStatus.SENT, due_at=None)
    write = BookingWrite(call=replace(call, revision=2), events=(), replaces=1, settled_reminder=told)
    with pytest.raises(RaceLost):
        backend.bookings.commit(replace(write, settled_reminder=replace(told, claim_id="claim-9")))
    backend.bookings.commit(write)
    assert backend.reminders.claim(due_of(claimed), "claim-2", TOMORROW) is None
    with pytest.raises(RaceLost):
        backend.bookings.commit(replace(write, call=replace(call, revision=3)))


def test_a_message_planned_anew_takes_the_place_of_the_old_one(backend: Backend) -> None:
    old = a_reminder()
    planned(backend, old)
    claimed = backend.reminders.claim(due_of(old), "claim-1", TOMORROW - minutes(58))
    call = backend.bookings.read_for_change(APP_ID, old.call_id, None).call
    assert call is not None
    assert claimed is not None
    moved = replace(call, scheduled_at=TOMORROW + HOUR, revision=2)
    new = a_reminder(moved)
    plan = ReminderPlan(put=(new,))
    backend.bookings.commit(BookingWrite(call=moved, events=(), replaces=1, reminders=plan))
    assert not backend.reminders.is_claimed(claimed)
    assert backend.reminders.claim(due_of(claimed), "claim-2", TOMORROW) is None
    assert backend.reminders.claim(due_of(new), "claim-3", TOMORROW) is not None


def test_a_message_that_is_dropped_wakes_nobody(backend: Backend) -> None:
    reminder = a_reminder()
    planned(backend, reminder)
    call = backend.bookings.read_for_change(APP_ID, reminder.call_id, None).call
    assert call is not None
    plan = ReminderPlan(drop=(reminder.id,))
    backend.bookings.commit(BookingWrite(call=replace(call, revision=2), events=(), replaces=1, reminders=plan))
    assert due_in_the_hour_of(backend, TOMORROW - HOUR) == []
    assert backend.reminders.claim(due_of(reminder), "claim-1", TOMORROW) is None


def test_a_message_that_is_dropped_while_somebody_holds_it_is_not_made_due_again(backend: Backend) -> None:
    reminder = a_reminder()
    planned(backend, reminder)
    claimed = backend.reminders.claim(due_of(reminder), "claim-1", TOMORROW - minutes(58))
    assert claimed is not None
    call = backend.bookings.read_for_change(APP_ID, reminder.call_id, None).call
    assert call is not None
    plan = ReminderPlan(drop=(reminder.id,))
    backend.bookings.commit(BookingWrite(call=replace(call, revision=2), events=(), replaces=1, reminders=plan))
    backend.reminders.settle(replace(claimed, due_at=TOMORROW - minutes(50)))
    assert due_in_the_hour_of(backend, TOMORROW - HOUR) == []
    assert backend.reminders.is_claimed(claimed), "what was sent all the same can still be told"


def test_a_message_asked_for_is_added_once_with_its_answer(backend: Backend) -> None:
    write_call(backend.bookings, a_call(id=a_reminder().call_id))
    receipt = Receipt(key=a_key(), result={"id": "custom-1"}, answered_at=NOW)
    custom = a_reminder(id="custom-1", due_at=NOW)
    backend.reminders.add([custom], receipt)
    with pytest.raises(AlreadyWritten):
        backend.reminders.add([custom], None)
    with pytest.raises(AlreadyAnswered):
        backend.reminders.add([replace(custom, id="custom-2")], receipt)
    assert [due.at for due in due_in_the_hour_of(backend, NOW)] == [NOW]


def test_the_end_of_a_hold_is_due_and_takes_its_claim_away(backend: Backend) -> None:
    claim = a_hold()
    agent_days = backend.bookings.read_for_booking(APP_ID, AGENT, claim.padded, None).agent_days
    assert agent_days is not None
    held = HeldSlot(app_id=APP_ID, hold=Hold(agent_id=AGENT, claim=claim, preset_id="preset-1"))
    backend.bookings.take_time(APP_ID, agent_days.take(claim, NOW), None, held)
    (due,) = due_in_the_hour_of(backend, NOW)
    assert due.at == claim.expires_at
    assert backend.holds.due(due) == held
    assert backend.holds.due(replace(due, at=NOW)) is None
    for _ in range(2):
        backend.holds.end(held, release(AGENT, claim))
        after = backend.bookings.read_for_booking(APP_ID, AGENT, claim.padded, None).agent_days
        assert after is not None
        assert after.claims == ()
    assert due_in_the_hour_of(backend, NOW) == []


def test_a_minute_is_made_by_one_and_by_the_next_where_that_one_died(backend: Backend) -> None:
    assert backend.timers.claim_minute(TOMORROW, NOW)
    with pytest.raises(QueueBusyError):
        backend.timers.claim_minute(TOMORROW, NOW + timedelta(seconds=10))
    assert backend.timers.claim_minute(TOMORROW, NOW + timedelta(seconds=20))
    backend.timers.minute_made(TOMORROW)
    assert not backend.timers.claim_minute(TOMORROW, NOW + timedelta(hours=1))
    assert backend.timers.claim_minute(TOMORROW + minutes(1), NOW)


def test_a_sweep_remembers_how_far_it_came(backend: Backend) -> None:
    assert backend.timers.swept_until() is None
    backend.timers.swept(NOW)
    backend.timers.swept(NOW + minutes(1))
    assert backend.timers.swept_until() == NOW + minutes(1)


def test_a_wake_up_finds_what_is_due_within_its_millisecond(backend: Backend) -> None:
    """Clocks know microseconds, and rows tell instants to the millisecond, from which wake-ups are made."""
    at, told = NOW + timedelta(microseconds=1_500), NOW + timedelta(milliseconds=1)
    call = write_call(backend.bookings, a_call())
    reminder = a_reminder(call, due_at=at)
    backend.reminders.add([reminder], None)
    held = HeldSlot(app_id=APP_ID, hold=Hold(agent_id=AGENT, claim=a_hold(expires_at=at)))
    backend.bookings.take_time(APP_ID, (), None, held)
    delivery = a_delivery(due_at=at)
    backend.deliveries.add(delivery)
    dial = a_dial_call(due_at=at)
    backend.dials.add([dial])
    campaign = a_campaign(CampaignState.RUNNING, due_at=at)
    backend.campaigns.open(campaign)
    key = keys.hold(APP_ID, AGENT, held.hold.id)
    assert backend.holds.due(Due(kind=DueKind.HOLD, pk=key["pk"], sk=key["sk"], at=told))
    assert backend.deliveries.due(replace(wake_up(delivery), at=told))
    assert backend.dials.due(replace(due_of_dial(dial), at=told))
    assert backend.campaigns.due(replace(due_of_campaign(campaign), at=told))
    assert backend.reminders.claim(replace(due_of(reminder), at=told), "claim-1", NOW + minutes(1))
