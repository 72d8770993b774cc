"""POST reminders, and what bookings and their changes make of a call's messages."""

from hashlib import sha256
from typing import Any

import pytest

from tests.handlers.changes.conftest import LATER, Calls, code_of
from tests.support.builders.apps import SetClock
from tests.support.handlers import Endpoint, Reply

PHONE = "+57 300 555 0100"
E164 = "+573005550100"


def shown(reply: Reply) -> dict[str, Any]:
    """The message of an answer."""
    assert reply.status == 202, reply.text
    reminder: dict[str, Any] = reply.json["data"]["reminder"]
    return reminder


def test_a_message_is_accepted_in_the_contracts_shape_and_waits_for_nothing(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    clock.advance(seconds=7)
    reply = calls.remind(call)
    reminder = shown(reply)
    assert reminder == {
        "id": reminder["id"],
        "fire_at": "2026-04-22T12:00:07.000Z",
        "reminder_kind": "reminder_custom",
        "channel": "email",
        "status": "planned",
    }
    assert reply.json["meta"]["timestamp"] == "2026-04-22T12:00:07.000Z"
    (row,) = calls.messages(call)
    assert (row["id"], row["due_at"]) == (reminder["id"], reminder["fire_at"])
    assert row["due_bucket"].startswith("2026-04-22T12#")


def test_every_kind_and_channel_can_be_asked_for(calls: Calls) -> None:
    calls.set_preset(reminders_per_recipient_per_hour=10)
    call = calls.book(guestPhone=PHONE)
    for kind in ("invitation", "reminder_24h", "reminder_1h", "reminder_15m", "conflict_notice", "reminder_custom"):
        assert shown(calls.remind(call, {"kind": kind}))["reminder_kind"] == kind
    for channel in ("whatsapp", "sms", "email", "genesys"):
        assert shown(calls.remind(call, {"channel": channel}))["channel"] == channel


def test_null_is_as_good_as_nothing(calls: Calls) -> None:
    call = calls.book()
    body = {"kind": None, "channel": None, "recipient": None}
    assert shown(calls.remind(call, body))["channel"] == "email"
    assert shown(calls.endpoint("remind", "POST")(calls.at(call, "reminders"), raw="null"))["channel"] == "email"


def test_without_a_channel_it_is_the_presets_first_that_reaches_the_guest(calls: Calls) -> None:
    calls.set_reminders(reminder_custom=["whatsapp", "sms"])
    assert shown(calls.remind(calls.book(guestPhone=PHONE)))["channel"] == "whatsapp"
    assert shown(calls.remind(calls.book(scheduledAtUtc=LATER)))["channel"] == "email"


@pytest.mark.parametrize(
    ("channel", "recipient", "kept"),
    [
        ("email", "joe@example.com", "joe@example.com"),
        ("email", "joe@BÜCHER.example", "joe@xn--bcher-kva.example"),
        ("sms", "+44 (20) 7946-0000", "+442079460000"),
        ("whatsapp", "+57.300.555.0100", E164),
        ("genesys", E164, E164),
    ],
)
def test_a_recipient_is_whoever_the_channel_can_reach(calls: Calls, channel: str, recipient: str, kept: str) -> None:
    calls.set_preset(allow_foreign_recipients=True)
    call = calls.book()
    shown(calls.remind(call, {"channel": channel, "recipient": recipient}))
    (row,) = calls.messages(call)
    assert row["recipient"] == kept


WRONG: list[tuple[str, Any, str | None, str]] = [
    ("an unknown field", {"at": LATER}, "at", "extra_forbidden"),
    ("a field in snake case", {"reminder_kind": "invitation"}, "reminder_kind", "extra_forbidden"),
    ("another kind", {"kind": "reminder_2h"}, "kind", "enum"),
    ("another channel", {"channel": "fax"}, "channel", "enum"),
    ("a list of channels", {"channel": ["sms"]}, "channel", "enum"),
    ("a recipient without a channel", {"recipient": "joe@example.com"}, None, "required"),
    ("a number for an e-mail", {"channel": "email", "recipient": E164}, None, "recipient"),
    ("an e-mail for an SMS", {"channel": "sms", "recipient": "joe@example.com"}, None, "recipient"),
    ("an e-mail for genesys", {"channel": "genesys", "recipient": "joe@example.com"}, None, "recipient"),
    ("too short a number", {"channel": "sms", "recipient": "+57"}, None, "recipient"),
    ("a line break", {"channel": "email", "recipient": "joe@example.com\r\nBcc: all@example.com"}, None, "recipient"),
    ("a list of recipients", {"channel": "email", "recipient": ["joe@example.com"]}, "recipient", "string_type"),
    ("a recipient of a kilobyte", {"channel": "email", "recipient": "x" * 1_024}, "recipient", "string_too_long"),
    ("a channel that does not reach the guest", {"channel": "sms"}, "channel", "unreachable"),
    ("the cancellation of a call that stands", {"kind": "cancellation"}, "kind", "invalid"),
    ("no object", [1], None, "malformed_json"),
]


@pytest.mark.parametrize(("body", "field", "code"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_bad_request_names_the_field_and_plans_nothing(calls: Calls, body: Any, field: str | None, code: str) -> None:
    call = calls.book()
    reply = calls.remind(call, body)
    detail = reply.error["details"][0]
    assert (reply.status, detail.get("field"), detail["code"]) == (400, field, code), reply.text
    assert calls.messages(call) == []


@pytest.mark.parametrize(
    ("channel", "recipient"),
    [("email", "joe@example.com"), ("sms", "+44 20 7946 0000"), ("whatsapp", "+442079460000"), ("genesys", E164)],
)
def test_a_recipient_who_is_not_the_guest_is_forbidden_unless_the_preset_allows_it(
    calls: Calls, channel: str, recipient: str
) -> None:
    call = calls.book()
    reply = calls.remind(call, {"channel": channel, "recipient": recipient})
    assert code_of(reply) == (403, "forbidden", "foreign_recipient")
    assert "allowForeignRecipients" in reply.error["message"]
    assert recipient not in reply.text
    assert calls.messages(call) == []
    calls.set_preset(allow_foreign_recipients=True)
    shown(calls.remind(call, {"channel": channel, "recipient": recipient}))


def test_the_guest_may_be_named_however_they_are_written(calls: Calls) -> None:
    call = calls.book(guestPhone=PHONE, guestEmail="Jane@example.com")
    shown(calls.remind(call, {"channel": "sms", "recipient": "+57 (300) 555-0100"}))
    shown(calls.remind(call, {"channel": "email", "recipient": "jane@EXAMPLE.com"}))


def test_a_sixth_message_to_a_recipient_within_an_hour_is_refused_until_exactly_then(
    calls: Calls, clock: SetClock
) -> None:
    first, second = calls.book(), calls.book(scheduledAtUtc=LATER)
    for number in range(5):
        shown(calls.remind((first, second)[number % 2]))
        clock.advance(minutes=10)
    reply = calls.remind(first)
    assert code_of(reply) == (429, "rate_limit_exceeded", "message_limit")
    assert reply.error["details"][0]["nextAllowedAt"] == "2026-04-22T13:00:00.000Z"
    assert "recipient" in reply.error["message"]
    assert reply.headers["Retry-After"] == "600"
    clock.advance(minutes=10, seconds=-0.001)
    assert calls.remind(first).status == 429
    clock.advance(seconds=0.001)
    shown(calls.remind(first))


def test_an_eleventh_message_about_a_call_within_a_day_is_refused(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    for _ in range(10):
        shown(calls.remind(call))
        clock.advance(minutes=15)
    reply = calls.remind(call)
    assert code_of(reply) == (429, "rate_limit_exceeded", "message_limit")
    assert reply.error["details"][0]["nextAllowedAt"] == "2026-04-23T12:00:00.000Z"
    assert len(calls.messages(call)) == 10


INTERNATIONAL = ("joe@bücher.example", "joe@BÜCHER.example", "Joe@xn--bcher-kva.example", "joe@bu\u0308cher.example")


def test_a_guest_with_an_international_domain_is_the_guest_in_whatever_form_it_is_written(calls: Calls) -> None:
    call = calls.book(guestEmail=INTERNATIONAL[0])
    for recipient in INTERNATIONAL:
        shown(calls.remind(call, {"channel": "email", "recipient": recipient}))


def test_one_recipient_in_several_forms_of_its_domain_is_counted_as_one(calls: Calls) -> None:
    calls.set_preset(reminders_per_recipient_per_hour=3, allow_foreign_recipients=True)
    call = calls.book()
    answers = [calls.remind(call, {"channel": "email", "recipient": recipient}) for recipient in INTERNATIONAL]
    assert [answer.status for answer in answers] == [202, 202, 202, 429]


def test_an_app_has_a_bound_whomever_it_writes_to(calls: Calls) -> None:
    calls.set_preset(reminders_per_app_per_hour=3, allow_foreign_recipients=True)
    call = calls.book()
    answers = [calls.remind(call, {"channel": "email", "recipient": f"joe{number}@example.com"}) for number in range(4)]
    assert [answer.status for answer in answers] == [202, 202, 202, 429]


def test_what_is_refused_and_what_is_repeated_counts_nowhere(calls: Calls) -> None:
    calls.set_preset(reminders_per_call_per_day=2)
    call = calls.book()
    for _ in range(3):
        assert calls.remind(call, {"channel": "sms"}).status == 400
        assert calls.remind(call, {"channel": "email", "recipient": "joe@example.com"}).status == 403
        shown(calls.remind(call, headers={"idempotency-key": "once"}))
    shown(calls.remind(call))
    assert calls.remind(call).status == 429


def test_an_answer_never_repeats_the_recipient(calls: Calls) -> None:
    call = calls.book()
    for body in ({"channel": "sms", "recipient": "joe@example.com"}, {"channel": "email", "recipient": E164}):
        assert body["recipient"] not in calls.remind(call, body).text
    assert E164 not in calls.remind(call, {"channel": "sms", "recipient": E164}).text


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_of_a_call_that_is_over_nobody_is_reminded(calls: Calls, status: str) -> None:
    call = calls.book()
    calls.overwrite(call, status=status)
    for body in (None, {"kind": "cancellation"}):
        assert code_of(calls.remind(call, body)) == (409, "conflict", "final_state")
    assert calls.messages(call) == []


def test_of_a_cancelled_call_only_its_cancellation_can_be_told(calls: Calls) -> None:
    call = calls.book()
    calls.cancel(call)
    assert code_of(calls.remind(call)) == (409, "conflict", "final_state")
    assert shown(calls.remind(call, {"kind": "cancellation"}))["reminder_kind"] == "cancellation"


def test_a_key_gets_the_first_answer_again_and_binds_one_body(calls: Calls, clock: SetClock) -> None:
    call = calls.book()
    key = {"idempotency-key": "remind-1"}
    first = calls.remind(call, {"channel": "email"}, headers=key)
    clock.advance(minutes=1)
    again = calls.remind(call, {"channel": "email"}, headers=key)
    assert (again.status, again.json, again.headers.get("Idempotency-Replayed")) == (202, first.json, "true")
    assert len(calls.messages(call)) == 1
    assert calls.remind(call, {"kind": "invitation"}, headers=key).status == 422
    assert shown(calls.remind(call))["id"] != shown(first)["id"]


def test_who_may_not_and_what_is_not_there(calls: Calls, others: Calls) -> None:
    call, theirs = calls.book(), others.book(assignedAgentId=None)
    assert calls.remind(call, scopes="scheduling:read").status == 403
    assert calls.remind(call, app_ids="another").status == 403
    assert Endpoint("scheduled_calls/remind", "POST", None)(calls.at(call, "reminders")).status == 401
    assert code_of(calls.remind(theirs["id"]))[:2] == (404, "not_found")
    assert code_of(calls.remind("nonsense"))[:2] == (404, "not_found")
    assert calls.messages(call) == others.messages(theirs) == []


class TestPlanned:
    """What stands in the tables after a booking and its changes."""

    @staticmethod
    def due(calls: Calls, call: dict[str, Any]) -> dict[str, str]:
        """When each message of the call is due; a dropped one is not."""
        return {row["id"]: row["due_at"] for row in calls.messages(call) if "due_at" in row}

    def test_a_booking_plans_what_the_preset_lists(self, calls: Calls) -> None:
        calls.set_reminders(invitation=["email", "sms"], reminder_24h=["email"], cancellation=["email"])
        assert self.due(calls, calls.book()) == {
            "invitation.email": "2026-04-22T12:00:00.000Z",
            "reminder_24h.email": "2026-04-30T15:00:00.000Z",
        }

    def test_a_booking_of_a_preset_that_lists_nothing_plans_nothing(self, calls: Calls) -> None:
        assert calls.messages(calls.book()) == []

    def test_a_move_a_new_address_and_a_cancellation_each_plan_anew(self, calls: Calls, clock: SetClock) -> None:
        calls.set_reminders(invitation=["email"], reminder_1h=["email", "sms"], cancellation=["email"])
        call = calls.book()
        clock.advance(minutes=5)
        calls.patch(call, {"scheduledAtUtc": LATER})
        assert self.due(calls, call) == {
            "invitation.email": "2026-04-22T12:05:00.000Z",
            "reminder_1h.email": "2026-05-01T15:00:00.000Z",
        }
        clock.advance(minutes=5)
        calls.patch(call, {"guestEmail": "joe@example.com", "guestPhone": PHONE})
        withdrawn = {f"cancellation.email.{self.hashed('jane@example.com')}": "2026-04-22T12:10:00.000Z"}
        assert self.due(calls, call) == withdrawn | {
            "invitation.email": "2026-04-22T12:10:00.000Z",
            "reminder_1h.email": "2026-05-01T15:00:00.000Z",
            "reminder_1h.sms": "2026-05-01T15:00:00.000Z",
        }
        calls.patch(call, {"guestEmail": None})
        withdrawn[f"cancellation.email.{self.hashed('joe@example.com')}"] = "2026-04-22T12:10:00.000Z"
        assert self.due(calls, call) == withdrawn | {"reminder_1h.sms": "2026-05-01T15:00:00.000Z"}
        calls.patch(call, {"guestEmail": "jane@example.com"})
        calls.cancel(call)
        assert self.due(calls, call) == withdrawn | {"cancellation.email": "2026-04-22T12:10:00.000Z"}

    @staticmethod
    def hashed(address: str) -> str:
        return sha256(address.encode()).hexdigest()[:16]

    def test_a_hold_is_due_when_it_ends(self, calls: Calls) -> None:
        calls.hold(seconds=90)
        due = [row["due_at"] for row in calls.ports.rows() if "due_bucket" in row]
        assert due == ["2026-04-22T12:01:30.000Z"]
