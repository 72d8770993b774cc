"""Mails that follow the truth: people's calendars say what is true of the call, whatever became of it."""

from dataclasses import replace

import pytest

from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.calls import AssignmentMethod
from slotline.domain.booking.questions import Question, QuestionType
from slotline.domain.booking.reminders import ReminderStatus
from slotline.domain.booking.sendings import Feedback
from slotline.domain.messages.sending import ReminderRequest
from slotline.usecases.booking.call_changes import CancelCall, ConfirmCall
from tests.support.builders.bookings import AGENT, APP_ID, JANE, TOMORROW, minutes
from tests.support.builders.messages import text_of
from tests.support.memory.timing import LostAnswerError
from tests.support.oracles.mailboxes import calendars, entry_of, mail_of
from tests.support.worlds.office import JANES, Office, begins, is_undone


class TestTheGuestsEntry:
    """One event, from its first mail to its last."""

    def test_it_has_one_name_and_a_number_that_counts_from_nought(self) -> None:
        office = Office(require_confirmation=True)
        call = office.book()
        steps = [office.entries()]
        office.change(call, ConfirmCall())
        steps.append(office.entries())
        office.update(call, scheduled_at=TOMORROW + minutes(60))
        steps.append(office.entries())
        office.update(call, assigned_agent_id="agent-2")
        steps.append(office.entries())
        office.corrected(call, name="Jane Roe")
        steps.append(office.entries())
        office.change(call, CancelCall())
        steps.append(office.entries())
        found = [entry for (entry,) in steps]
        assert {entry.uid for entry in found} == {f"{call.id}@slotline"}
        assert [entry.sequence for entry in found] == [0, 1, 2, 3, 4, 5]
        assert [entry.method for entry in found] == ["REQUEST"] * 5 + ["CANCEL"]
        assert [entry.status for entry in found] == ["TENTATIVE", *["CONFIRMED"] * 4, "CANCELLED"]
        assert [entry.participation for entry in found][:2] == ["TENTATIVE", "ACCEPTED"]
        assert [entry.start for entry in found] == [TOMORROW] * 2 + [TOMORROW + minutes(60)] * 4

    def test_what_an_invitation_does_not_say_is_sent_to_nobody(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.deliver()
        office.corrected(call, intake_notes="two of us")
        office.corrected(call, language="es")
        assert office.deliver() == []

    def test_several_changes_in_one_are_one_mail(self) -> None:
        office = Office()
        call = office.book()
        office.deliver()
        office.update(call, scheduled_at=TOMORROW + minutes(90), assigned_agent_id="agent-2", guest={"name": "Joe"})
        (message,) = office.deliver()
        assert (message.guest_name, message.agent_name, message.sequence) == ("Joe", "Agent-2", 1)

    def test_changes_that_overtake_their_mails_are_one_mail_with_the_newest_truth(self) -> None:
        office = Office()
        call = office.book()
        office.update(call, scheduled_at=TOMORROW + minutes(90))
        office.update(call, assigned_agent_id="agent-2")
        (message,) = office.deliver()
        assert (message.scheduled_at, message.agent_name) == (TOMORROW + minutes(90), "Agent-2")
        assert "is booked" in text_of(mail_of(message)), "nobody who never heard of it is told that it changed"
        office.update(call, assigned_agent_id=AGENT)
        office.update(call, scheduled_at=TOMORROW)
        (again,) = office.deliver()
        assert "new time" in text_of(mail_of(again))

    def test_a_mail_that_is_sent_twice_has_one_number(self) -> None:
        office = Office()
        call = office.book()
        office.messenger.failures.append(LostAnswerError)
        office.deliver()
        office.corrected(call, intake_notes="two of us")
        office.clock.instant += minutes(10)
        office.deliver()
        first, second = (entry_of(message) for message in office.sent)
        assert first is not None
        assert first == second

    def test_whoever_asks_for_the_invitation_again_gets_the_same_entry(self) -> None:
        office = Office()
        call = office.book()
        (first,) = office.entries()
        asked = ReminderRequest(kind=office.sent[0].kind)
        office.engine.request_reminder(APP_ID, call.id, asked, None, lambda: None)
        (again,) = office.entries()
        assert (again.uid, again.sequence, again.start) == (first.uid, first.sequence, first.start)

    def test_a_call_that_a_release_wrote_which_did_not_count_goes_on_from_its_revision(self) -> None:
        office = Office()
        call = office.put(office.book(), calendar_sequence=None)
        (first,) = office.entries()
        assert first.sequence == call.revision, "as that release mailed it"
        moved = office.update(call, scheduled_at=TOMORROW + minutes(60))
        (second,) = office.entries()
        assert second.sequence == moved.calendar_sequence == moved.revision
        office.change(call, CancelCall())
        (last,) = office.entries()
        assert first.sequence < second.sequence < last.sequence


class TestACorrectedAddress:
    """What the former address learns, and the new one."""

    def test_the_former_one_lets_the_call_go_and_learns_nothing_new(self) -> None:
        office = Office()
        call = office.book(guest=replace(JANE, timezone="America/Bogota"))
        office.deliver()
        office.update(
            call,
            scheduled_at=TOMORROW + minutes(60),
            assigned_agent_id="agent-2",
            guest={"email": "joe@example.com", "name": "Joe Roe", "phone": "+57 300 555 0100"},
        )
        to = {message.recipient: message for message in office.deliver()}
        old, new = (entry_of(to[address]) for address in (JANES, "joe@example.com"))
        assert old is not None
        assert new is not None
        assert (old.method, old.status, old.start) == ("CANCEL", "CANCELLED", TOMORROW)
        assert (new.method, new.status, new.start) == ("REQUEST", "CONFIRMED", TOMORROW + minutes(60))
        assert old.uid == new.uid
        assert 0 < old.sequence < new.sequence, "a mailbox that gets both keeps the entry"
        written = mail_of(to[JANES]).as_string() + text_of(mail_of(to[JANES])) + old.text
        for news in ("Joe", "Roe", "joe@", "Agent-2", "300 555", "11:00", "/b/", "/c/"):
            assert news not in written
        assert "10:00" in written, "the time that it knows, in the zone that it knows"

    @pytest.mark.parametrize(("answers", "found"), [("agent", None), ("desk@acme.example", "desk@acme.example")])
    def test_it_does_not_learn_who_has_the_call_by_whom_an_answer_is_for(self, answers: str, found: str | None) -> None:
        office = Office(reply_to=answers)
        call = office.book()
        office.deliver()
        office.update(call, assigned_agent_id="agent-2", guest={"email": "joe@example.com"})
        (withdrawn,) = [message for message in office.deliver() if message.recipient == JANES]
        assert (withdrawn.reply_to or (None, None))[1] == found

    def test_corrected_after_a_mistaken_start_it_lets_the_call_go_too(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.deliver()
        office.change(call, ConfirmCall())
        office.change(call, begins)
        office.corrected(call, email="joe@example.com")
        office.change(call, is_undone)
        office.change(call, CancelCall())
        office.deliver()
        assert all(not calendar.entries for calendar in calendars(office.sent).values())

    def test_a_message_that_was_asked_for_to_the_guests_address_does_not_follow_the_former_one(self) -> None:
        office = Office()
        call = office.book()
        office.deliver()
        asked = ReminderRequest(kind=office.sent[0].kind, channel=office.sent[0].channel, recipient="Jane@Example.com")
        office.engine.request_reminder(APP_ID, call.id, asked, None, lambda: None)
        office.corrected(call, email="joe@example.com")
        office.deliver()
        assert {mailbox: bool(found.entries) for mailbox, found in calendars(office.sent).items()} == {
            JANES: False,
            "joe@example.com": True,
        }

    def test_an_address_that_was_not_invited_is_written_nothing(self) -> None:
        office = Office()
        call = office.book()
        office.corrected(call, email="joe@example.com")
        assert [message.recipient for message in office.deliver()] == ["joe@example.com"]

    @pytest.mark.parametrize("new", [None, "joe@example.com"])
    def test_a_call_that_is_cancelled_meanwhile_leaves_both_calendars(self, new: str | None) -> None:
        office = Office()
        call = office.book(guest=replace(JANE, phone="+573005550100", phone_e164="+573005550100"))
        office.deliver()
        office.corrected(call, email=new)
        office.change(call, CancelCall(reason="a secret"))
        found = office.deliver()
        withdrawn = [message for message in found if message.recipient == JANES]
        assert [entry.method for message in withdrawn if (entry := entry_of(message))] == ["CANCEL"]
        assert "a secret" not in text_of(mail_of(withdrawn[0]))
        assert all(entry_of(message) is None for message in found if message.recipient == "joe@example.com")

    def test_an_address_where_nothing_arrived_is_not_written_to_again_and_nobody_is_told_so(self) -> None:
        office = Office()
        call = office.book()
        (invitation,) = office.deliver()
        office.report(invitation.sending_id, Feedback.BOUNCED_FOR_GOOD)
        office.corrected(call, email="joe@example.com")
        assert [message.recipient for message in office.deliver()] == ["joe@example.com"]
        assert all(reason is None for _, reason in office.told(call)[2:])

    def test_a_correction_that_is_taken_back_before_its_mail_withdraws_nothing(self) -> None:
        office = Office()
        call = office.book()
        office.deliver()
        office.corrected(call, email="joe@example.com")
        office.corrected(call, email=JANES)
        assert [(entry.mailbox, entry.method) for entry in office.entries()] == [(JANES, "REQUEST")]

    def test_the_same_address_in_other_letters_is_the_same_mailbox(self) -> None:
        office = Office()
        call = office.book()
        office.deliver()
        office.corrected(call, email="Jane@Example.com")
        assert [entry.method for entry in office.entries()] == ["REQUEST"]


class TestAgents:
    """The mails of whoever has the call, or had it."""

    def words(self, office: Office) -> list[tuple[str, str]]:
        return [(one.recipient, str(one.agent_message)) for one in office.deliver() if one.agent_message]

    def test_they_are_told_what_the_preset_lists_and_nothing_else(self) -> None:
        for listed in ([], [AgentMessage.ASSIGNED], [AgentMessage.MOVED, AgentMessage.CANCELLED]):
            office = Office(listed)
            call = office.book()
            said = self.words(office)
            office.update(call, scheduled_at=TOMORROW + minutes(60))
            said += self.words(office)
            office.update(call, assigned_agent_id="agent-2")
            said += self.words(office)
            office.change(call, CancelCall())
            said += self.words(office)
            everything = [
                ("ada@acme.example", "assigned"),
                ("ada@acme.example", "moved"),
                ("ada@acme.example", "taken_away"),
                ("bob@acme.example", "assigned"),
                ("bob@acme.example", "cancelled"),
            ]
            assert said == [word for word in everything if word[1] in listed]
            rows = [one for one in office.store.reminders.values() if one.agent_id]
            assert bool(rows) is bool(listed), "what is not listed makes no row"

    def test_their_mail_has_what_the_guests_has_not(self) -> None:
        questions = (
            Question(key="van", label={"en": "A van?", "es": "¿Furgoneta?"}, type=QuestionType.YES_NO),
            Question(key="size", label="Size", type=QuestionType.SHORT_TEXT),
            Question(key="when", label="When", type=QuestionType.MULTI_CHOICE, options=("am", "pm")),
        )
        office = Office([AgentMessage.ASSIGNED], language="es", reply_to="desk@acme.example", questions=questions)
        agent = office.store.agents[APP_ID, AGENT]
        office.store.agents[APP_ID, AGENT] = replace(agent, timezone="Asia/Kathmandu", name="Ada")
        guest = replace(
            JANE, phone="+57 300 555 0100", phone_e164="+573005550100", intake_notes="A ramp, please.\nTwo of us."
        )
        call = office.book(guest=guest, answers={"size": "XL", "van": True, "when": ["am", "pm"]})
        guests, agents = sorted(office.deliver(), key=lambda message: message.agent_message or "")
        assert (guests.recipient, agents.recipient) == (JANES, "ada@acme.example")
        mail, entry = mail_of(agents), entry_of(agents)
        assert entry is not None
        said = text_of(mail)
        answers = ("¿Furgoneta?: Sí\nSize: XL\nWhen: am, pm",)
        for fact in (
            "Hola, Ada:",
            "Con: Jane Doe",
            "+573005550100",
            JANES,
            "A ramp, please.\nTwo of us.",
            "20:45",
            *answers,
        ):
            assert fact in said
            assert fact.replace("Hola, Ada:", "") in entry.text
        assert f"/c/{call.id}?role=agent&appId={APP_ID}" in said
        assert "A ramp, please.<br>Two of us." in text_of(mail, "text/html")
        assert (mail["To"], mail["Reply-To"], mail["X-Slotline-Audience"]) == ("Ada <ada@acme.example>", None, "agent")
        assert agents.guest_url is None, "who has it acts as the guest"
        for secret in ("A ramp", "role=agent", "300555", "XL", "Furgoneta"):
            assert secret not in text_of(mail_of(guests))
        assert guests.language == "es"
        assert guests.zone == "UTC"

    def test_an_agents_entry_is_another_event_than_the_guests_and_than_a_colleagues(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        booked = office.entries()
        office.update(call, assigned_agent_id="agent-2")
        reassigned = office.entries()
        by_uid = {(entry.uid, entry.mailbox) for entry in (*booked, *reassigned)}
        assert len(by_uid) == 3
        shared = calendars(office.sent, shared=True)[None]
        assert {entry.mailbox for entry in shared.entries.values()} == {JANES, "bob@acme.example"}

    def test_an_agent_with_the_guests_own_mailbox_has_two_entries_and_no_link_of_the_guest(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book(assigned_agent_id="agent-3")
        sent = office.deliver()
        assert [message.recipient for message in sent] == [JANES] * 2
        assert [message.guest_url is None for message in sent] == [message.agent_id is not None for message in sent]
        office.update(call, assigned_agent_id=AGENT)
        office.deliver()
        (entry,) = calendars(office.sent)[JANES].entries.values()
        assert entry.uid == f"{call.id}@slotline"

    def test_a_call_of_the_pool_is_nobodys_until_it_is_claimed(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book(assigned_agent_id=None, assignment_method=AssignmentMethod.POOL)
        assert call.held_agent_id is not None
        assert self.words(office) == []
        office.update(call, guest={"name": "Joe"}, scheduled_at=TOMORROW + minutes(60))
        assert self.words(office) == []
        office.claim(call, "agent-2")
        assert self.words(office) == [("bob@acme.example", "assigned")]

    def test_an_agent_who_was_not_told_of_a_call_is_not_told_that_it_is_gone(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.update(call, assigned_agent_id="agent-2")
        assert self.words(office) == [("bob@acme.example", "assigned")]
        silent = Office([AgentMessage.TAKEN_AWAY])
        call = silent.book()
        silent.update(call, assigned_agent_id="agent-2")
        assert self.words(silent) == [("ada@acme.example", "taken_away")], (
            "who is told of no call knows of it otherwise"
        )

    def test_an_agent_who_loses_a_call_learns_nothing_of_what_became_of_it(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.deliver()
        office.update(call, scheduled_at=TOMORROW + minutes(60), assigned_agent_id="agent-2", guest={"name": "Joe"})
        office.update(call, guest={"name": "Jim"}, fields={"duration_minutes": 45})
        (lost,) = [message for message in office.deliver() if message.recipient == "ada@acme.example"]
        entry = entry_of(lost)
        assert entry is not None
        assert (entry.method, entry.start, entry.length) == ("CANCEL", TOMORROW, minutes(30))
        assert (lost.guest_name, lost.scheduled_at) == ("Jane Doe", TOMORROW)

    def test_an_agent_whose_address_was_corrected_hears_that_a_call_is_taken_away(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.deliver()
        agent = office.store.agents[APP_ID, AGENT]
        office.store.agents[APP_ID, AGENT] = replace(agent, email="ada.roe@acme.example")
        office.update(call, assigned_agent_id="agent-2")
        told = {entry.mailbox: entry.method for entry in office.entries()}
        assert told["ada.roe@acme.example"] == "CANCEL"

    def test_a_move_that_agents_are_not_told_does_not_swallow_word_that_the_call_is_theirs(self) -> None:
        office = Office([AgentMessage.ASSIGNED])
        call = office.book()
        office.update(call, scheduled_at=TOMORROW + minutes(60))
        (entry,) = [entry for entry in office.entries() if entry.mailbox == "ada@acme.example"]
        assert (entry.sequence, entry.start) == (1, TOMORROW + minutes(60))

    def test_no_link_that_a_guest_wrote_works_in_an_agents_mail(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book(guest=replace(JANE, name="www.evil.example", intake_notes="http://evil.example"))
        office.deliver()
        office.change(call, CancelCall(reason="see https://evil.example"))
        for message in (one for one in office.sent if one.agent_id):
            mail, entry = mail_of(message), entry_of(message)
            assert entry is not None
            for written in (text_of(mail), text_of(mail, "text/html").partition("<body")[2], entry.text):
                assert "evil." in written
                assert "evil.example" not in written
                assert "http://" not in written

    def test_an_agent_who_gets_a_call_back_is_told_so_under_a_higher_number(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.deliver()
        numbers = []
        for agent_id in ("agent-2", AGENT):
            office.update(call, assigned_agent_id=agent_id)
            numbers += [entry.sequence for entry in office.entries() if entry.mailbox == "ada@acme.example"]
        assert numbers == [1, 2]
        assert "ada@acme.example" in {one.mailbox for one in calendars(office.sent, shared=True)[None].entries.values()}

    def test_an_agent_without_an_address_is_told_nothing_and_nothing_is_said_of_it(self) -> None:
        office = Office(tuple(AgentMessage))
        office.store.agents[APP_ID, AGENT] = replace(office.store.agents[APP_ID, AGENT], email=None)
        call = office.book()
        assert self.words(office) == []
        assert office.told(call) == [("invitation.email", None)]
        assert office.row(call, f"agent.{AGENT}").status is ReminderStatus.DROPPED

    def test_they_are_told_when_the_call_is_confirmed_or_its_guest_is_another(self) -> None:
        office = Office([AgentMessage.ASSIGNED], require_confirmation=True)
        call = office.book()
        found = [entry for entry in office.entries() if entry.mailbox == "ada@acme.example"]
        office.change(call, ConfirmCall())
        found += [entry for entry in office.entries() if entry.mailbox == "ada@acme.example"]
        office.corrected(call, phone="+57 300 555 0100")
        found += office.entries()
        assert [entry.status for entry in found] == ["TENTATIVE", "CONFIRMED", "CONFIRMED"]
        assert "+573005550100" in found[-1].text
        assert [entry.sequence for entry in found] == [0, 1, 2]

    def test_the_timeline_names_whom_a_mail_was_for(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book()
        office.deliver()
        told = [dict(event.payload) for event in office.store.events[APP_ID, call.id] if "reminder_id" in event.payload]
        assert told == [
            {"reminder_id": "invitation.email", "kind": "invitation", "channel": "email", "audience": "guest"},
            {
                "reminder_id": f"agent.{AGENT}",
                "kind": "invitation",
                "channel": "email",
                "audience": "agent",
                "agent_id": AGENT,
                "agent_message": "assigned",
            },
        ]

    def test_what_comes_back_of_an_agents_mail_is_the_agents_and_silences_nobody_else(self) -> None:
        office = Office(tuple(AgentMessage))
        call = office.book(assigned_agent_id="agent-3")
        office.deliver()
        (sent,) = [message for message in office.sent if message.agent_id]
        office.report(sent.sending_id, Feedback.BOUNCED_FOR_GOOD)
        event = office.store.events[APP_ID, call.id][-1]
        assert (event.event_type, event.payload["audience"]) == ("reminder_bounced", "agent")
        assert event.payload["agent_id"] == "agent-3"
        office.update(call, scheduled_at=TOMORROW + minutes(60))
        assert [message.agent_id for message in office.deliver()] == [None], "the guest's mailbox is the same one"
        assert office.told(call)[-1] == ("agent.agent-3", "suppressed")
