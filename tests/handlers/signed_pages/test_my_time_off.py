"""Time off and working hours in My schedules: an agent's own, in their own zone, and nobody else's."""

from datetime import UTC, date, datetime

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.agent_time import DoNotDisturbWindow
from slotline.domain.booking.apps import Agent
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.working_hours import Window
from slotline.ports.apps import AgentChange
from slotline.store.booking.agent_time import DynamoAgentTime
from slotline.store.dynamodb import keys
from tests.handlers.signed_pages.conftest import SignIn
from tests.handlers.signed_pages.steps import entries
from tests.handlers.signed_pages.test_my_week import THURSDAY, put
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.people import Browser, Reply, a_user
from tests.support.handlers import APP_ID
from tests.support.shown_pages import Form

TIME_OFF, HOURS = f"/my/{APP_ID}/time-off", f"/my/{APP_ID}/hours"
QUIET, DATES = 0, 1
AFTERNOON = {"from": "2026-04-23T09:00", "until": "2026-04-23T18:00", "reason": "Dentist"}


@pytest.fixture
def agent(sign_in: SignIn) -> Browser:
    return sign_in(a_user(Role.AGENT, "ada"))


def form_of(reply: Reply, number: int = 0, action: str = TIME_OFF) -> Form:
    return [form for form in reply.page.forms if form.action == action][number]


def add(agent: Browser, form: int, /, **typed: str) -> Reply:
    """One of the forms of the page, filled in and sent."""
    return agent.press(form_of(agent.get(TIME_OFF), form), **typed)


def kept(people: TablePorts, agent_id: str = "agent-1") -> Agent:
    found = people.agents.find(APP_ID, agent_id)[1]
    assert found
    return found


def windows(people: TablePorts, agent_id: str = "agent-1") -> list[DoNotDisturbWindow]:
    year = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    ports = DynamoAgentTime(people.client, "SchedulingTable", "AccessTable", people.clock)
    return list(ports.windows(APP_ID, agent_id, year))


def told(people: TablePorts, call_id: str) -> list[str]:
    """Which notices of a conflict the guest of a call gets."""
    found = [row for row in people.rows() if row["sk"].startswith("REMINDER#conflict_notice")]
    return [row["sk"] for row in found if row["call_id"] == call_id]


def with_notices(people: TablePorts) -> None:
    """Services send notices of conflicts by mail."""
    app = people.row(keys.app(APP_ID))
    assert app
    people.put(app | {"preset": app["preset"] | {"reminders": {"conflict_notice": ["email"]}}})


def test_before_do_not_disturb_is_kept_the_bookings_in_it_are_named_and_nobody_is_told_unasked(
    people: TablePorts, agent: Browser
):
    with_notices(people)
    call = put(people, "Ann Guest")
    put(people, "Bob Other", assigned_agent_id="agent-2")
    asked = add(agent, QUIET, **AFTERNOON)
    assert "1 call is in this time" in asked.text
    assert "Ann Guest" in asked.text
    assert "Bob Other" not in asked.text
    assert windows(people) == []
    done = agent.press(form_of(asked), ("notify", "no"))
    assert "Added." in done.text
    (window,) = windows(people)
    assert (window.label, window.notify, told(people, call.id)) == ("Dentist", False, [])
    assert window.interval == Interval(THURSDAY.replace(hour=9), THURSDAY.replace(hour=18))


def test_guests_are_told_once_if_the_agent_says_so_of_dates_as_of_do_not_disturb(people: TablePorts, agent: Browser):
    with_notices(people)
    first, second = put(people, "Ann Guest"), put(people, "Bea Guest", scheduled_at=THURSDAY.replace(day=24))
    quiet = add(agent, QUIET, **AFTERNOON)
    dates = add(agent, DATES, kind="blocked", first="2026-04-24")
    for asked in (quiet, dates, quiet):
        assert "The guests are being told." in agent.press(form_of(asked), ("notify", "yes")).text
    assert (len(told(people, first.id)), len(told(people, second.id))) == (1, 1)
    assert (len(windows(people)), len(kept(people).exceptions)) == (1, 1), "a second press adds nothing"


def test_nobody_is_promised_a_notice_that_their_service_does_not_send(people: TablePorts, agent: Browser):
    call = put(people, "Ann Guest")
    asked = add(agent, QUIET, **AFTERNOON)
    assert "Its guest cannot be told" in asked.text
    assert form_of(asked).values_of_buttons("notify") == ["no"]
    page = agent.press(form_of(asked), ("notify", "no"))
    assert [form.action for form in page.page.forms if form.action.endswith("/tell")] == []
    assert told(people, call.id) == []


def test_a_booking_that_came_after_the_question_is_named_with_the_others(people: TablePorts, agent: Browser):
    with_notices(people)
    put(people, "Ann Guest")
    asked = add(agent, QUIET, **AFTERNOON)
    put(people, "Bea Guest", scheduled_at=THURSDAY.replace(hour=15))
    done = agent.press(form_of(asked), ("notify", "no"))
    assert all(said in done.text for said in ("2 calls are in this time", "Ann Guest", "Bea Guest"))


def test_who_changes_their_mind_comes_back_to_what_they_typed(people: TablePorts, agent: Browser):
    put(people, "Ann Guest")
    back = agent.press(form_of(add(agent, QUIET, **AFTERNOON)), ("action", "back"))
    assert "Not added yet." in back.text
    assert dict(form_of(back, QUIET).fields).items() >= AFTERNOON.items()
    assert windows(people) == []


def test_time_off_shows_in_the_week_is_removed_and_each_change_is_in_the_audit_log(people: TablePorts, agent: Browser):
    assert "Added." in add(agent, QUIET, **AFTERNOON).text
    assert "Do not disturb, 9:00 AM \N{EN DASH} 6:00 PM" in agent.get(f"/my/{APP_ID}?week=2026-W17").text
    (window,) = windows(people)
    page = agent.get(f"{TIME_OFF}/{window.id}")
    assert "Removed." in agent.press(form_of(page, action=f"{TIME_OFF}/{window.id}/remove")).text
    assert windows(people) == []
    said = [(one.action, one.author.surface, one.author.role, one.subject_id) for one in entries(people)]
    assert sorted(said) == [(f"do_not_disturb.{done}", "my", "agent", window.id) for done in ("added", "removed")]
    assert "Dentist" not in str(entries(people)), "why somebody is away is their own matter"


def test_times_are_read_by_the_agents_own_clocks_and_one_that_is_left_out_is_refused(
    people: TablePorts, agent: Browser
):
    people.agents.change(APP_ID, "agent-1", AgentChange(values={"timezone": "Europe/Madrid"}))
    gap = add(agent, QUIET, **{"from": "2027-03-28T02:30", "until": "2027-03-28T05:00"})
    assert (gap.status, "From: There is no such time on this day" in gap.text) == (400, True)
    add(agent, QUIET, **{"from": "2026-10-25T01:00", "until": "2026-10-25T04:00"})
    (window,) = windows(people)
    assert window.interval == Interval(
        datetime(2026, 10, 24, 23, 0, tzinfo=UTC), datetime(2026, 10, 25, 3, 0, tzinfo=UTC)
    ), "four hours: one comes twice"
    add(agent, DATES, kind="blocked", first="2026-05-02")
    (exception,) = kept(people).exceptions
    assert (exception.first, exception.zone) == (date(2026, 5, 2), "Europe/Madrid")


@pytest.mark.parametrize(
    ("form", "typed", "said"),
    [
        (QUIET, {"from": "2026-04-23T10:00", "until": "2026-04-23T09:00"}, "Until: The end must be after the start."),
        (QUIET, {"from": "2026-04-23T10:00", "until": "2026-05-30T10:00"}, "Until: This is too long."),
        (QUIET, {"from": "2026-04-23T10:00", "until": ""}, "Until: Fill this in."),
        (DATES, {"first": "2026-05-02", "last": "2026-05-01"}, "Last date: The end must be after the start."),
        (DATES, {"first": "2026-05-02", "last": "2027-06-01"}, "Last date: This is too long."),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field_before_anything_is_asked(
    people: TablePorts, agent: Browser, form: int, typed: dict[str, str], said: str
):
    put(people, "Ann Guest")
    reply = add(agent, form, **({"kind": "blocked"} if form == DATES else {}), **typed)
    assert (reply.status, said in reply.text) == (400, True), reply.text
    assert (windows(people), kept(people).exceptions) == ([], ())


def test_another_agents_time_off_is_not_there_and_stays(people: TablePorts, sign_in: SignIn, agent: Browser):
    other = sign_in(a_user(Role.AGENT, "bob", agent_ids={APP_ID: "agent-2"}))
    add(other, QUIET, **AFTERNOON)
    add(other, DATES, kind="blocked", first="2026-05-02")
    (window,), (exception,) = windows(people, "agent-2"), kept(people, "agent-2").exceptions
    for one in (window, exception):
        assert agent.get(f"{TIME_OFF}/{one.id}").status == 404
        assert agent.post(f"{TIME_OFF}/{one.id}/tell").status == 404
        agent.post(f"{TIME_OFF}/{one.id}/remove")
    assert (windows(people, "agent-2"), kept(people, "agent-2").exceptions) == ([window], (exception,))
    assert "Dentist" not in agent.get(TIME_OFF).text


def test_an_agent_changes_their_own_hours_and_nobody_elses(people: TablePorts, agent: Browser):
    form = form_of(agent.get(HOURS), action=HOURS)
    typed = {"zone": "Europe/Madrid", "d0__start": ["10:00", ""], "d0__end": ["14:00", ""], "agent_id": "agent-2"}
    reply = agent.press(form, ("action", "save"), **typed)
    assert "The hours are saved." in reply.text
    own = kept(people).working_hours
    assert own[0] == Window(weekday=0, start="10:00", end="14:00", zone="Europe/Madrid")
    assert kept(people, "agent-2").working_hours[0].start == "09:00"
    (entry,) = entries(people)
    assert (entry.action, entry.subject_id, entry.author.surface) == ("agent.changed", "agent-1", "my")
    assert set(entry.after or ()) == {"working_hours"}


def test_hours_that_somebody_else_saved_meanwhile_are_shown_and_not_overwritten_unseen(
    people: TablePorts, sign_in: SignIn, agent: Browser
):
    early = form_of(agent.get(HOURS), action=HOURS)
    console, there = sign_in(Role.ADMIN), f"/console/{APP_ID}/agents/agent-1/hours"
    console.press(form_of(console.get(there), action=there), ("action", "save"), d0__start="12:00")
    stale = agent.press(early, ("action", "save"), d0__start="10:00")
    assert (stale.status, "Somebody else has saved other hours meanwhile" in stale.text) == (409, True)
    assert kept(people).working_hours[0].start == "12:00"
    agent.press(form_of(stale, action=HOURS), ("action", "save"))
    assert kept(people).working_hours[0].start == "10:00"


def test_dates_of_another_zone_than_the_agents_say_whose_clocks_they_are_of(people: TablePorts, agent: Browser):
    add(agent, DATES, kind="blocked", first="2026-05-04", start="09:00", end="12:00")
    row = people.row(keys.agent(APP_ID, "agent-1"))
    assert row
    assert "Monday, May 4 (" not in agent.get(TIME_OFF).text
    people.put(row | {"timezone": "America/Bogota"})
    page = agent.get(TIME_OFF)
    assert "Times are in Bogota time" in page.text
    assert "Monday, May 4 (UTC)" in page.text
    add(agent, DATES, kind="blocked", first="2026-05-05")
    text = agent.get(TIME_OFF).text
    assert ("Tuesday, May 5" in text, "Tuesday, May 5 (" in text) == (True, False)
