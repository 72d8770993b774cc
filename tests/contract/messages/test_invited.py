"""Who was invited to a call by e-mail: noted before the mail goes out, by address, for each call apart."""

from dataclasses import replace

from slotline.domain.booking.reminders import Channel, ReminderKind, ReminderPlan, ReminderStatus, agents_id
from tests.contract.conftest import Backend
from tests.support.builders.bookings import a_call, a_reminder, minutes, read_for, write_of

CALL = a_call()
REMINDER = a_reminder(CALL)


def test_nobody_was_invited_at_first(backend: Backend) -> None:
    assert not backend.reminders.was_invited(REMINDER, "ana@guest.example")


def test_whoever_is_noted_was_invited_and_nobody_else(backend: Backend) -> None:
    for recipient in ("ana@guest.example", "ana@guest.example", "eva@guest.example"):
        backend.reminders.note_invitation(REMINDER, recipient)
    assert backend.reminders.was_invited(REMINDER, "Ana@Guest.example")
    assert backend.reminders.was_invited(REMINDER, "eva@guest.example")
    assert not backend.reminders.was_invited(REMINDER, "zoe@guest.example")
    other = a_reminder(a_call(scheduled_at=CALL.scheduled_at + minutes(240)))
    assert not backend.reminders.was_invited(other, "ana@guest.example")


def test_a_guest_and_each_agent_are_noted_apart(backend: Backend) -> None:
    ada, bob = (replace(REMINDER, id=agents_id(agent), agent_id=agent) for agent in ("agent-1", "agent-2"))
    backend.reminders.note_invitation(ada, "team@acme.example")
    assert backend.reminders.was_invited(ada, "Team@acme.example")
    assert not backend.reminders.was_invited(bob, "team@acme.example")
    assert not backend.reminders.was_invited(REMINDER, "team@acme.example")
    backend.reminders.note_invitation(REMINDER, "jane@example.com")
    assert backend.reminders.was_invited(ada, "ada@acme.example"), "an agent is the same at another address"


def test_of_a_call_from_before_invitations_were_noted_the_planned_one_tells(backend: Backend) -> None:
    call = a_call()
    for status, is_invited in ((ReminderStatus.PLANNED, False), (ReminderStatus.SENT, True)):
        invitation = replace(
            a_reminder(call),
            id="invitation.email",
            kind=ReminderKind.INVITATION,
            channel=Channel.EMAIL,
            status=status,
        )
        seen = read_for(backend.bookings, call)
        write = write_of(call, seen)
        if status is ReminderStatus.SENT:
            write = replace(write, call=replace(call, revision=2), replaces=1, days=(), list_month=False)
        backend.bookings.commit(replace(write, reminders=ReminderPlan(put=(invitation,))))
        assert backend.reminders.was_invited(a_reminder(call), "ana@guest.example") is is_invited
    backend.reminders.note_invitation(a_reminder(call), "eva@guest.example")
    assert not backend.reminders.was_invited(a_reminder(call), "ana@guest.example")
    agents = replace(a_reminder(call), id=agents_id("agent-1"), agent_id="agent-1")
    assert not backend.reminders.was_invited(agents, "ana@guest.example"), "agents were told nothing then"
