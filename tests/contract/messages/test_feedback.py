"""What comes back of messages: a sending is known by its id, news of it is kept once and may suppress its recipient."""

from dataclasses import replace

import pytest

from slotline.domain.booking.calls import Call
from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback, HeardFeedback, Sending, Suppression, hear
from slotline.ports.booking import BookingWrite
from slotline.ports.shared import RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_call, a_sending, minutes, write_call


def booked(backend: Backend) -> tuple[Call, Sending]:
    """A call, and a message about it that was handed over."""
    call = write_call(backend.bookings, a_call())
    sending = a_sending(call)
    backend.reminders.note_sending(sending)
    return call, sending


def told(backend: Backend, call: Call, heard: HeardFeedback) -> Call:
    """The call with this news written."""
    changed = replace(call, revision=call.revision + 1)
    backend.bookings.commit(BookingWrite(call=changed, events=(), replaces=call.revision, heard=heard))
    return changed


def test_a_handing_over_is_found_by_its_id_and_by_no_other(backend: Backend) -> None:
    call, sending = booked(backend)
    assert backend.reminders.sending(APP_ID, call.id, sending.id) == sending
    assert backend.reminders.sending(APP_ID, call.id, "sending-2") is None
    assert backend.reminders.sending(APP_ID, "another-call", sending.id) is None
    assert backend.reminders.sending(OTHER_APP_ID, call.id, sending.id) is None


@pytest.mark.parametrize("feedback", list(Feedback))
def test_news_is_kept_with_its_sending_and_suppresses_if_it_is_final(backend: Backend, feedback: Feedback) -> None:
    call, sending = booked(backend)
    heard = hear(sending, feedback, "no_email", NOW)
    told(backend, call, heard)
    found = backend.reminders.sending(APP_ID, call.id, sending.id)
    assert found is not None
    assert found.heard == {feedback}
    suppression = backend.suppressions.find(APP_ID, Channel.EMAIL, "hash-1")
    assert suppression == heard.suppression
    assert (suppression is None) is (feedback is Feedback.BOUNCED)


def test_the_same_news_is_written_once(backend: Backend) -> None:
    call, sending = booked(backend)
    heard = hear(sending, Feedback.BOUNCED_FOR_GOOD, "no_email", NOW)
    changed = told(backend, call, heard)
    with pytest.raises(RaceLost):
        told(backend, changed, heard)
    told(backend, changed, hear(sending, Feedback.COMPLAINED, "abuse", NOW))
    found = backend.reminders.sending(APP_ID, call.id, sending.id)
    assert found is not None
    assert found.heard == {Feedback.BOUNCED_FOR_GOOD, Feedback.COMPLAINED}


def test_news_of_a_sending_that_nobody_knows_is_not_written(backend: Backend) -> None:
    call, _ = booked(backend)
    unknown = a_sending(call, id="sending-2")
    with pytest.raises(RaceLost):
        told(backend, call, hear(unknown, Feedback.COMPLAINED, "abuse", NOW))
    assert backend.suppressions.find(APP_ID, Channel.EMAIL, "hash-1") is None


def test_a_complaint_stands_in_place_of_a_bounce_and_a_later_bounce_changes_neither(backend: Backend) -> None:
    call, sending = booked(backend)
    others = [a_sending(call, id=f"sending-{number}") for number in (2, 3, 4)]
    for other in others:
        backend.reminders.note_sending(other)
    seen: list[Suppression | None] = []
    order = (Feedback.BOUNCED_FOR_GOOD, Feedback.BOUNCED_FOR_GOOD, Feedback.COMPLAINED, Feedback.BOUNCED_FOR_GOOD)
    for number, (one, feedback) in enumerate(zip([sending, *others], order, strict=True)):
        call = told(backend, call, hear(one, feedback, f"reason_{number}", NOW + minutes(number)))
        seen.append(backend.suppressions.find(APP_ID, Channel.EMAIL, "hash-1"))
    assert [found.reason for found in seen if found] == ["reason_0", "reason_0", "reason_2", "reason_2"]


def test_a_suppression_is_of_one_app_channel_and_recipient(backend: Backend) -> None:
    call, sending = booked(backend)
    told(backend, call, hear(sending, Feedback.COMPLAINED, "abuse", NOW))
    assert backend.suppressions.find(OTHER_APP_ID, Channel.EMAIL, "hash-1") is None
    assert backend.suppressions.find(APP_ID, Channel.SMS, "hash-1") is None
    assert backend.suppressions.find(APP_ID, Channel.EMAIL, "hash-2") is None


def test_suppressions_are_listed_in_pages_and_lifted_one_by_one(backend: Backend) -> None:
    call, _ = booked(backend)
    places = [(Channel.EMAIL, "hash-1"), (Channel.EMAIL, "hash-2"), (Channel.SMS, "hash-1")]
    for number, (channel, recipient) in enumerate(places):
        sending = a_sending(call, id=f"sending-{number}", channel=channel, recipient=recipient)
        backend.reminders.note_sending(sending)
        call = told(backend, call, hear(sending, Feedback.COMPLAINED, "abuse", NOW))
    first = backend.suppressions.list(APP_ID, 2, None)
    rest = backend.suppressions.list(APP_ID, 2, first.next)
    assert [(row.channel, row.recipient) for row in (*first.rows, *rest.rows)] == places
    assert rest.next is None
    assert backend.suppressions.list(OTHER_APP_ID, 2, None).rows == []
    assert backend.suppressions.lift(APP_ID, Channel.EMAIL, "hash-2")
    assert not backend.suppressions.lift(APP_ID, Channel.EMAIL, "hash-2")
    assert [row.recipient for row in backend.suppressions.list(APP_ID, 9, None).rows] == ["hash-1", "hash-1"]
