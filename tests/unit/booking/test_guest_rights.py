"""What guests may do with their calls: what the preset lets them, until the call begins; confirming, until its end."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import FINAL, Call, CallStatus
from slotline.domain.booking.guest_rights import can_confirm, why_not_cancel, why_not_confirm, why_not_reschedule
from slotline.domain.shared.errors import CallIsFinal, Conflict, DomainError, Forbidden
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import a_call

INSTANT = timedelta(microseconds=1)
FREE = Preset(preset_id="preset-1", name="Default", guest_can_cancel=True, guest_can_reschedule=True)
OPEN = (CallStatus.SCHEDULED, CallStatus.PENDING_CONFIRMATION, CallStatus.CONFIRMED)


def a_waiting_call(status: CallStatus = CallStatus.PENDING_CONFIRMATION) -> Call:
    return a_call(status=status)


def code_of(refusal: DomainError | None) -> str | None:
    return refusal.details[0].code if refusal else None


@pytest.mark.parametrize("status", OPEN)
def test_a_call_is_cancelled_and_moved_until_the_moment_it_begins(status: CallStatus) -> None:
    call = a_waiting_call(status)
    for why_not in (why_not_cancel, why_not_reschedule):
        assert why_not(call, FREE, call.scheduled_at - INSTANT) is None
        assert code_of(why_not(call, FREE, call.scheduled_at)) == "already_started"


def test_a_call_that_was_started_early_is_neither_cancelled_nor_moved_nor_confirmed() -> None:
    call = a_waiting_call(CallStatus.STARTED)
    refusals = (why_not_cancel(call, FREE, NOW), why_not_reschedule(call, FREE, NOW), why_not_confirm(call, NOW))
    assert call.scheduled_at > NOW
    assert [code_of(refusal) for refusal in refusals] == ["already_started"] * 3
    assert all(type(refusal) is Conflict for refusal in refusals)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_call_that_is_over_does_not_change(status: CallStatus) -> None:
    call = a_waiting_call(status)
    refusals = (why_not_cancel(call, FREE, NOW), why_not_reschedule(call, FREE, NOW), why_not_confirm(call, NOW))
    assert all(isinstance(refusal, CallIsFinal) for refusal in refusals)
    assert all(status.value in str(refusal) for refusal in refusals)
    assert not can_confirm(call, NOW)


def test_what_the_preset_does_not_let_guests_do_is_forbidden_whatever_the_call_is() -> None:
    for call in (a_waiting_call(), a_waiting_call(CallStatus.CANCELLED)):
        assert isinstance(why_not_cancel(call, replace(FREE, guest_can_cancel=False), NOW), Forbidden)
        assert isinstance(why_not_reschedule(call, replace(FREE, guest_can_reschedule=False), NOW), Forbidden)
    assert why_not_cancel(a_waiting_call(), replace(FREE, guest_can_reschedule=False), NOW) is None
    assert why_not_reschedule(a_waiting_call(), replace(FREE, guest_can_cancel=False), NOW) is None


def test_no_call_is_moved_while_its_preset_gives_no_times_out_and_any_may_be_cancelled() -> None:
    closed = replace(FREE, scheduling_enabled=False)
    refusal = why_not_reschedule(a_waiting_call(), closed, NOW)
    assert isinstance(refusal, Forbidden)
    assert "No times are given out" in str(refusal)
    assert why_not_cancel(a_waiting_call(), closed, NOW) is None


def test_a_guest_confirms_until_the_end_of_the_meeting() -> None:
    call = a_waiting_call()
    end = call.scheduled_at + timedelta(minutes=call.duration_minutes)
    for moment in (NOW, call.scheduled_at, end - INSTANT):
        assert why_not_confirm(call, moment) is None
        assert can_confirm(call, moment)
    assert code_of(why_not_confirm(call, end)) == "already_started"
    assert not can_confirm(call, end)


@pytest.mark.parametrize("moment", [NOW, datetime.max.replace(tzinfo=NOW.tzinfo)])
@pytest.mark.parametrize("status", [CallStatus.SCHEDULED, CallStatus.CONFIRMED])
def test_a_call_that_needs_no_confirmation_takes_one_without_a_word_and_asks_for_none(
    status: CallStatus, moment: datetime
) -> None:
    call = a_waiting_call(status)
    assert why_not_confirm(call, moment) is None
    assert not can_confirm(call, moment)
