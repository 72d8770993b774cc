"""What a mail about a call may do: enter a calendar, leave it again, and be answered."""

from dataclasses import replace

import pytest

from slotline.domain.booking.calls import Call
from slotline.domain.booking.reminders import Channel, ReminderKind, ReminderStatus
from slotline.domain.messages.message import Message
from slotline.domain.messages.sending import ReminderRequest
from slotline.ports.messages import MessengerBusyError
from slotline.usecases.booking.call_changes import CancelCall
from tests.support.builders.bookings import AGENT, APP_ID, TOMORROW, minutes
from tests.support.memory.timing import (
    LostAnswerError,
)
from tests.support.worlds.sending_desk import NotedLate, SendingDesk


class TestCalendar:
    """Who may have the call in their calendar, when it is cancelled."""

    @pytest.fixture
    def inviting(self) -> SendingDesk:
        return SendingDesk({"invitation": ["email"], "cancellation": ["email"]})

    @staticmethod
    def cancelled(desk: SendingDesk, call: Call) -> Message:
        desk.change(call, CancelCall())
        assert desk.send(desk.due(call, "cancellation.email")) is ReminderStatus.SENT
        return desk.sent[-1]

    def test_whoever_was_invited_is_told_to_take_it_out(self, inviting: SendingDesk) -> None:
        call = inviting.book()
        inviting.send(inviting.due(call, "invitation.email"))
        assert self.cancelled(inviting, call).may_be_in_calendar

    def test_whoever_was_not_invited_is_not(self) -> None:
        desk = SendingDesk({"cancellation": ["email"]})
        assert not self.cancelled(desk, desk.book()).may_be_in_calendar

    def test_a_call_that_is_cancelled_before_its_invitation_went_out_is_in_no_calendar(
        self, inviting: SendingDesk
    ) -> None:
        call = inviting.book()
        assert not self.cancelled(inviting, call).may_be_in_calendar

    def test_an_address_that_was_corrected_since_was_not_invited(self, inviting: SendingDesk) -> None:
        call = inviting.book()
        inviting.send(inviting.due(call, "invitation.email"))
        moved = inviting.update(call, guest={"email": "new@example.com"})
        assert not self.cancelled(inviting, moved).may_be_in_calendar

    def test_whoever_asks_for_a_cancellation_to_somebody_else_takes_nothing_out(self) -> None:
        desk = SendingDesk({"invitation": ["email"]}, allow_foreign_recipients=True)
        call = desk.book()
        desk.send(desk.due(call, "invitation.email"))
        desk.change(call, CancelCall())
        for recipient, was_invited in ((None, True), ("joe@example.com", False)):
            request = ReminderRequest(kind=ReminderKind.CANCELLATION, channel=Channel.EMAIL, recipient=recipient)
            asked = desk.engine.request_reminder(APP_ID, call.id, request, None, lambda: None).result["id"]
            desk.send(desk.due(call, str(asked)))
            assert desk.sent[-1].may_be_in_calendar is was_invited

    @pytest.mark.parametrize("outcome", [LostAnswerError, MessengerBusyError])
    def test_an_invitation_of_which_nobody_knows_may_have_arrived(
        self, inviting: SendingDesk, outcome: type[Exception]
    ) -> None:
        call = inviting.book()
        inviting.messenger.failures.append(outcome)
        inviting.send(inviting.due(call, "invitation.email"))
        assert self.cancelled(inviting, call).may_be_in_calendar

    def test_a_cancellation_while_the_invitation_is_on_its_way_is_told(self, inviting: SendingDesk) -> None:
        call = inviting.book()
        seen: list[bool] = []

        def cancel() -> None:
            inviting.messenger.meanwhile = lambda: None
            seen.append(self.cancelled(inviting, call).may_be_in_calendar)

        inviting.messenger.meanwhile = cancel
        inviting.send(inviting.due(call, "invitation.email"))
        assert seen == [True]

    def test_nobody_is_invited_to_a_call_whose_cancellation_is_told_before_the_invitation_is_noted(
        self, inviting: SendingDesk
    ) -> None:
        call = inviting.book()
        invitation = inviting.due(call, "invitation.email")
        reminders = NotedLate(inviting.store, lambda: self.cancelled(inviting, call))
        assert replace(inviting.engine.send_reminder, reminders=reminders)(invitation) is ReminderStatus.DROPPED
        assert [(one.kind, one.may_be_in_calendar) for one in inviting.sent] == [(ReminderKind.CANCELLATION, False)]

    def test_whoever_is_invited_is_noted_though_the_address_is_corrected_meanwhile(self, inviting: SendingDesk) -> None:
        call = inviting.book()
        invitation = inviting.due(call, "invitation.email")
        reminders = NotedLate(inviting.store, lambda: inviting.update(call, guest={"email": "new@example.com"}))
        replace(inviting.engine.send_reminder, reminders=reminders)(invitation)
        for message in inviting.sent:
            assert reminders.was_invited(inviting.row(call, "invitation.email"), message.recipient)


class TestReplyTo:
    """Whom an answer to a mail is for: as the preset says."""

    @pytest.mark.parametrize(
        ("preset", "answer_to"),
        [
            ({}, None),
            ({"reply_to": "desk@acme.example"}, ("Acme", "desk@acme.example")),
            ({"reply_to": "desk@acme.example", "branding_name": "Acme, Inc."}, ("Acme, Inc.", "desk@acme.example")),
            ({"reply_to": "agent"}, ("A", "ada@acme.example")),
        ],
    )
    def test_it_is_an_address_or_the_agents(self, preset: dict[str, str], answer_to: tuple[str, str] | None) -> None:
        desk = SendingDesk(**preset)
        agent = desk.store.agents[APP_ID, AGENT]
        desk.store.agents[APP_ID, AGENT] = replace(agent, email="ada@acme.example")
        desk.send(desk.due(desk.book()))
        assert desk.sent[-1].reply_to == answer_to

    def test_an_agent_without_an_address_has_none(self) -> None:
        desk = SendingDesk(reply_to="agent")
        call = desk.book()
        assert desk.send(desk.due(call)) is ReminderStatus.SENT
        other = desk.book(scheduled_at=TOMORROW + minutes(240))
        desk.put(other, assigned_agent_id=None)
        assert desk.send(desk.due(other)) is ReminderStatus.SENT
        assert [message.reply_to for message in desk.sent] == [None, None]
