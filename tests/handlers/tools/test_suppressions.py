"""The operator sees whom nothing is sent to any more, and lifts that."""

from typing import Any

import pytest

from slotline.domain.booking.reminders import Channel
from slotline.domain.booking.sendings import Feedback, Suppression, hear
from slotline.domain.messages.bounds import identity_of
from slotline.ids import new_id
from slotline.store.booking import items
from slotline.store.dynamodb.client import to_values
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import a_sending

ADDRESS, PHONE = "jane@xn--bcher-kva.example", "+573005550100"


@pytest.fixture
def suppress(target: Any, app_id: str) -> Any:
    def put(channel: Channel, recipient: str, feedback: Feedback = Feedback.BOUNCED_FOR_GOOD) -> Suppression:
        sending = a_sending(app_id=app_id, channel=channel, recipient=identity_of(recipient), call_id=new_id())
        found = hear(sending, feedback, "no_email", NOW).suppression
        assert found
        row = to_values(items.suppression_to_item(found))
        target.client("dynamodb").put_item(TableName=target.scheduling_table, Item=row)
        return found

    return put


@pytest.fixture
def app_id(run: Any) -> str:
    """An app of its own."""
    made: str = run("app", "create", "--name", "Acme", "--timezone", "UTC").json["app_id"]
    return made


def listed(run: Any, app_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("suppressions", "list", "--app", app_id).json["suppressions"]
    return found


def test_a_suppression_is_shown_with_its_reason_and_its_call_and_without_an_address(run, app_id, suppress):
    assert listed(run, app_id) == []
    kept = suppress(Channel.EMAIL, ADDRESS, Feedback.COMPLAINED)
    assert listed(run, app_id) == [
        {
            "id": f"email:{kept.recipient}",
            "app_id": app_id,
            "channel": "email",
            "feedback": "complained",
            "reason": "no_email",
            "call_id": kept.call_id,
            "since": "2026-04-22T12:00:00.000Z",
        }
    ]
    assert "jane" not in run("suppressions", "list", "--app", app_id).out


def test_an_address_is_lifted_of_a_guest_and_of_an_agent_at_once(run, app_id, suppress):
    suppress(Channel.EMAIL, ADDRESS)
    suppress(Channel.EMAIL, f"agent {ADDRESS}")
    assert run("suppressions", "lift", "--app", app_id, ADDRESS).json == {"app_id": app_id, "lifted": ["email"]}
    assert listed(run, app_id) == []


def test_more_than_a_page_of_them_is_shown_whole(run, app_id, suppress, monkeypatch):
    monkeypatch.setattr("tools.suppressions.PAGE", 2)
    kept = [suppress(Channel.EMAIL, f"guest{number}@example.com") for number in range(5)]
    assert [one["id"] for one in listed(run, app_id)] == sorted(f"email:{one.recipient}" for one in kept)


@pytest.mark.parametrize(
    ("channel", "kept", "typed"),
    [
        (Channel.EMAIL, ADDRESS, "Jane@bücher.example"),
        (Channel.EMAIL, ADDRESS, f"email:{identity_of(ADDRESS)}"),
        (Channel.SMS, PHONE, "+57 (300) 555-0100"),
        (Channel.SMS, PHONE, f"sms:{identity_of(PHONE)}"),
    ],
)
def test_it_is_lifted_by_its_address_number_or_id(run, app_id, suppress, channel, kept, typed):
    suppress(channel, kept)
    suppress(channel, "another@example.com")
    assert run("suppressions", "lift", "--app", app_id, typed).json == {"app_id": app_id, "lifted": [channel.value]}
    assert [one["id"] for one in listed(run, app_id)] == [f"{channel}:{identity_of('another@example.com')}"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("jane@example.com", "nothing is suppressed there"),
        ("+573005550100", "nothing is suppressed there"),
        (f"genesys:{'0' * 64}", "nothing to lift on channel genesys"),
        ("jane@", "RECIPIENT must be an e-mail address"),
        ("jane", "RECIPIENT"),
    ],
)
def test_what_is_not_suppressed_or_cannot_be_is_refused(run, app_id, typed, said):
    ran = run("suppressions", "lift", "--app", app_id, typed)
    assert ran.status == 1
    assert said in ran.err


def test_another_apps_suppression_is_not_lifted(run, app_id, suppress):
    suppress(Channel.EMAIL, ADDRESS)
    other = run("app", "create", "--name", "Other", "--timezone", "UTC").json["app_id"]
    assert run("suppressions", "lift", "--app", other, ADDRESS).status == 1
    assert len(listed(run, app_id)) == 1
    assert run("suppressions", "list", "--app", new_id()).status == 1
