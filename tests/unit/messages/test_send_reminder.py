"""A message's moment has come: sent while it is true, at least once, and told on the timeline."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.booking.calls import Call
from slotline.domain.booking.guest_links import GuestLink, LinkKeys
from slotline.domain.booking.reminders import Channel, ReminderStatus
from slotline.domain.messages.sending import LEASE, MOST_ATTEMPTS, ReminderRequest
from slotline.domain.shared.errors import Unavailable
from slotline.ports.messages import MessageRefused, MessengerBusyError
from slotline.ports.shared import StoreBusyError
from slotline.usecases.booking.call_changes import CancelCall, CompleteCall, MissCall, StartCall
from slotline.usecases.shared.retrying import MAX_TRIES
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, APP_ID, TOMORROW, a_request, minutes
from tests.support.builders.guest_links import opened
from tests.support.builders.phones import BARRED
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.timing import (
    LostAnswerError,
)
from tests.support.worlds.engine import ROOMS
from tests.support.worlds.sending_desk import SendingDesk

AN_HOUR_BEFORE = TOMORROW - minutes(60)
SECOND = timedelta(seconds=1)


@pytest.fixture
def desk() -> SendingDesk:
    return SendingDesk()


class TestSent:
    """What goes out, and what is told of it."""

    def test_a_message_is_sent_once_and_told_on_the_timeline(self, desk: SendingDesk) -> None:
        call = desk.book()
        due = desk.due(call)
        assert due.at == AN_HOUR_BEFORE
        assert desk.send(due) is ReminderStatus.SENT
        assert desk.send(due) is None
        assert [message.recipient for message in desk.sent] == ["jane@example.com"]
        assert desk.told(call) == [("reminder_1h.email", None)]
        assert (desk.row(call).status, desk.row(call).due_at) == (ReminderStatus.SENT, None)
        event = desk.store.events[APP_ID, call.id][-1]
        about = {"reminder_id": "reminder_1h.email", "kind": "reminder_1h", "channel": "email"}
        assert event.payload == {**about, "audience": "guest"}
        assert event.actor.type == "system"

    def test_a_message_says_what_the_call_is_when_it_goes_out(self) -> None:
        desk = SendingDesk(branding_name="Acme Care", branding_color="#0000ff")
        desk.store.agents[APP_ID, AGENT] = replace(desk.store.agents[APP_ID, AGENT], name="Ada")
        call = desk.book(duration_minutes=45)
        due = desk.due(call)
        changed = desk.update(call, guest={"name": "Joe", "timezone": "America/Bogota", "language": "es-CO"})
        desk.send(due)
        (message,) = desk.sent
        assert (message.guest_name, message.zone, message.language) == ("Joe", "America/Bogota", "es-CO")
        assert (message.sender_name, message.sender_color) == ("Acme Care", "#0000ff")
        assert (message.agent_name, message.join_url) == ("Ada", f"{ROOMS}/c/{call.id}")
        assert (message.scheduled_at, message.duration_minutes) == (TOMORROW, 45)
        assert message.sequence == changed.calendar_sequence == 1

    @pytest.mark.parametrize("number", BARRED)
    def test_nobody_texts_a_number_that_was_kept_before_it_was_barred(self, number: str) -> None:
        desk = SendingDesk({"reminder_1h": ["sms"]})
        call = desk.book(guest=replace(a_request().guest, phone="+57 300 555 0100", phone_e164="+573005550100"))
        kept = replace(call, guest=replace(call.guest, phone=number, phone_e164=number))
        desk.store.calls[APP_ID, call.id] = kept
        assert desk.send(desk.due(call, "reminder_1h.sms")) is ReminderStatus.FAILED
        assert desk.sent == []
        assert desk.told(call) == [("reminder_1h.sms", "number_barred")]

    def test_a_number_that_was_kept_with_its_trunk_prefix_is_texted_without_it(self) -> None:
        desk = SendingDesk({"reminder_1h": ["sms"]})
        call = desk.book(guest=replace(a_request().guest, phone="+44 (0) 20 7946 0960", phone_e164="+4402079460960"))
        assert desk.send(desk.due(call, "reminder_1h.sms")) is ReminderStatus.SENT
        assert [message.recipient for message in desk.sent] == ["+442079460960"]

    def test_what_the_guest_did_not_say_is_the_presets(self) -> None:
        desk = SendingDesk(language="es")
        call = desk.book(assigned_agent_id=None)
        desk.send(desk.due(call))
        (message,) = desk.sent
        assert (message.language, message.zone, message.sender_name) == ("es", "UTC", "Acme")
        assert message.agent_name is None

    def test_a_new_address_gets_it(self, desk: SendingDesk) -> None:
        call = desk.book()
        desk.update(call, guest={"email": "joe@example.com"})
        desk.send(desk.due(call))
        assert [message.recipient for message in desk.sent] == ["joe@example.com"]

    def test_a_message_is_on_its_way_at_its_moment_and_not_before_it(self, desk: SendingDesk) -> None:
        """The queue's handler sees to it (`slotline.queues.batches`); the claim is for the moment alone."""
        call = desk.book()
        assert desk.engine.send_reminder(replace(desk.due(call), at=AN_HOUR_BEFORE - SECOND)) is None
        assert desk.sent == []

    def test_sent_again_a_message_is_the_same(self, desk: SendingDesk) -> None:
        """Its id and its time are what a provider knows a repeat by."""
        desk.messenger.failures.extend([LostAnswerError])
        call = desk.book()
        desk.live_through(call)
        first, second = desk.sent
        assert (first.id, first.created_at) == (second.id, second.created_at)


def begin(desk: SendingDesk, call: Call) -> None:
    """Somebody joins as early as they may."""
    desk.clock.instant = TOMORROW - minutes(60)
    desk.change(call, StartCall())


class TestTheGuestsLink:
    """Who is sent the way to act as the guest."""

    @pytest.mark.parametrize("channel", ["email", "sms", "whatsapp"])
    def test_a_message_to_the_guest_has_it(self, channel: str) -> None:
        desk = SendingDesk({"reminder_1h": [channel]})
        call = desk.book(guest=replace(a_request().guest, phone="+57 300 555 0100", phone_e164="+573005550100"))
        desk.send(desk.due(call, f"reminder_1h.{channel}"))
        (message,) = desk.sent
        assert message.guest_url is not None
        assert message.guest_url.startswith(ROOMS)
        assert opened(message.guest_url) == GuestLink(call_id=call.id, epoch=0)

    def test_a_dispatch_which_agents_read_has_none(self) -> None:
        desk = SendingDesk({"reminder_1h": ["genesys"]})
        call = desk.book()
        desk.send(desk.due(call, "reminder_1h.genesys"))
        assert [message.guest_url for message in desk.sent] == [None]

    @pytest.mark.parametrize(("recipient", "has_it"), [("Jane@example.com", True), ("boss@example.com", False)])
    def test_a_message_that_was_asked_for_has_it_if_it_goes_to_the_guest(self, recipient: str, *, has_it: bool) -> None:
        desk = SendingDesk(allow_foreign_recipients=True)
        call = desk.book()
        asked = ReminderRequest(channel=Channel.EMAIL, recipient=recipient)
        answered = desk.engine.request_reminder(APP_ID, call.id, asked, None, lambda: None)
        desk.send(desk.due(call, str(answered.result["id"])))
        assert [message.guest_url is not None for message in desk.sent] == [has_it]

    def test_a_message_waits_while_nobody_knows_the_keys(self) -> None:
        def unknown() -> LinkKeys:
            raise StoreBusyError("the keys of guests' links cannot be read")

        desk = SendingDesk()
        call = desk.book()
        with pytest.raises(StoreBusyError):
            replace(desk.engine.send_reminder, link_keys=unknown)(desk.due(call))
        assert desk.sent == []
        desk.clock.instant = desk.row(call).due_at or NOW
        assert desk.send(desk.due(call)) is ReminderStatus.SENT


class TestNotTrueAnyMore:
    """What changed before the claim."""

    @pytest.mark.parametrize(
        "change",
        [
            lambda desk, call: desk.change(call, CancelCall()),
            begin,
            lambda desk, call: desk.update(call, scheduled_at=TOMORROW + minutes(600)),
            lambda desk, call: desk.update(call, guest={"phone": "+573005550100", "email": None}),
        ],
        ids=["cancelled", "started", "moved", "unreachable"],
    )
    def test_a_stale_wake_up_sends_nothing(self, desk: SendingDesk, change: Any) -> None:
        call = desk.book()
        due = desk.due(call)
        change(desk, call)
        assert desk.send(due) is None
        assert (desk.sent, desk.told(call)) == ([], [])

    @pytest.mark.parametrize(
        "change",
        [
            lambda desk, call: desk.put(call, scheduled_at=TOMORROW + minutes(600)),
            lambda desk, call: desk.put(call, guest=replace(call.guest, email=None)),
            lambda desk, call: desk.store.calls.pop((APP_ID, call.id)),
        ],
        ids=["moved", "unreachable", "gone"],
    )
    def test_what_is_due_all_the_same_is_dropped_and_nothing_told(self, desk: SendingDesk, change: Any) -> None:
        call = desk.book()
        change(desk, call)
        assert desk.send(desk.due(call)) is ReminderStatus.DROPPED
        assert (desk.sent, desk.told(call)) == ([], [])
        assert desk.row(call).due_at is None

    @pytest.mark.parametrize(
        "change",
        [
            lambda desk, call: desk.update(call, scheduled_at=TOMORROW + minutes(600)),
            lambda desk, call: desk.change(call, CancelCall()),
        ],
        ids=["moved", "cancelled"],
    )
    def test_who_asked_for_a_message_is_told_that_the_call_overtook_it(self, desk: SendingDesk, change: Any) -> None:
        call = desk.book()
        asked = desk.engine.request_reminder(APP_ID, call.id, ReminderRequest(), None, lambda: None).result["id"]
        due = desk.due(call, asked)
        change(desk, call)
        assert desk.send(due) is ReminderStatus.FAILED
        assert desk.sent == []
        assert desk.told(call) == [(asked, "overtaken")]

    def test_a_reminder_that_comes_after_the_start_is_too_late(self, desk: SendingDesk) -> None:
        call = desk.book()
        desk.clock.instant = TOMORROW
        assert desk.send(desk.due(call)) is ReminderStatus.FAILED
        assert desk.sent == []
        assert desk.told(call) == [("reminder_1h.email", "too_late")]

    def test_an_invitation_that_comes_a_day_late_is_too_late(self) -> None:
        desk = SendingDesk({"invitation": ["email"]})
        call = desk.book(scheduled_at=TOMORROW + timedelta(days=3))
        desk.clock.instant = NOW + timedelta(days=1)
        assert desk.send(desk.due(call, "invitation.email")) is ReminderStatus.FAILED
        assert desk.told(call) == [("invitation.email", "too_late")]

    def test_a_cancellation_is_sent_of_a_cancelled_call(self) -> None:
        desk = SendingDesk({"cancellation": ["email"]})
        call = desk.book()
        desk.change(call, CancelCall(reason="storm"))
        assert desk.send(desk.due(call, "cancellation.email")) is ReminderStatus.SENT
        (message,) = desk.sent
        assert (message.reason, message.call_status) == ("storm", "cancelled")
        assert desk.told(call) == [("cancellation.email", None)], "the timeline of a call that is over goes on"


class TestMeanwhile:
    """What changes between the claim and the outcome."""

    def test_what_happens_to_the_call_meanwhile_stands_beside_the_outcome(self, desk: SendingDesk) -> None:
        call = desk.book()
        desk.messenger.meanwhile = lambda: desk.change(call, CancelCall())
        assert desk.send(desk.due(call)) is ReminderStatus.SENT
        assert desk.told(call) == [("reminder_1h.email", None)], "it was sent, so that is told"
        assert desk.store.calls[APP_ID, call.id].status == "cancelled"
        assert desk.row(call).due_at is None

    def test_a_message_planned_anew_meanwhile_is_sent_at_its_new_time_too(self, desk: SendingDesk) -> None:
        call = desk.book()
        due = desk.due(call)
        desk.messenger.meanwhile = lambda: desk.update(call, scheduled_at=TOMORROW + minutes(600))
        desk.send(due)
        desk.messenger.meanwhile = lambda: None
        assert desk.due(call).at == TOMORROW + minutes(540)
        assert desk.send(desk.due(call)) is ReminderStatus.SENT
        assert [message.scheduled_at for message in desk.sent] == [TOMORROW, TOMORROW + minutes(600)]

    def test_a_message_dropped_while_its_channel_was_busy_is_not_tried_again(self) -> None:
        """A call that is over drops its invitation; whoever was sending it must not bring it back."""
        desk = SendingDesk({"invitation": ["email"]})
        desk.clock.instant = TOMORROW - minutes(30)
        call = desk.book()
        desk.messenger.failures.append(MessengerBusyError)
        desk.messenger.meanwhile = lambda: (desk.change(call, StartCall()), desk.change(call, CompleteCall()))
        desk.send(desk.due(call, "invitation.email"))
        assert desk.row(call, "invitation.email").due_at is None
        assert desk.sent == []

    def test_who_lost_the_claim_changes_nothing(self, desk: SendingDesk) -> None:
        call = desk.book()

        def taken_by_another() -> None:
            desk.messenger.meanwhile = lambda: None
            desk.clock.instant += LEASE
            desk.send(desk.due(call))

        desk.messenger.meanwhile = taken_by_another
        desk.send(desk.due(call))
        assert len(desk.sent) == 2, "at least once, where a sender took longer than its lease"
        assert desk.told(call) == [("reminder_1h.email", None)]
        assert desk.row(call).due_at is None

    def test_a_call_that_goes_away_meanwhile_settles_its_message(self, desk: SendingDesk) -> None:
        call = desk.book()
        desk.messenger.meanwhile = lambda: desk.store.calls.pop((APP_ID, call.id))
        assert desk.send(desk.due(call)) is ReminderStatus.SENT
        assert desk.row(call).status is ReminderStatus.SENT


class TestChannels:
    """Channels that are not there, refuse, or are busy."""

    def test_a_channel_that_is_not_set_up_is_told(self, desk: SendingDesk) -> None:
        desk.without.add(Channel.EMAIL)
        call = desk.book()
        assert desk.send(desk.due(call)) is ReminderStatus.FAILED
        assert desk.told(call) == [("reminder_1h.email", "channel_not_set_up")]
        assert desk.row(call).due_at is None

    def test_a_refused_message_is_told_and_not_tried_again(self, desk: SendingDesk) -> None:
        desk.messenger.failures.append(MessageRefused)
        call = desk.book()
        assert desk.send(desk.due(call)) is ReminderStatus.FAILED
        assert desk.told(call) == [("reminder_1h.email", "refused")]
        assert desk.row(call).due_at is None

    def test_a_busy_channel_is_tried_again_later_and_later(self, desk: SendingDesk) -> None:
        desk.messenger.failures.extend([MessengerBusyError] * 3)
        call = desk.book()
        woken = desk.live_through(call)
        assert [(at - AN_HOUR_BEFORE).total_seconds() for at in woken] == [0, 10, 40, 100]
        assert len(desk.sent) == 1
        assert desk.told(call) == [("reminder_1h.email", None)], "what went well in the end is told once"

    @pytest.mark.parametrize("error", [KeyError, ValueError, UnicodeEncodeError])
    def test_words_that_cannot_be_made_leave_the_message_recorded_and_are_given_up(
        self, error: type[Exception]
    ) -> None:
        """A catalogue without the text, a time that cannot be written: raised for the log, and never for ever."""
        desk = SendingDesk({"reminder_24h": ["email"]})
        call = desk.book(scheduled_at=TOMORROW + timedelta(days=1))

        def fails() -> None:
            raise error(*(("ascii", "", 0, 1, "") if error is UnicodeEncodeError else ("words",)))

        desk.messenger.meanwhile = fails
        tries = 0
        while desk.row(call, "reminder_24h.email").due_at is not None:
            due, tries = desk.due(call, "reminder_24h.email"), tries + 1
            with pytest.raises(error):
                desk.send(due)
            assert desk.send(due) is None, "the wake-up that comes again finds nothing to do"
        assert tries == MOST_ATTEMPTS
        assert desk.told(call) == [("reminder_24h.email", "not_composed")]

    def test_a_channel_that_stays_busy_is_given_up(self) -> None:
        desk = SendingDesk({"reminder_24h": ["email"]})
        call = desk.book(scheduled_at=TOMORROW + timedelta(days=1))
        desk.messenger.failures.extend([MessengerBusyError] * 20)
        due, tries = desk.due(call, "reminder_24h.email"), 0
        while desk.send(due) is ReminderStatus.PLANNED:
            due, tries = desk.due(call, "reminder_24h.email"), tries + 1
        assert tries + 1 == MOST_ATTEMPTS
        assert desk.told(call) == [("reminder_24h.email", "channel_unavailable")]
        assert desk.row(call, "reminder_24h.email").due_at is None

    def test_a_try_that_would_come_after_the_start_is_none(self) -> None:
        desk = SendingDesk({"reminder_15m": ["email"]})
        call = desk.book()
        desk.messenger.failures.extend([MessengerBusyError] * 20)
        due = desk.due(call, "reminder_15m.email")
        while desk.send(due) is ReminderStatus.PLANNED:
            due = desk.due(call, "reminder_15m.email")
        assert desk.told(call) == [("reminder_15m.email", "too_late")]


class TestDying:
    """A sender that dies on the way."""

    @pytest.mark.parametrize("fault", Fault)
    @pytest.mark.parametrize("number", range(5))
    def test_a_fault_at_any_reading_ends_in_one_message_unless_the_sender_dies_after_sending(
        self, desk: SendingDesk, number: int, fault: Fault
    ) -> None:
        """The call, its guest's suppression and its agent before it is sent; the call and the claim after it."""
        desk.sender_faults.reads.extend([*[None] * number, fault])
        call = desk.book()
        desk.live_through(call)
        died_after_sending = number >= 3 and fault in (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
        assert len(desk.sent) == (2 if died_after_sending else 1)
        assert desk.told(call) == [("reminder_1h.email", None)]

    @pytest.mark.parametrize("fault", [None, *Fault])
    def test_a_fault_at_the_claim_ends_in_one_message_within_its_lease(
        self, desk: SendingDesk, fault: Fault | None
    ) -> None:
        desk.sender_faults.commits.append(fault)
        call = desk.book()
        woken = desk.live_through(call)
        assert len(desk.sent) == 1
        assert woken[-1] <= AN_HOUR_BEFORE + LEASE
        assert desk.told(call) == [("reminder_1h.email", None)]

    @pytest.mark.parametrize("fault", Fault)
    def test_a_fault_at_the_note_of_a_sending_ends_in_one_message(self, desk: SendingDesk, fault: Fault) -> None:
        desk.sender_faults.commits.extend([None, fault])
        call = desk.book()
        desk.live_through(call)
        assert len(desk.sent) == 1
        assert desk.told(call) == [("reminder_1h.email", None)]

    @pytest.mark.parametrize(
        ("fault", "messages"),
        [
            (Fault.BUSY, 1),  # nothing was written, and the sender tries once more
            (Fault.LOST_ANSWER, 1),  # it was written, and the sender finds its own change
            (Fault.CRASH_BEFORE, 2),  # nobody knows any more that it was sent
            (Fault.CRASH_AFTER, 1),
        ],
    )
    def test_a_fault_at_the_outcome_ends_in_one_message_unless_the_sender_dies_of_it(
        self, desk: SendingDesk, fault: Fault, messages: int
    ) -> None:
        desk.sender_faults.commits.extend([None, None, fault])
        call = desk.book()
        desk.live_through(call)
        assert len(desk.sent) == messages
        assert desk.told(call) == [("reminder_1h.email", None)]

    def test_a_message_of_which_every_sender_dies_is_given_up(self) -> None:
        desk = SendingDesk({"reminder_24h": ["email"]})
        call = desk.book(scheduled_at=TOMORROW + timedelta(days=1))
        reminder_id = "reminder_24h.email"
        for _ in range(MOST_ATTEMPTS):
            desk.sender_faults.commits.extend([None, None, Fault.CRASH_BEFORE])
            with pytest.raises(Crashed):
                desk.send(desk.due(call, reminder_id))
        assert desk.send(desk.due(call, reminder_id)) is ReminderStatus.FAILED
        assert len(desk.sent) == MOST_ATTEMPTS
        assert desk.told(call) == [(reminder_id, "given_up")]

    def test_an_outcome_that_cannot_be_kept_is_an_error_and_the_message_is_due_again(self, desk: SendingDesk) -> None:
        desk.sender_faults.commits.extend([None, None, *[Fault.BUSY] * MAX_TRIES])
        call = desk.book()
        with pytest.raises(Unavailable):
            desk.send(desk.due(call))
        assert desk.due(call).at == AN_HOUR_BEFORE + LEASE

    def test_a_missed_call_is_told_of_nothing_after_a_senders_death(self, desk: SendingDesk) -> None:
        desk.sender_faults.reads.append(Fault.CRASH_BEFORE)
        call = desk.book()
        with pytest.raises(Crashed):
            desk.send(desk.due(call))
        due = desk.due(call)
        desk.clock.instant = TOMORROW
        desk.change(call, MissCall())
        assert desk.send(due) is None
        assert desk.sent == []
