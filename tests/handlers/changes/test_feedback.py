"""The queue of what providers say of messages: what is told, what is dropped, what comes again, and what is logged."""

import json
from io import StringIO
from typing import Any

import pytest

from slotline.domain.booking.reminders import Channel
from slotline.domain.messages.bounds import identity_of
from tests.handlers.changes.conftest import LATER, Calls, code_of
from tests.support.builders.bookings import a_sending
from tests.support.builders.deadlines import Context
from tests.support.builders.feedback import ADDRESS, PHONE, ses_event, sms_event
from tests.support.handlers import APP_ID, load_function
from tests.support.memory.faults import Fault


def record(*events: Any, milliseconds: int = 30_000) -> list[str]:
    """Run the function on these; which of them stay in the queue."""
    bodies = [event if isinstance(event, str) else json.dumps(event) for event in events]
    batch = {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}
    answer = load_function("reminders/record_feedback").handler(batch, Context(milliseconds))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def sent(calls: Calls, call: dict[str, Any], channel: Channel = Channel.EMAIL, sending_id: str = "sending-1") -> Any:
    """A message about the call that went out, and by which ids its provider knows it."""
    recipient = identity_of(ADDRESS if channel is Channel.EMAIL else PHONE)
    ids = {"app_id": APP_ID, "call_id": call["id"]}
    ports: Any = calls.ports
    ports.reminders.note_sending(a_sending(**ids, id=sending_id, channel=channel, recipient=recipient))
    return {**ids, "sending_id": sending_id}


def test_a_bounce_and_a_text_message_that_failed_are_on_the_timeline_and_counted(
    calls: Calls, capsys: pytest.CaptureFixture[str]
) -> None:
    call = calls.book(guestEmail=ADDRESS, guestPhone=PHONE)
    mail, text = sent(calls, call), sent(calls, call, Channel.SMS, "sending-2")
    assert record(ses_event("Bounce", mail), sms_event("TEXT_UNREACHABLE", text), ses_event("Bounce", mail)) == []
    assert '"RemindersBounced":[1.0,1.0]' in capsys.readouterr().out
    _, (_, *events) = calls.read(call)
    told = [(event["event_type"], event["payload"]["channel"], event["payload"]["suppressed"]) for event in events]
    assert told == [("reminder_bounced", "email", True), ("reminder_bounced", "sms", False)]


def test_who_was_suppressed_is_not_written_to_on_request_and_books_again(calls: Calls) -> None:
    call = calls.book(guestEmail=ADDRESS)
    record(ses_event("Complaint", sent(calls, call)))
    assert calls.events(call)[-1] == "reminder_complained"
    assert code_of(calls.remind(call)) == (400, "invalid_request", "suppressed")
    assert calls.remind(call, {"channel": "email"}).error["details"][0]["field"] == "channel"
    calls.book(guestEmail=ADDRESS, scheduledAtUtc=LATER)


def test_what_is_no_report_or_about_no_message_of_ours_leaves_the_queue_and_is_counted_if_it_is_a_report(
    calls: Calls, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    call = calls.book(guestEmail=ADDRESS)
    strangers = {"app_id": APP_ID, "call_id": call["id"], "sending_id": "another"}
    assert record("Successfully validated SNS topic", "{", ses_event("Delivery"), ses_event("Bounce", strangers)) == []
    assert calls.events(call) == ["created"]
    assert '"FeedbackUnmatched":[1.0]' in capsys.readouterr().out
    assert "ERROR" not in log.getvalue()


def test_a_report_that_cannot_be_recorded_now_comes_again_alone_and_no_log_says_whose_it_is(
    calls: Calls, capsys: pytest.CaptureFixture[str], log: StringIO
) -> None:
    call = calls.book(guestEmail=ADDRESS)
    first, second = sent(calls, call), sent(calls, call, sending_id="sending-2")
    ports: Any = calls.ports
    ports.store.faults.reads.append(Fault.BUSY)
    assert record(ses_event("Bounce", first), ses_event("Bounce", second)) == ["0"]
    assert record(ses_event("Bounce", first)) == []
    assert calls.events(call) == ["created", "reminder_bounced", "reminder_bounced"]
    assert "feedback could not be recorded" in log.getvalue()
    written = log.getvalue() + capsys.readouterr().out
    assert "FeedbackFailed" in written
    assert ADDRESS not in written
    assert "guest.example" not in written


def test_a_report_for_which_there_is_no_time_left_is_not_begun(calls: Calls) -> None:
    call = calls.book(guestEmail=ADDRESS)
    assert record(ses_event("Bounce", sent(calls, call)), milliseconds=2_000) == ["0"]
    assert calls.events(call) == ["created"]
