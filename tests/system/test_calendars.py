"""A call's calendar files on the whole system, from its booking to its end, read by a library that is not ours."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from local.process import running_system
from slotline.domain.booking.apps import AgentMessage
from tests.support.worlds.api import own_app, text
from tests.support.worlds.later import Later, until

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(600)]

INVITING = {"invitation": ["email"], "cancellation": ["email"], "reminder_24h": ["email"]}


@pytest.fixture
def later() -> Iterator[Later]:
    """A system of the test's own: its clock is moved on."""
    with running_system(ready_timeout=120) as system:
        yield Later(system)


def entry(message: dict[str, Any]) -> tuple[str, int, str]:
    """What a mail's file asks of a calendar: method, sequence and status."""
    calendar = Calendar.from_ical(message["ics"])
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), int(event["SEQUENCE"]), str(event["STATUS"])


def uid(message: dict[str, Any]) -> str:
    (event,) = Calendar.from_ical(message["ics"]).walk("VEVENT")
    return str(event["UID"])


def test_guest_and_agents_have_one_entry_each_that_follows_the_call(later: Later) -> None:
    app = own_app(later.system, reminders=INVITING, agent_messages=tuple(AgentMessage))
    first, second = app.agent_ids
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=30)
    with app.client() as api:
        for agent_id, address in ((first, "ada@example.com"), (second, "bob@example.com")):
            patched = api.client.patch(f"/api/v1/video/{app.app_id}/agents/{agent_id}", json={"email": address})
            assert patched.status_code == 200, patched.text
        call_id = api.book(first, start, requireConfirmation=True)
        steps: list[tuple[str, str, Any]] = [
            ("POST", f"{call_id}/confirm", {}),
            ("PATCH", call_id, {"scheduledAtUtc": text(start + timedelta(hours=1))}),
            ("PATCH", call_id, {"durationMinutes": 45}),
            ("PATCH", call_id, {"assignedAgentId": second}),
            ("PATCH", call_id, {"guestEmail": "joe@example.com"}),
            ("PATCH", call_id, {"guestIntakeNotes": "two of us"}),
            ("PATCH", call_id, {"assignedAgentId": None}),
            ("DELETE", call_id, None),
        ]
        seen = 2
        until(lambda: len(later.messages([call_id])) == seen, "the invitations")
        for (method, path, body), mails in zip(steps, (2, 2, 2, 3, 3, 0, 2, 1), strict=True):
            answer = api.ask(method, path, body)
            assert answer.status_code == 200, answer.text
            seen += mails
            until(lambda so_far=seen: len(later.messages([call_id])) == so_far, f"{mails} mails after {method} {body}")
    found = later.messages([call_id])
    by_mailbox = {
        to: [entry(message) for message in found if message["to"] == to] for to in {message["to"] for message in found}
    }
    confirmed = [("REQUEST", number, "CONFIRMED") for number in range(8)]
    assert by_mailbox == {
        "jane@example.com": [("REQUEST", 0, "TENTATIVE"), *confirmed[1:5], ("CANCEL", 5, "CANCELLED")],
        "joe@example.com": [*confirmed[6:8], ("CANCEL", 8, "CANCELLED")],
        "ada@example.com": [("REQUEST", 0, "TENTATIVE"), *confirmed[1:4], ("CANCEL", 4, "CANCELLED")],
        "bob@example.com": [confirmed[4], confirmed[6], ("CANCEL", 7, "CANCELLED")],
    }
    guests = {"jane@example.com", "joe@example.com"}
    assert {uid(message) for message in found if message["to"] in guests} == {f"{call_id}@slotline"}
    agents = {(message["to"], uid(message)) for message in found if message["to"] not in guests}
    assert len(agents) == len({name for _, name in agents} - {f"{call_id}@slotline"}) == 2


def test_a_reminder_that_an_outage_made_late_says_how_long_is_left(later: Later) -> None:
    app = own_app(later.system, reminders={"reminder_24h": ["email"], "reminder_15m": ["email"]})
    start = later.now().replace(second=0, microsecond=0) + timedelta(hours=25)
    with app.client() as api:
        call_id = api.book(None, start, bufferBeforeMinutes=0, bufferAfterMinutes=0)
    later.advance_to(start - timedelta(minutes=40))
    until(lambda: len(later.messages([call_id])) == 1, "the reminder of the day before, late", 150)
    (message,) = later.messages([call_id])
    assert message["kind"] == "reminder_24h"
    minutes = {f"In {left} minutes: your video call with Test" for left in (38, 39, 40)}
    assert message["subject"] in minutes
