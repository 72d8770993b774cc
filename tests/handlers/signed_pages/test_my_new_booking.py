"""New bookings in My schedules: for a customer, of one's own time, by the rules of the service."""

from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Call
from slotline.domain.booking.questions import Question, QuestionType
from slotline.store.booking.calls import DynamoCalls
from tests.handlers.signed_pages.conftest import SignIn
from tests.handlers.signed_pages.test_my_week import THURSDAY, put
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.people import Browser, Reply
from tests.support.builders.provisioned import SECOND_PRESET
from tests.support.handlers import APP_ID
from tests.support.shown_pages import Form

NEW = f"/my/{APP_ID}/new"
WITH_QUESTION = "01890000-0000-7000-8000-0000000000a9"
TYPED = {"name": "Ann Guest", "email": "ann@example.com", "day": "2026-04-23", "time": "10:30"}
BOOK = ("action", "book")


@pytest.fixture
def agent(sign_in: SignIn) -> Browser:
    return sign_in(Role.AGENT)


def form(reply: Reply) -> Form:
    return next(one for one in reply.page.forms if one.action == NEW)


def booked(people: TablePorts, reply: Reply) -> Call:
    call_id = reply.url.partition("/calls/")[2].partition("?")[0]
    found = DynamoCalls(people.client, "SchedulingTable").get(APP_ID, call_id)
    assert found is not None, reply.text
    return found[0]


def test_an_agent_books_for_a_customer_with_their_own_time(people: TablePorts, agent: Browser):
    page = agent.get(f"{NEW}?start=2026-04-23T10:30:00.000Z")
    assert (form(page).value("day"), form(page).value("time")) == ("2026-04-23", "10:30")
    reply = agent.press(form(page), BOOK, notes="Wants a call back", **TYPED)
    assert "The booking is made." in reply.text
    call = booked(people, reply)
    assert (call.assigned_agent_id, call.booking_source, call.guest.name) == ("agent-1", "agent", "Ann Guest")
    assert call.scheduled_at == THURSDAY.replace(minute=30)
    assert "Agent (Agent)" in reply.text, "the timeline says who"


def test_the_free_times_of_the_day_are_offered_and_taking_one_keeps_what_was_typed(people: TablePorts, agent: Browser):
    put(people, "Bea Guest")
    page = agent.get(f"{NEW}?day=2026-04-23")
    times = form(page).values_of_buttons("pick")
    assert ("2026-04-23T10:30:00.000Z" in times, "2026-04-23T10:00:00.000Z" in times) == (True, False)
    picked = agent.press(form(page), ("pick", "2026-04-23T10:30:00.000Z"), name="Ann Guest")
    assert (form(picked).value("time"), form(picked).value("name")) == ("10:30", "Ann Guest")


def test_a_time_that_is_taken_says_by_what_and_leads_there(people: TablePorts, agent: Browser):
    call = put(people, "Bea Guest", buffer_after_minutes=30)
    reply = agent.press(form(agent.get(NEW)), BOOK, **TYPED)
    assert (reply.status, "There is another booking at this time" in reply.text) == (409, True)
    assert "Bea Guest, Thursday, April 23, 10:00 AM" in reply.text
    assert f"/my/{APP_ID}/calls/{call.id}" in reply.page.links
    assert form(reply).value("email") == "ann@example.com"


def test_what_is_missing_is_named_and_nothing_is_booked(people: TablePorts, agent: Browser):
    del people
    reply = agent.press(form(agent.get(NEW)), BOOK, day="2026-04-23", time="10:30")
    assert reply.status == 400
    assert "Enter the guest's name" in reply.text


@pytest.mark.parametrize(
    ("time", "said"),
    [
        ({"day": "", "time": ""}, "Choose a day and a time."),
        ({"day": "2026-04-21", "time": "10:00"}, "This time is over already."),
        ({"day": "2036-04-21", "time": "10:00"}, "farther ahead than the service can be booked"),
    ],
)
def test_a_time_that_cannot_be_had_is_told_why(people: TablePorts, agent: Browser, time: dict[str, str], said: str):
    del people
    reply = agent.press(form(agent.get(NEW)), BOOK, **{**TYPED, **time})
    assert (reply.status, said in reply.text) == (400, True)


def test_another_service_has_its_own_questions_and_length(people: TablePorts, agent: Browser):
    question = Question(key="topic", type=QuestionType.SHORT_TEXT, label="What about?", required=True)
    preset = Preset(preset_id=WITH_QUESTION, name="Advice", questions=(question,), duration_minutes=45)
    people.presets.add(APP_ID, preset, NOW, None)
    page = agent.press(form(agent.get(NEW)), ("action", "show"), service=WITH_QUESTION, **TYPED)
    assert ("What about?" in page.text, form(page).value("name")) == (True, "Ann Guest")
    assert "Enter what the guest answers" in agent.press(form(page), BOOK).text
    call = booked(people, agent.press(form(page), BOOK, q__topic="The lease"))
    assert (call.answers, call.duration_minutes, call.preset_id) == ({"topic": "The lease"}, 45, WITH_QUESTION)


def test_a_booking_that_is_sent_twice_is_made_once(people: TablePorts, agent: Browser):
    page = agent.get(NEW)
    first, second = (agent.press(form(page), BOOK, service=SECOND_PRESET, **TYPED) for _ in range(2))
    assert booked(people, first) == booked(people, second)


def test_outside_working_hours_the_form_says_so_and_books_all_the_same(people: TablePorts, agent: Browser):
    page = agent.get(f"{NEW}?start=2026-04-25T20:00:00.000Z")
    assert "This is outside your working hours." in page.text
    call = booked(people, agent.press(form(page), BOOK, name="Ann Guest", phone="+573005550100"))
    assert call.scheduled_at == datetime(2026, 4, 25, 20, tzinfo=UTC)


def test_what_the_address_says_of_the_guest_is_in_the_form(people: TablePorts, agent: Browser):
    del people
    found: Any = form(agent.get(f"{NEW}?name=Ann+Guest&phone=%2B573005550100"))
    assert (found.value("name"), found.value("phone")) == ("Ann Guest", "+573005550100")
