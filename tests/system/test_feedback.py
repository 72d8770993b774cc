"""What comes back of messages, on the whole system: from the provider by topic and queue to the call's timeline."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from local.feedback import NO_NUMBER
from local.process import running_system
from tests.support.worlds.api import own_app
from tests.support.worlds.later import Later, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def later() -> Iterator[Later]:
    with running_system(ready_timeout=120) as system:
        yield Later(system)


def test_a_message_that_comes_back_is_told_once_and_is_the_last_to_its_recipient(later: Later) -> None:
    app = own_app(later.system, reminders={"invitation": ["email", "sms", "whatsapp"]})
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=25)
    with app.client() as api:

        def told(call_id: str) -> dict[str, dict[str, Any]]:
            """What the timeline says of messages: by event and message."""
            events = api.ask("GET", call_id).json()["data"]["events"]
            about = [event for event in events if event["event_type"].startswith("reminder_")]
            found = {f"{event['event_type']} {event['payload']['reminder_id']}": event["payload"] for event in about}
            assert len(found) == len(about), "each is told once"
            return found

        def booked(guest: str, at: int) -> str:
            email = f"{guest}@simulator.amazonses.com"
            return api.book(None, start + timedelta(hours=at), guestEmail=email, guestPhone=NO_NUMBER)

        first = booked("bounce", 0)
        until(lambda: len(told(first)) == 6, "three invitations, and what came back of each")
        permanent = {name: payload["permanent"] for name, payload in told(first).items() if "bounced" in name}
        assert permanent == {
            "reminder_bounced invitation.email": True,
            "reminder_bounced invitation.sms": True,
            "reminder_bounced invitation.whatsapp": False,
        }
        second = booked("bounce", 2)
        until(lambda: len(told(second)) == 4, "one invitation, what came back of it, and two that were not sent")
        failed = {name: payload["reason"] for name, payload in told(second).items() if "failed" in name}
        assert failed == dict.fromkeys(
            ("reminder_failed invitation.email", "reminder_failed invitation.sms"), "suppressed"
        )
        third = booked("complaint+label", 4)
        until(lambda: "reminder_complained invitation.email" in told(third), "a complaint")
    until(lambda: later.counted("RemindersBounced") == 5, "what came back of the last")
    until(lambda: later.counted("RemindersComplained") == 1, "the complaint, counted")
    assert later.counted("FeedbackUnmatched") == later.counted("FeedbackFailed") == 0
    assert later.in_queue("FeedbackDeadLetters") == 0
