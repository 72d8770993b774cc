"""Bookings in My schedules: what an agent does with their own, and that nobody else's are there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus
from slotline.store.booking.calls import DynamoCalls
from tests.handlers.signed_pages.conftest import SignIn
from tests.handlers.signed_pages.test_my_week import THURSDAY, put
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply, a_user
from tests.support.handlers import APP_ID
from tests.support.shown_pages import Form


@pytest.fixture
def agent(sign_in: SignIn) -> Browser:
    return sign_in(a_user(Role.AGENT, "ada"))


def way(call: Call, step: str = "") -> str:
    return f"/my/{APP_ID}/calls/{call.id}{f'/{step}' if step else ''}"


def form_to(reply: Reply, action: str) -> Form:
    return next(form for form in reply.page.forms if form.action == action)


def kept(people: TablePorts, call: Call) -> tuple[Call, list[Any]]:
    found = DynamoCalls(people.client, "SchedulingTable").get(APP_ID, call.id)
    assert found is not None
    return found[0], list(found[1])


def ask(agent: Browser, call: Call, step: str, /, **typed: str) -> Reply:
    """Open the form of a change, fill it in and send it."""
    return agent.press(form_to(agent.get(way(call, step)), way(call, step)), **typed)


def test_a_booking_says_all_that_is_known_of_it(people: TablePorts, agent: Browser):
    call = put(
        people,
        "Ann Guest",
        intake_notes="About the lease",
        phone="+57 300 555 0100",
        phone_e164="+573005550100",
        timezone="America/Bogota",
        external_id="crm-7",
        buffer_after_minutes=10,
    )
    text = agent.get(way(call)).text
    for said in (
        "Ann Guest",
        "About the lease",
        "+57 300 555 0100",
        "jane@example.com",
        "Thursday, April 23, 2026, 10:00 AM",
        "5:00 AM Bogota time, UTC-5",
        "crm-7",
        "Kept free: 10 minutes after",
        "Through the API",
    ):
        assert said in text, said


@pytest.mark.parametrize("step", ["", "move", "cancel", "hand-over", "notes"])
def test_another_agents_booking_is_not_there(people: TablePorts, agent: Browser, step: str):
    call = put(people, "Bob Other", assigned_agent_id="agent-2")
    assert agent.get(way(call, step)).status == 404
    forged = {"seen": "x", "once": "1", "reason": "", "notes": "", "day": "2026-04-24", "time": "10:00"}
    if step:
        assert agent.post(way(call, step), forged).status == 404
    assert kept(people, call)[0] == call


def test_a_booking_is_moved_and_the_timeline_says_who_did_it(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    reply = ask(agent, call, "move", day="2026-04-24", time="14:15")
    assert "The booking was moved." in reply.text
    moved, events = kept(people, call)
    assert moved.scheduled_at == datetime(2026, 4, 24, 14, 15, tzinfo=UTC)
    assert (events[-1].actor.type, events[-1].actor.role) == ("agent", "agent")
    assert "Ada (Agent)" in reply.text


def test_a_time_that_is_taken_is_refused_with_the_reason_and_what_was_typed_stays(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    put(people, "Bea Guest", scheduled_at=THURSDAY.replace(hour=15))
    reply = ask(agent, call, "move", day="2026-04-23", time="15:15")
    assert (reply.status, "There is another booking at this time" in reply.text) == (409, True)
    assert form_to(reply, way(call, "move")).value("time") == "15:15"


@pytest.mark.parametrize("typed", [{"day": "2026-04-99", "time": "10:00"}, {"day": "2026-04-24", "time": ""}])
def test_what_is_no_time_is_said_so(people: TablePorts, agent: Browser, typed: dict[str, str]):
    call = put(people, "Ann Guest")
    reply = ask(agent, call, "move", **typed)
    assert (reply.status, "Choose a day and a time." in reply.text) == (400, True)


def test_a_stale_page_changes_nothing_and_shows_how_the_booking_is_now(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    stale = form_to(agent.get(way(call, "cancel")), way(call, "cancel"))
    ask(agent, call, "notes", notes="They called")
    reply = agent.press(stale, reason="too late")
    assert (reply.status, "Somebody has changed the booking meanwhile" in reply.text) == (409, True)
    assert kept(people, call)[0].status is CallStatus.SCHEDULED


def test_a_form_that_is_sent_twice_has_one_effect(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    form = form_to(agent.get(way(call, "cancel")), way(call, "cancel"))
    first, second = (agent.press(form, reason="ill") for _ in range(2))
    assert first.status == second.status == 200
    assert "The booking is cancelled." in second.text
    cancelled, events = kept(people, call)
    assert cancelled.cancellation_reason == "ill"
    assert [event.event_type for event in events].count("cancelled") == 1


def test_a_call_is_started_undone_started_again_and_completed_with_its_outcome(people: TablePorts, agent: Browser):
    tomorrow, call = put(people, "Bea"), put(people, "Ann", scheduled_at=people.clock.now() + timedelta(minutes=10))
    assert way(tomorrow, "start") not in [form.action for form in agent.get(way(tomorrow)).page.forms]
    assert "The call has started." in agent.press(form_to(agent.get(way(call)), way(call, "start"))).text
    assert "The start was undone." in ask(agent, call, "reopen", reason="Wrong row").text
    agent.press(form_to(agent.get(way(call)), way(call, "start")))
    reply = ask(agent, call, "complete", outcome="follow_up", note="Send the contract")
    for said in ("The call is completed.", "Completed: to be followed up", "Send the contract"):
        assert said in reply.text, said
    completed, events = kept(people, call)
    assert completed.status is CallStatus.COMPLETED
    assert events[-1].payload == {"outcome": "follow_up", "note": "Send the contract"}


def test_nobody_came(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest", scheduled_at=people.clock.now() + timedelta(minutes=5))
    people.clock.advance(minutes=10)
    assert "The booking ended as a no-show." in ask(agent, call, "no-show", reason="No answer").text
    assert kept(people, call)[0].status is CallStatus.NO_SHOW


def test_a_booking_is_handed_over_to_somebody_who_may_have_it(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    put(people, "Bea Guest", assigned_agent_id="agent-3", scheduled_at=THURSDAY + timedelta(days=1))
    page = agent.get(way(call, "hand-over"))
    assert [one.value for one in form_to(page, way(call, "hand-over")).controls if one.name == "agent"] == ["agent-2"]
    reply = ask(agent, call, "hand-over", agent="agent-2", reason="Their language")
    assert "The booking was handed over." in reply.text
    assert kept(people, call)[0].assigned_agent_id == "agent-2"
    assert agent.get(way(call)).status == 404


def test_a_call_of_the_pool_is_claimed_and_only_then_its_guest_is_known(people: TablePorts, agent: Browser):
    pool = {"assignment_method": AssignmentMethod.POOL, "assigned_agent_id": None}
    call = put(people, "Eve Pool", intake_notes="A secret", **pool)
    page = agent.get(way(call))
    assert ("Eve Pool" in page.text, "A secret" in page.body, "jane@example.com" in page.body) == (True, False, False)
    reply = agent.press(form_to(page, way(call, "claim")))
    assert ("The booking is yours now." in reply.text, "A secret" in reply.text) == (True, True)
    assert kept(people, call)[0].assigned_agent_id == "agent-1"


@pytest.mark.parametrize("step", ["remind", "start", "confirm", "move", "cancel", "notes", "complete", "no-show"])
def test_whoever_has_not_claimed_a_call_of_the_pool_does_nothing_to_it_and_tells_its_guest_nothing(
    people: TablePorts, agent: Browser, step: str
):
    call = put(people, "Eve Pool", assignment_method=AssignmentMethod.POOL, assigned_agent_id=None)
    hidden = form_to(agent.get(way(call)), way(call, "claim")).filled({})
    assert agent.post(way(call, step), dict(hidden)).status == 404
    file = DynamoCalls(people.client, "SchedulingTable").file(APP_ID, call.id)
    assert file is not None
    assert (file.call, file.messages) == (call, [])


def test_a_claim_that_comes_too_late_is_told_so(people: TablePorts, agent: Browser, sign_in: SignIn):
    pool = {"assignment_method": AssignmentMethod.POOL, "assigned_agent_id": None}
    call = put(people, "Eve Pool", **pool)
    form = form_to(agent.get(way(call)), way(call, "claim"))
    other = sign_in(a_user(Role.AGENT, "ben", agent_ids={APP_ID: "agent-2"}))
    other.press(form_to(other.get(way(call)), way(call, "claim")))
    assert agent.press(form).status == 404


def test_a_reminder_is_sent_now_and_is_among_the_messages(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    reply = agent.press(form_to(agent.get(way(call)), way(call, "remind")))
    assert "The reminder is on its way." in reply.text
    assert "Reminder e-mail Guest Wednesday, April 22, 2026, 12:00 PM Planned" in reply.text


def test_what_is_over_offers_no_change(people: TablePorts, agent: Browser):
    call = put(people, "Dan Gone", status=CallStatus.CANCELLED)
    assert [form.action for form in agent.get(way(call)).page.forms] == ["/sign-out"]
    assert agent.get(way(call, "move")).status == 404


def test_no_address_of_a_booking_leads_anywhere_else(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    for path in (way(call, "nothing"), way(call, "confirm"), f"/my/{APP_ID}/calls/{'x' * 200}"):
        assert agent.get(path).status == 404, path
    assert agent.post(way(call, "nothing"), {"once": "1"}).status == 404
