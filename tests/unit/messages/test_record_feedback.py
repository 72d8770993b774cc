"""What comes back of a message that went out is told once on its call's timeline, and may suppress its recipient."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from slotline.domain.booking.calls import Call, EventType
from slotline.domain.booking.reminders import Channel, ReminderStatus
from slotline.domain.booking.sendings import Feedback, Sending
from slotline.domain.messages.feedback import FeedbackReport, SendingReference
from slotline.domain.shared.errors import Unavailable
from slotline.usecases.booking.call_changes import CancelCall
from slotline.usecases.messages.record_feedback import Heard
from slotline.usecases.shared.retrying import MAX_TRIES
from tests.support.builders.bookings import APP_ID, TOMORROW, a_request, minutes
from tests.support.memory.faults import Fault
from tests.support.memory.timing import LostAnswerError
from tests.support.worlds.sending_desk import SendingDesk

PHONE = "+573005550100"


@pytest.fixture
def desk() -> SendingDesk:
    return SendingDesk({"reminder_24h": ["email"], "reminder_1h": ["email"], "cancellation": ["email"]})


def sent(desk: SendingDesk, reminder_id: str = "reminder_1h.email", **booked: Any) -> tuple[Call, str]:
    """A call with a message that went out, and the id that it went out with."""
    call = desk.book(**booked)
    assert desk.send(desk.due(call, reminder_id)) is ReminderStatus.SENT
    return call, desk.sent[-1].sending_id


def came_back(desk: SendingDesk, call: Call) -> list[Any]:
    """What the timeline says of messages that came back."""
    about = (EventType.REMINDER_BOUNCED, EventType.REMINDER_COMPLAINED)
    return [event for event in desk.store.events[APP_ID, call.id] if event.event_type in about]


class TestTold:
    """What the timeline says."""

    @pytest.mark.parametrize(
        ("feedback", "event_type", "more"),
        [
            (Feedback.BOUNCED, "reminder_bounced", {"permanent": False, "suppressed": False}),
            (Feedback.BOUNCED_FOR_GOOD, "reminder_bounced", {"permanent": True, "suppressed": True}),
            (Feedback.COMPLAINED, "reminder_complained", {"suppressed": True}),
        ],
    )
    def test_a_report_is_told_on_the_timeline_with_its_reason(
        self, desk: SendingDesk, feedback: Feedback, event_type: str, more: dict[str, bool]
    ) -> None:
        call, sending_id = sent(desk)
        assert desk.report(sending_id, feedback, "some_reason") is Heard.RECORDED
        (event,) = came_back(desk, call)
        about = {"reminder_id": "reminder_1h.email", "kind": "reminder_1h", "channel": "email", "reason": "some_reason"}
        about["audience"] = "guest"
        assert (event.event_type, event.actor.type) == (event_type, "system")
        assert event.payload == about | more

    def test_a_report_says_nobodys_address(self, desk: SendingDesk) -> None:
        call, sending_id = sent(desk)
        desk.report(sending_id, Feedback.COMPLAINED)
        (event,) = came_back(desk, call)
        kept = (event, desk.store.sendings, desk.store.suppressions)
        assert "jane@example.com" not in repr(kept)

    @pytest.mark.parametrize("feedback", list(Feedback))
    def test_a_report_that_comes_twice_is_told_once(self, desk: SendingDesk, feedback: Feedback) -> None:
        call, sending_id = sent(desk)
        assert desk.report(sending_id, feedback) is Heard.RECORDED
        assert desk.report(sending_id, feedback) is Heard.KNOWN
        assert len(came_back(desk, call)) == 1

    def test_of_two_reports_at_once_one_is_told_and_counted(self, desk: SendingDesk) -> None:
        call, sending_id = sent(desk)
        engine, heard = desk.engine, []

        class Raced:
            """Messages of which somebody else records the report once this one has looked."""

            def sending(self, *place: str) -> Sending | None:
                found = engine.record_feedback.reminders.sending(*place)
                if not heard:
                    heard.append(desk.report(sending_id, Feedback.BOUNCED))
                return found

        reference = SendingReference(app_id=APP_ID, call_id=call.id, sending_id=sending_id)
        report = FeedbackReport(reference=reference, channel=Channel.EMAIL, feedback=Feedback.BOUNCED, reason="full")
        second: Any = Raced()
        heard.append(replace(engine.record_feedback, reminders=second)(report))
        assert heard == [Heard.RECORDED, Heard.KNOWN]
        assert len(came_back(desk, call)) == 1

    @pytest.mark.parametrize("order", list(permutations(Feedback)))
    def test_in_any_order_every_report_is_told_that_says_more(
        self, desk: SendingDesk, order: tuple[Feedback, ...]
    ) -> None:
        call, sending_id = sent(desk)
        heard = {feedback: desk.report(sending_id, feedback) for feedback in order}
        came_late = order.index(Feedback.BOUNCED) > order.index(Feedback.BOUNCED_FOR_GOOD)
        assert heard[Feedback.BOUNCED] is (Heard.KNOWN if came_late else Heard.RECORDED)
        assert heard[Feedback.BOUNCED_FOR_GOOD] is heard[Feedback.COMPLAINED] is Heard.RECORDED
        assert len(came_back(desk, call)) == (2 if came_late else 3)

    def test_each_of_two_messages_of_a_call_has_its_own_reports(self, desk: SendingDesk) -> None:
        call, first = sent(desk)
        desk.update(call, scheduled_at=TOMORROW + minutes(600))
        desk.send(desk.due(call))
        second = desk.sent[-1].sending_id
        assert first != second
        assert [desk.report(one, Feedback.BOUNCED) for one in (first, second)] == [Heard.RECORDED] * 2


class TestAtAnyTime:
    """Before our own record of the message, after the call, after its guest."""

    def test_a_report_may_come_before_our_record_that_the_message_went_out(self, desk: SendingDesk) -> None:
        call = desk.book()
        due = desk.due(call)
        heard = []

        def at_once() -> None:
            (sending,) = desk.store.sendings.values()
            heard.append(desk.report(sending.id, Feedback.BOUNCED_FOR_GOOD))

        desk.messenger.meanwhile = at_once
        assert desk.send(due) is ReminderStatus.SENT
        assert heard == [Heard.RECORDED]
        assert [name for _, name in desk.events(call)][-2:] == ["reminder_bounced", "reminder_sent"]
        assert desk.row(call).status is ReminderStatus.SENT

    def test_a_report_may_come_of_a_message_whose_sender_never_knew_that_it_went_out(self, desk: SendingDesk) -> None:
        call = desk.book()
        desk.messenger.failures.append(LostAnswerError)
        assert desk.send(desk.due(call)) is ReminderStatus.PLANNED
        assert desk.report(desk.sent[0].sending_id, Feedback.BOUNCED_FOR_GOOD) is Heard.RECORDED
        assert desk.send(desk.due(call)) is ReminderStatus.FAILED
        assert len(desk.sent) == 1

    @pytest.mark.parametrize(
        "change",
        [
            lambda desk, call: desk.change(call, CancelCall()),
            lambda desk, call: desk.update(call, scheduled_at=TOMORROW + minutes(600)),
            lambda desk, call: desk.update(call, guest={"email": None, "phone": PHONE}),
            lambda desk, call: desk.put(call, guest=replace(call.guest, name="", email=None, phone=PHONE)),
        ],
        ids=["cancelled", "moved", "address taken off", "guest cleared"],
    )
    def test_a_report_does_no_harm_whatever_became_of_the_call(
        self, desk: SendingDesk, change: Callable[[SendingDesk, Call], Call]
    ) -> None:
        call, sending_id = sent(desk)
        after = change(desk, call)
        assert desk.report(sending_id, Feedback.COMPLAINED) is Heard.RECORDED
        now = desk.store.calls[APP_ID, call.id]
        assert replace(now, revision=0, updated_at=after.updated_at, change_id=None) == replace(
            after, revision=0, change_id=None
        )
        desk.check_time()


class TestUnmatched:
    """What is about no message of ours is dropped."""

    def test_a_report_that_names_no_message_of_ours_changes_nothing(self, desk: SendingDesk) -> None:
        call, sending_id = sent(desk)
        before = (desk.events(call), dict(desk.store.suppressions))
        reference = SendingReference(app_id=APP_ID, call_id=call.id, sending_id=sending_id)
        wrong: list[dict[str, Any]] = [
            {"reference": None},
            {"reference": replace(reference, app_id="another-app")},
            {"reference": replace(reference, call_id="another-call")},
            {"reference": replace(reference, sending_id="another-sending")},
            {"channel": Channel.SMS},
        ]
        assert [desk.report(sending_id, Feedback.COMPLAINED, **one) for one in wrong] == [Heard.UNMATCHED] * len(wrong)
        assert (desk.events(call), desk.store.suppressions) == before

    def test_a_report_about_a_call_that_is_gone_is_dropped(self, desk: SendingDesk) -> None:
        call, sending_id = sent(desk)
        desk.store.calls.pop((APP_ID, call.id))
        assert desk.report(sending_id, Feedback.COMPLAINED) is Heard.UNMATCHED

    def test_a_report_that_cannot_be_written_now_is_an_error_and_can_be_written_later(self, desk: SendingDesk) -> None:
        call, sending_id = sent(desk)
        desk.sender_faults.commits.extend([Fault.BUSY] * MAX_TRIES)
        with pytest.raises(Unavailable):
            desk.report(sending_id, Feedback.COMPLAINED)
        assert desk.report(sending_id, Feedback.COMPLAINED) is Heard.RECORDED
        assert len(came_back(desk, call)) == 1

    def test_a_report_whose_answer_was_lost_is_told_once(self, desk: SendingDesk) -> None:
        call, sending_id = sent(desk)
        desk.sender_faults.commits.append(Fault.LOST_ANSWER)
        assert desk.report(sending_id, Feedback.COMPLAINED) is Heard.RECORDED
        assert len(came_back(desk, call)) == 1


class TestSuppressed:
    """Nothing more goes to whoever cannot be reached, or does not want it."""

    @pytest.mark.parametrize(
        ("feedback", "status"),
        [
            (Feedback.BOUNCED, ReminderStatus.SENT),
            (Feedback.BOUNCED_FOR_GOOD, ReminderStatus.FAILED),
            (Feedback.COMPLAINED, ReminderStatus.FAILED),
        ],
    )
    def test_the_next_message_goes_out_unless_the_one_before_came_back_for_good(
        self, desk: SendingDesk, feedback: Feedback, status: ReminderStatus
    ) -> None:
        _, sending_id = sent(desk)
        desk.report(sending_id, feedback)
        other = desk.book(scheduled_at=TOMORROW + minutes(300))
        assert desk.send(desk.due(other)) is status
        assert desk.told(other) == [("reminder_1h.email", "suppressed" if status is ReminderStatus.FAILED else None)]

    @pytest.mark.parametrize(("email", "goes_out"), [("JANE@example.com", False), ("joe@example.com", True)])
    def test_an_address_is_the_same_however_it_is_capitalized(
        self, desk: SendingDesk, email: str, *, goes_out: bool
    ) -> None:
        _, sending_id = sent(desk)
        desk.report(sending_id, Feedback.COMPLAINED)
        guest = replace(a_request().guest, email=email)
        other = desk.book(scheduled_at=TOMORROW + minutes(300), guest=guest)
        assert (desk.send(desk.due(other)) is ReminderStatus.SENT) is goes_out

    def test_a_guest_who_is_suppressed_still_books_moves_and_cancels(self, desk: SendingDesk) -> None:
        _, sending_id = sent(desk)
        desk.report(sending_id, Feedback.COMPLAINED)
        other = desk.book(scheduled_at=TOMORROW + minutes(300))
        desk.update(other, scheduled_at=TOMORROW + minutes(400))
        desk.change(other, CancelCall())
        assert desk.send(desk.due(other, "cancellation.email")) is ReminderStatus.FAILED
        assert desk.told(other) == [("cancellation.email", "suppressed")]

    def test_a_corrected_address_is_written_to(self, desk: SendingDesk) -> None:
        desk = SendingDesk({"reminder_1h": ["email"], "invitation": ["email"]})
        call, sending_id = sent(desk, "invitation.email")
        desk.report(sending_id, Feedback.BOUNCED_FOR_GOOD)
        desk.update(call, guest={"email": "joe@example.com"})
        assert desk.send(desk.due(call, "invitation.email")) is ReminderStatus.SENT

    def test_a_number_that_takes_no_sms_may_have_whatsapp(self) -> None:
        desk = SendingDesk({"reminder_1h": ["sms", "whatsapp"]})
        guest = replace(a_request().guest, phone=PHONE, phone_e164=PHONE)
        _, sending_id = sent(desk, "reminder_1h.sms", guest=guest)
        desk.report(sending_id, Feedback.BOUNCED_FOR_GOOD)
        other = desk.book(scheduled_at=TOMORROW + minutes(300), guest=guest)
        assert desk.send(desk.due(other, "reminder_1h.sms")) is ReminderStatus.FAILED
        assert desk.send(desk.due(other, "reminder_1h.whatsapp")) is ReminderStatus.SENT

    def test_once_lifted_it_is_sent_to_again_and_an_old_report_does_not_come_back(self, desk: SendingDesk) -> None:
        _, sending_id = sent(desk)
        desk.report(sending_id, Feedback.COMPLAINED)
        desk.store.suppressions.clear()
        assert desk.report(sending_id, Feedback.COMPLAINED) is Heard.KNOWN
        other = desk.book(scheduled_at=TOMORROW + minutes(300))
        assert desk.send(desk.due(other)) is ReminderStatus.SENT

    def test_a_dispatch_to_genesys_is_nobodys_inbox(self) -> None:
        desk = SendingDesk({"reminder_1h": ["genesys"]})
        call = desk.book()
        assert desk.send(desk.due(call, "reminder_1h.genesys")) is ReminderStatus.SENT
        assert desk.store.sendings == {}


def test_a_reference_is_made_of_ids_alone() -> None:
    assert SendingReference.of("app-1", "call-1", "sending_1") is not None
    for wrong in (None, 7, "", "a" * 65, "a b", "APP#1", "é", ["app-1"], {"app": 1}):
        assert SendingReference.of("app-1", "call-1", wrong) is None
        assert SendingReference.of(wrong, "call-1", "sending-1") is None
    report = FeedbackReport(reference=None, channel=Channel.EMAIL, feedback=Feedback.BOUNCED, reason="general")
    assert report.reference is None
