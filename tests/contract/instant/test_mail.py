"""Mailboxes of rooms: letters come in the order of sending, once, to whom they were meant, and not for ever."""

from datetime import timedelta

import pytest

from slotline.domain.booking.rooms import Side
from slotline.domain.instant.mail import BEGINNING, KEPT_FOR, MOST_AT_ONCE, MOST_READ, Letter
from slotline.ports.shared import StoreBusyError
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import new_id

CALL = new_id()
CAME = NOW - timedelta(minutes=1)


def letters(*numbers: int, tab: int = 1) -> list[Letter]:
    """Letters of a tab with these numbers."""
    return [Letter(tab=tab, number=number, text=f"{tab}/{number} é") for number in numbers]


def test_letters_come_in_the_order_of_sending_over_every_tab_of_their_writer(backend: Backend) -> None:
    backend.mailboxes.put(CALL, Side.HOST, letters(1, 2, tab=2), NOW)
    backend.mailboxes.put(CALL, Side.HOST, letters(9, 10, 11), NOW)
    found = backend.mailboxes.read(CALL, Side.HOST, BEGINNING, CAME, NOW)
    assert found == [*letters(9, 10, 11), *letters(1, 2, tab=2)]


def test_a_reader_gets_what_it_has_not_read(backend: Backend) -> None:
    sent = letters(1, 2, 3)
    backend.mailboxes.put(CALL, Side.GUEST, sent, NOW)
    assert backend.mailboxes.read(CALL, Side.GUEST, sent[1].place, CAME, NOW) == sent[2:]
    assert backend.mailboxes.read(CALL, Side.GUEST, sent[2].place, CAME, NOW) == []


def test_a_letter_that_is_sent_again_is_there_once(backend: Backend) -> None:
    for _ in range(2):
        backend.mailboxes.put(CALL, Side.GUEST, [*letters(1), *letters(1)], NOW)
    assert backend.mailboxes.read(CALL, Side.GUEST, BEGINNING, CAME, NOW) == letters(1)


def test_nobody_reads_the_letters_of_the_other_side_or_of_another_call(backend: Backend) -> None:
    backend.mailboxes.put(CALL, Side.GUEST, letters(1), NOW)
    assert backend.mailboxes.read(CALL, Side.HOST, BEGINNING, CAME, NOW) == []
    assert backend.mailboxes.read(new_id(), Side.GUEST, BEGINNING, CAME, NOW) == []


def test_letters_end_by_themselves(backend: Backend) -> None:
    backend.mailboxes.put(CALL, Side.GUEST, letters(1), NOW)
    assert backend.mailboxes.read(CALL, Side.GUEST, BEGINNING, CAME, NOW + KEPT_FOR - timedelta(seconds=1))
    assert not backend.mailboxes.read(CALL, Side.GUEST, BEGINNING, CAME, NOW + KEPT_FOR)


def test_what_is_over_hides_nothing_behind_it(backend: Backend) -> None:
    old = letters(*range(1, MOST_READ + 11))
    for start in range(0, len(old), MOST_AT_ONCE):
        backend.mailboxes.put(CALL, Side.GUEST, old[start : start + MOST_AT_ONCE], NOW)
    later = NOW + KEPT_FOR
    backend.mailboxes.put(CALL, Side.GUEST, letters(100), later)
    assert backend.mailboxes.read(CALL, Side.GUEST, BEGINNING, CAME, later) == letters(100)


def test_who_comes_in_somebodys_place_reads_nothing_that_was_for_them(backend: Backend) -> None:
    backend.mailboxes.put(CALL, Side.GUEST, letters(1), NOW)
    came = NOW + timedelta(milliseconds=1)
    backend.mailboxes.put(CALL, Side.GUEST, letters(2), came)
    assert backend.mailboxes.read(CALL, Side.GUEST, BEGINNING, came, came) == letters(2)


def test_more_than_an_answer_holds_is_read_in_several(backend: Backend) -> None:
    sent = letters(*range(1, MOST_READ + 11))
    for start in range(0, len(sent), MOST_AT_ONCE):
        backend.mailboxes.put(CALL, Side.GUEST, sent[start : start + MOST_AT_ONCE], NOW)
    first = backend.mailboxes.read(CALL, Side.GUEST, BEGINNING, CAME, NOW)
    assert first == sent[:MOST_READ]
    assert backend.mailboxes.read(CALL, Side.GUEST, first[-1].place, CAME, NOW) == sent[MOST_READ:]


def test_a_store_that_is_busy_says_so(backend: Backend) -> None:
    with backend.throttled(), pytest.raises(StoreBusyError):
        backend.mailboxes.put(CALL, Side.GUEST, letters(1), NOW)
