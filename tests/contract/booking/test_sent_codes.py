"""Codes that prove addresses: tries are counted before they are looked at, and one booking uses a code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.customer_limits import CustomerChange
from slotline.domain.booking.sent_codes import LIFE, MOST_TRIES
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.booking import CodeWasSpent
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_call, a_code, a_key, read_for, write_of

SENT = a_code()
COUNT = CustomerChange(identity="window", version=0, call_id=SENT.id, at=NOW)


def test_a_try_is_counted_and_the_code_reads_back(backend: Backend) -> None:
    backend.sent_codes.add(SENT, (), None)
    found = backend.sent_codes.take_try(APP_ID, SENT.id, NOW)
    assert found == replace(SENT, tries=1)


def test_there_are_five_tries_and_a_right_one_that_came_to_nothing_is_given_back(backend: Backend) -> None:
    backend.sent_codes.add(SENT, (), None)
    tries = [backend.sent_codes.take_try(APP_ID, SENT.id, NOW) for _ in range(MOST_TRIES + 2)]
    assert [one.tries if one else None for one in tries] == [1, 2, 3, 4, 5, None, None]
    backend.sent_codes.give_back_try(SENT)
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW) is not None
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW) is None


def test_a_code_lives_ten_minutes_whether_or_not_its_row_is_gone(backend: Backend) -> None:
    backend.sent_codes.add(SENT, (), None)
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW + LIFE - timedelta(milliseconds=1)) is not None
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW + LIFE) is None


def test_a_code_is_none_in_another_app(backend: Backend) -> None:
    backend.sent_codes.add(SENT, (), None)
    assert backend.sent_codes.take_try(OTHER_APP_ID, SENT.id, NOW) is None
    assert backend.sent_codes.take_try(APP_ID, "another", NOW) is None


def test_one_booking_uses_a_code(backend: Backend) -> None:
    backend.sent_codes.add(SENT, (), None)
    first, second = a_call(), a_call(scheduled_at=a_call().scheduled_at + timedelta(hours=1))
    backend.bookings.commit(replace(write_of(first, read_for(backend.bookings, first)), spent_code=SENT))
    with pytest.raises(CodeWasSpent):
        backend.bookings.commit(replace(write_of(second, read_for(backend.bookings, second)), spent_code=SENT))
    assert backend.calls.get(APP_ID, second.id) is None
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW) is None
    assert backend.sent_codes.due(backend.sent_codes.wake_up(APP_ID, SENT.id, NOW)) is None


def test_a_code_is_sent_once(backend: Backend) -> None:
    due = backend.sent_codes.wake_up(APP_ID, SENT.id, NOW)
    assert backend.sent_codes.due(due) is None, "it is not there yet"
    backend.sent_codes.add(SENT, (), None)
    assert backend.sent_codes.due(due) == SENT
    backend.sent_codes.was_sent(SENT, NOW)
    assert backend.sent_codes.due(due) is None
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW) is not None


def test_noting_that_it_was_sent_brings_no_row_back(backend: Backend) -> None:
    backend.sent_codes.was_sent(SENT, NOW)
    backend.sent_codes.give_back_try(SENT)
    assert backend.sent_codes.take_try(APP_ID, SENT.id, NOW) is None


def test_a_code_is_kept_and_counted_at_once_or_not_at_all(backend: Backend) -> None:
    key = a_key()
    receipt = Receipt(key=key, result={"id": SENT.id}, answered_at=NOW)
    backend.sent_codes.add(SENT, [COUNT], receipt)
    other = a_code(id="01960000-0000-7000-8000-000000000002")
    with pytest.raises(RaceLost):
        backend.sent_codes.add(other, [replace(COUNT, call_id=other.id)], None)
    with pytest.raises(AlreadyAnswered):
        backend.sent_codes.add(other, (), receipt)
    with pytest.raises(AlreadyWritten):
        backend.sent_codes.add(SENT, [replace(COUNT, version=1)], None)
    assert backend.sent_codes.take_try(APP_ID, other.id, NOW) is None
