"""Rows of messages beside a release that knows nothing of agents' mails, of news, or of calendar numbers."""

from dataclasses import replace
from typing import Any

import pytest

from slotline.channels.ses_email import address_of
from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.call_json import call_from_json, call_to_json
from slotline.domain.booking.reminders import Audience, Channel, News, Reminder, ReminderKind, Withdrawal, agents_id
from slotline.domain.shared.plain_json import plain
from slotline.ports.messages import MessageRefused
from slotline.store.booking.items import reminder_from_item, reminder_to_item, sending_from_item, sending_to_item
from tests.support.builders.bookings import a_call, a_reminder, a_sending

NEWER = ("news", "agent_id", "agent_message", "withdrawal", "audience")


def as_kept(reminder: Reminder) -> dict[str, Any]:
    """The row as it comes back."""
    row: dict[str, Any] = plain(reminder_to_item(reminder))
    return {name: value for name, value in row.items() if value is not None}


def of_the_release_before(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in NEWER}


INVITATION = a_reminder(kind=ReminderKind.INVITATION, channel=Channel.EMAIL)
TO_AGENT = replace(
    INVITATION, id=agents_id("agent-1"), agent_id="agent-1", agent_message=AgentMessage.MOVED, news=News.MOVED
)
WITHDRAWN = a_reminder(
    kind=ReminderKind.CANCELLATION,
    id="cancellation.email.0123",
    recipient="jane@example.com",
    withdrawal=Withdrawal(sequence=3, guest_name="Jane", zone="UTC", language=None, duration_minutes=30),
)


def test_every_message_comes_back_as_it_was_kept() -> None:
    for reminder in (INVITATION, replace(INVITATION, news=News.CONFIRMED), TO_AGENT, WITHDRAWN):
        assert reminder_from_item(as_kept(reminder)) == reminder


def test_a_row_of_the_release_before_is_read_with_its_move() -> None:
    for news in (None, News.MOVED):
        row = of_the_release_before(as_kept(replace(INVITATION, news=news)))
        assert reminder_from_item(row).news is news


def test_the_release_before_sends_a_message_to_an_agent_to_nobody() -> None:
    """It would send it to the guest if it found no recipient. To this one no channel sends: it says `refused`."""
    row = of_the_release_before(as_kept(TO_AGENT))
    with pytest.raises(MessageRefused):
        address_of(row["recipient"])
    assert ReminderKind(row["kind"]), "a kind that it knows"
    assert reminder_from_item(as_kept(TO_AGENT)).recipient is None


def test_the_release_before_takes_a_withdrawal_for_a_cancellation_of_a_call_that_is_not_cancelled() -> None:
    """So it drops it, as one that is true no more, and tells nobody."""
    former = reminder_from_item(of_the_release_before(as_kept(WITHDRAWN)))
    assert (former.kind, former.is_requested) == (ReminderKind.CANCELLATION, False)


def test_a_call_of_the_release_before_has_no_calendar_number() -> None:
    row = call_to_json(a_call(calendar_sequence=3))
    assert call_from_json(row).calendar_sequence == 3
    assert call_from_json({name: row[name] for name in row if name != "calendar_sequence"}).calendar_sequence is None


def test_a_sending_of_the_release_before_was_to_the_guest() -> None:
    sending = a_sending(audience=Audience.AGENT, agent_id="agent-1")
    row = sending_to_item(sending)
    assert sending_from_item(plain(row)) == sending
    former = sending_from_item(plain(of_the_release_before(row)))
    assert (former.audience, former.agent_id) == (Audience.GUEST, None)
