"""Somebody asks for a message now: to whom it goes, what is refused, and that it is once only."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from slotline.domain.booking.calls import CallStatus
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.booking.sendings import Feedback, hear
from slotline.domain.messages.bounds import identity_of
from slotline.domain.messages.sending import ReminderRequest
from slotline.domain.shared.errors import (
    AppNotFound,
    CallIsFinal,
    IdempotencyMismatch,
    InvalidRequest,
    MessageLimitReached,
    NotFound,
    Unavailable,
)
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.usecases.booking.call_changes import CancelCall
from slotline.usecases.shared.once import Answered
from slotline.usecases.shared.retrying import MAX_TRIES
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, CLIENT, TOMORROW, a_key, a_request, a_sending, minutes
from tests.support.builders.phones import BARRED
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.timing import MemoryMessenger, MemoryQueues, MemorySchedules, MemoryTimers, due_of
from tests.support.worlds.engine import Engine
from tests.support.worlds.house import House

PHONE = "+573005550100"
GUEST = a_request().guest


class Desk(House):
    """An app with one call, and whoever asks for messages about it."""

    def __init__(self, reminders: dict[str, list[str]] | None = None, **guest: Any) -> None:
        super().__init__(reminders=reminders or {}, allow_foreign_recipients=True)
        self.messenger = MemoryMessenger()
        self.engine = Engine(
            store=self.store,
            timers=MemoryTimers(self.store),
            queues=MemoryQueues(),
            schedules=MemorySchedules(),
            messenger=lambda _: self.messenger,
            clock=self.clock,
            ids=self.ids,
        )
        self.call = self.book(guest=replace(GUEST, **guest))

    def ask(self, key: IdempotencyKey | None = None, **asked: Any) -> Answered:
        request = ReminderRequest(**asked)
        return self.engine.request_reminder(APP_ID, self.call.id, request, key, lambda: None)

    @property
    def waiting(self) -> list[tuple[ReminderKind, Channel, str | None]]:
        found = [one for one in self.store.reminders.values() if one.due_at]
        return [(one.kind, one.channel, one.recipient) for one in found]

    def keep_guest(self, **guest: Any) -> None:
        """As a row from before has them."""
        kept = replace(self.call, guest=replace(self.call.guest, **guest))
        self.store.calls[APP_ID, self.call.id] = kept

    def refusal(self, **asked: Any) -> tuple[str | None, str]:
        with pytest.raises(InvalidRequest) as refused:
            self.ask(**asked)
        (detail,) = refused.value.details
        assert self.waiting == []
        return detail.field, detail.code


@pytest.fixture
def desk() -> Desk:
    return Desk(phone=PHONE, phone_e164=PHONE)


def test_a_message_is_due_at_once_and_shown_as_it_waits(desk: Desk) -> None:
    answered = desk.ask()
    (reminder,) = desk.store.reminders.values()
    assert (reminder.fire_at, reminder.due_at, reminder.scheduled_at) == (NOW, NOW, TOMORROW)
    assert dict(answered.result) == {
        "id": reminder.id,
        "fire_at": "2026-04-22T12:00:00.000Z",
        "reminder_kind": "reminder_custom",
        "channel": "email",
        "status": "planned",
    }
    assert (answered.answered_at, answered.replayed) == (NOW, False)


def test_it_is_sent_like_every_other_message(desk: Desk) -> None:
    desk.ask(channel=Channel.SMS)
    (reminder,) = desk.store.reminders.values()
    desk.engine.send_reminder(due_of(reminder))
    assert [(message.channel, message.recipient) for message in desk.messenger.sent] == [(Channel.SMS, PHONE)]
    assert desk.payload(desk.call)["reminder_id"] == reminder.id


@pytest.mark.parametrize(
    ("listed", "guest", "channel"),
    [
        ({}, {"phone_e164": PHONE}, Channel.EMAIL),
        ({}, {"email": None, "phone_e164": PHONE}, Channel.WHATSAPP),
        ({"reminder_custom": ["sms", "email"]}, {"phone_e164": PHONE}, Channel.SMS),
        ({"reminder_custom": ["sms", "genesys"]}, {}, Channel.GENESYS),
        ({"reminder_custom": ["sms"]}, {}, Channel.EMAIL),
        ({"reminder_1h": ["sms"]}, {"phone_e164": PHONE}, Channel.EMAIL),
    ],
)
def test_without_a_channel_it_is_the_first_that_reaches_the_guest(
    listed: dict[str, list[str]], guest: dict[str, Any], channel: Channel
) -> None:
    desk = Desk(listed, **guest)
    desk.ask()
    assert desk.waiting[-1] == (ReminderKind.REMINDER_CUSTOM, channel, None)


def test_a_named_channel_is_that_one_and_a_recipient_is_kept(desk: Desk) -> None:
    desk.ask(kind=ReminderKind.INVITATION, channel=Channel.WHATSAPP, recipient="+442079460000")
    assert desk.waiting == [(ReminderKind.INVITATION, Channel.WHATSAPP, "+442079460000")]


def test_who_cannot_be_reached_is_said_to_be_so() -> None:
    desk = Desk()
    assert desk.refusal(channel=Channel.SMS) == ("channel", "unreachable")
    assert desk.refusal(recipient="joe@example.com") == ("channel", "required")
    desk.ask(channel=Channel.SMS, recipient=PHONE)
    assert desk.waiting == [(ReminderKind.REMINDER_CUSTOM, Channel.SMS, PHONE)]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.WHATSAPP, Channel.GENESYS])
@pytest.mark.parametrize("number", BARRED)
def test_no_message_goes_to_a_number_that_nobody_dials_or_texts(desk: Desk, number: str, channel: Channel) -> None:
    assert desk.refusal(channel=channel, recipient=number) == ("recipient", BARRED[number])


def test_a_guest_with_such_a_number_from_before_is_reached_otherwise_or_not_at_all() -> None:
    premium = {"phone": "+1 900 555 0000", "phone_e164": "+19005550000"}
    desk = Desk({"reminder_custom": ["sms", "genesys"]})
    desk.keep_guest(**premium)
    desk.ask()
    assert [channel for _, channel, _ in desk.waiting] == [Channel.GENESYS]
    without_email = Desk({"reminder_custom": ["sms", "genesys"]})
    without_email.keep_guest(**premium, email=None)
    assert without_email.refusal() == ("channel", "unreachable")


def test_of_a_call_that_is_over_only_its_cancellation_can_be_told(desk: Desk) -> None:
    assert desk.refusal(kind=ReminderKind.CANCELLATION) == ("kind", "invalid")
    desk.change(desk.call, CancelCall())
    with pytest.raises(CallIsFinal):
        desk.ask()
    desk.ask(kind=ReminderKind.CANCELLATION)
    assert desk.waiting == [(ReminderKind.CANCELLATION, Channel.EMAIL, None)]
    for status in (CallStatus.COMPLETED, CallStatus.NO_SHOW):
        desk.put(desk.call, status=status)
        with pytest.raises(CallIsFinal):
            desk.ask(kind=ReminderKind.CANCELLATION)


def test_a_message_asked_for_before_a_move_is_not_sent_after_it(desk: Desk) -> None:
    desk.ask()
    (reminder,) = desk.store.reminders.values()
    desk.update(desk.call, scheduled_at=TOMORROW + minutes(60))
    desk.engine.send_reminder(due_of(reminder))
    assert desk.messenger.sent == []


def test_what_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.engine.request_reminder(APP_ID, "nonsense", ReminderRequest(), None, lambda: None)
    with pytest.raises(AppNotFound):
        desk.engine.request_reminder("nobody's", desk.call.id, ReminderRequest(), None, lambda: None)


def test_a_key_gets_the_first_answer_again_and_binds_one_request(desk: Desk) -> None:
    first = desk.ask(a_key())
    desk.clock.advance(minutes=5)
    again = desk.ask(a_key())
    assert (again.result, again.answered_at, again.replayed) == (first.result, NOW, True)
    assert len(desk.waiting) == 1
    with pytest.raises(IdempotencyMismatch):
        desk.ask(a_key(fingerprint="another body"))


def test_without_a_key_every_request_is_a_message(desk: Desk) -> None:
    assert desk.ask().result["id"] != desk.ask().result["id"]
    assert len(desk.waiting) == 2


@pytest.mark.parametrize("key", [None, a_key()], ids=["no key", "a key"])
@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
def test_a_request_whose_answer_was_lost_on_the_way_is_one_message(
    desk: Desk, fault: Fault, key: IdempotencyKey | None
) -> None:
    desk.faults.commits.append(fault)
    answered = desk.ask(key)
    (reminder,) = desk.store.reminders.values()
    assert answered.result["id"] == reminder.id


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
def test_the_last_message_that_is_let_through_is_answered_so_though_its_answer_was_lost(
    desk: Desk, fault: Fault
) -> None:
    for _ in range(4):
        desk.ask()
    desk.faults.commits.append(fault)
    desk.ask()
    assert len(desk.waiting) == 5
    with pytest.raises(MessageLimitReached):
        desk.ask()
    assert len(desk.waiting) == 5


def test_at_most_as_many_as_the_bound_whoever_asks_at_the_same_time(desk: Desk) -> None:
    def ask(_: int) -> bool:
        try:
            desk.ask()
        except MessageLimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(16))) == 5
    assert len(desk.waiting) == 5


def test_a_client_that_sends_again_after_a_crash_gets_one_message(desk: Desk) -> None:
    for fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER):
        desk.faults.commits.append(fault)
        with pytest.raises(Crashed):
            desk.ask(a_key())
    assert desk.ask(a_key()).replayed
    assert len(desk.waiting) == 1


def test_a_store_that_stays_busy_is_said_to_be_so(desk: Desk) -> None:
    desk.faults.commits.extend([Fault.BUSY] * MAX_TRIES)
    with pytest.raises(Unavailable):
        desk.ask()
    assert desk.waiting == []


def test_the_gate_is_asked_before_anything_is_written(desk: Desk) -> None:
    def shut() -> None:
        raise NotFound("shut")

    with pytest.raises(NotFound):
        desk.engine.request_reminder(APP_ID, desk.call.id, ReminderRequest(), a_key(), shut)
    assert (desk.waiting, desk.store.receipts) == ([], {})


def test_whoever_asks_is_on_no_timeline_until_it_is_sent(desk: Desk) -> None:
    desk.ask()
    assert desk.events(desk.call) == [(1, "created")]
    assert desk.store.events[APP_ID, desk.call.id][0].actor == CLIENT


def suppress(desk: Desk, channel: Channel, recipient: str) -> None:
    """An earlier message to this recipient came back for good."""
    sending = a_sending(desk.call, channel=channel, recipient=identity_of(recipient))
    heard = hear(sending, Feedback.BOUNCED_FOR_GOOD, "no_email", NOW)
    assert heard.suppression
    desk.store.suppressions[APP_ID, channel, sending.recipient] = heard.suppression


def test_without_a_channel_one_that_does_not_reach_the_guest_any_more_is_passed_over() -> None:
    desk = Desk(phone=PHONE, phone_e164=PHONE)
    suppress(desk, Channel.EMAIL, "jane@example.com")
    suppress(desk, Channel.WHATSAPP, PHONE)
    desk.ask()
    assert desk.waiting == [(ReminderKind.REMINDER_CUSTOM, Channel.SMS, None)]


def test_a_message_that_can_only_go_where_nothing_is_sent_any_more_is_refused_at_once() -> None:
    desk = Desk()
    suppress(desk, Channel.EMAIL, "jane@example.com")
    for asked in ({}, {"channel": Channel.EMAIL}):
        assert desk.refusal(**asked) == ("channel", "suppressed")
    own = {"channel": Channel.EMAIL, "recipient": "Jane@example.com"}
    assert desk.refusal(**own) == ("recipient", "suppressed")
    desk.ask(channel=Channel.EMAIL, recipient="joe@example.com")
    assert desk.waiting == [(ReminderKind.REMINDER_CUSTOM, Channel.EMAIL, "joe@example.com")]
