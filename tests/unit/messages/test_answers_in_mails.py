"""What a guest has answered is told to the agent who has the call, and to nobody else."""

from slotline.domain.booking.apps import AgentMessage
from slotline.domain.booking.questions import Question, QuestionType
from slotline.usecases.booking.call_changes import CancelCall
from tests.support.builders.messages import text_of
from tests.support.oracles.mailboxes import mail_of
from tests.unit.messages.test_mails_follow_the_truth import JANES, Office

QUESTIONS = (
    Question(key="company", label={"en": "Your company", "es": "Su empresa"}, type=QuestionType.LONG_TEXT),
    Question(key="parking", label={"en": "Parking?", "es": "¿Estacionamiento?"}, type=QuestionType.YES_NO),
)
ANSWERS = {"company": "Globex\nwww.example.com", "parking": True}


def test_an_agent_reads_the_answers_under_their_questions_in_the_organizations_language() -> None:
    office = Office([AgentMessage.ASSIGNED], questions=QUESTIONS, language="es")
    office.book(answers=ANSWERS)
    guests, agents = sorted(office.deliver(), key=lambda message: message.recipient != JANES)
    said = text_of(mail_of(agents))
    assert "Su empresa" in said
    assert "¿Estacionamiento?" in said
    assert "Sí" in said
    assert "www.example.com" not in said, "what a guest wrote is no link"
    assert "Globex" not in text_of(mail_of(guests))


def test_an_agent_whose_call_is_gone_reads_no_answers() -> None:
    office = Office([AgentMessage.ASSIGNED, AgentMessage.TAKEN_AWAY, AgentMessage.CANCELLED], questions=QUESTIONS)
    call = office.book(answers=ANSWERS)
    office.deliver()
    office.update(call, assigned_agent_id="agent-2")
    after = {message.recipient: text_of(mail_of(message)) for message in office.deliver()}
    assert "Globex" in after["bob@acme.example"]
    assert "Globex" not in after["ada@acme.example"]
    office.change(call, CancelCall())
    assert all("Globex" not in text_of(mail_of(message)) for message in office.deliver())
