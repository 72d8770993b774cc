"""Messages that are asked for: written with their counts or not at all, and counted once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from slotline.domain.booking.apps import Preset
from slotline.domain.messages.bounds import AskedMessages, Bound, Counted, CountMessage, count_message, counted_in
from slotline.domain.shared.idempotency import Receipt
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_call, a_key, a_reminder

CALL = a_call()
WINDOWS = counted_in(APP_ID, CALL.id, "ana@guest.example")
PRESET = Preset(preset_id="preset-1", name="Default")


def ask(backend: Backend, message_id: str, seen: Sequence[AskedMessages], receipt: Receipt | None = None) -> None:
    counts = count_message(seen, PRESET, message_id, NOW)
    backend.reminders.add([replace(a_reminder(CALL), id=message_id)], receipt, counts)


def test_nothing_was_asked_for_at_first(backend: Backend) -> None:
    assert list(backend.reminders.asked_for(WINDOWS)) == [AskedMessages(counted=window) for window in WINDOWS]
    assert list(backend.reminders.asked_for(())) == []


def test_a_message_is_counted_in_each_of_its_windows_and_in_no_other(backend: Backend) -> None:
    ask(backend, "message-1", backend.reminders.asked_for(WINDOWS))
    assert list(backend.reminders.asked_for(WINDOWS)) == [
        AskedMessages(counted=window, version=1, asked={"message-1": NOW}) for window in WINDOWS
    ]
    others = [
        *counted_in(OTHER_APP_ID, CALL.id, "ana@guest.example"),
        *counted_in(APP_ID, "other", "eva@x.example")[:2],
    ]
    assert not any(window.version for window in backend.reminders.asked_for(others))


def test_of_two_that_read_the_same_window_the_second_loses_and_writes_nothing(backend: Backend) -> None:
    seen = backend.reminders.asked_for(WINDOWS)
    ask(backend, "message-1", seen)
    before = backend.rows()
    with pytest.raises(RaceLost):
        ask(backend, "message-2", seen)
    with pytest.raises(RaceLost):  # one window that moved is enough
        ask(backend, "message-2", [*backend.reminders.asked_for(WINDOWS[:2]), seen[2]])
    assert backend.rows() == before


def test_what_was_written_before_outranks_what_was_counted_since(backend: Backend) -> None:
    seen = backend.reminders.asked_for(WINDOWS)
    receipt = Receipt(key=a_key(), result={"id": "message-1"}, answered_at=NOW)
    ask(backend, "message-1", seen, receipt)
    with pytest.raises(AlreadyWritten):
        ask(backend, "message-1", seen)
    with pytest.raises(AlreadyAnswered):
        ask(backend, "message-2", seen, receipt)


def test_what_has_left_a_window_is_taken_out(backend: Backend) -> None:
    ask(backend, "message-1", backend.reminders.asked_for(WINDOWS))
    seen = backend.reminders.asked_for(WINDOWS)
    counts = count_message(seen, PRESET, "message-2", NOW + timedelta(hours=1))
    backend.reminders.add([replace(a_reminder(CALL), id="message-2")], None, counts)
    by_bound = {window.counted.bound: set(window.asked) for window in backend.reminders.asked_for(WINDOWS)}
    assert by_bound == {
        Bound.CALL: {"message-1", "message-2"},
        Bound.RECIPIENT: {"message-2"},
        Bound.APP: {"message-2"},
    }


def test_messages_without_counts_count_nowhere(backend: Backend) -> None:
    backend.reminders.add([a_reminder(CALL)], None)
    assert not any(window.version for window in backend.reminders.asked_for(WINDOWS))


def test_a_count_says_what_it_counts() -> None:
    window = Counted(APP_ID, Bound.APP)
    (count,) = count_message([AskedMessages(counted=window)], PRESET, "message-1", NOW)
    assert count == CountMessage(counted=window, version=0, message_id="message-1", at=NOW)
