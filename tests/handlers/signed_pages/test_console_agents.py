"""The console's agents: the list with their load, profile, hours, absences; and who may change which."""

from datetime import timedelta

import pytest

from slotline.domain.access.users import Role
from slotline.domain.booking.apps import Agent
from tests.handlers.signed_pages.conftest import SignIn
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW
from tests.support.builders.people import Browser, Reply
from tests.support.handlers import APP_ID
from tests.support.shown_pages import Form

LIST = f"/console/{APP_ID}/agents"
AGENT = f"{LIST}/agent-1"


def form_at(reply: Reply, action: str) -> Form:
    """The first form of a page that is sent there."""
    return next(form for form in reply.page.forms if form.action == action)


def agent(people: TablePorts, agent_id: str = "agent-1") -> Agent:
    """The agent as they are kept."""
    found = people.agents.find(APP_ID, agent_id)[1]
    assert found
    return found


def save_hours(browser: Browser, action: str = "save", **rows: list[str]) -> Reply:
    """The hours' form with these rows typed, and one of its buttons pressed."""
    form = form_at(browser.get(f"{AGENT}/hours"), f"{AGENT}/hours")
    return browser.press(form, ("action", action), **{"zone": "Europe/Madrid", **rows})


def test_an_agent_is_added_and_their_hours_come_next(people: TablePorts, sign_in: SignIn):
    browser = sign_in()
    form = form_at(browser.get(f"{LIST}/new"), f"{LIST}/new")
    typed = {"name": "Zoë Park", "email": "zoe@example.com", "tags": "spanish, mortgages", "agent_id": "zoe"}
    reply = browser.press(form, **typed)
    assert "The agent is there" in reply.text
    assert "The agent is there" in browser.press(form, **typed).text, "a second press adds nobody"
    zoe = agent(people, "zoe")
    assert (zoe.name, zoe.email, zoe.tags, zoe.active) == (
        "Zoë Park",
        "zoe@example.com",
        ("spanish", "mortgages"),
        True,
    )
    again = browser.press(form_at(browser.get(f"{LIST}/new"), f"{LIST}/new"), **typed)
    assert (again.status, "another agent with this id" in again.text) == (400, True)


def test_a_form_that_is_wrong_says_so_beside_its_fields_and_keeps_what_was_typed(people: TablePorts, sign_in: SignIn):
    browser, before = sign_in(), agent(people)
    form = form_at(browser.get(AGENT), AGENT)
    reply = browser.press(form, weight="0", email="nobody", name="Ada")
    assert reply.status == 400
    assert "Enter a whole number from 1 to 1,000." in reply.text
    assert form_at(reply, AGENT).value("email") == "nobody"
    assert agent(people) == before
    browser.press(form_at(reply, AGENT), weight="3", email="")
    assert (agent(people).name, agent(people).weight) == ("Ada", 3)


def test_a_name_that_is_emptied_is_missed_at_its_field_and_nothing_else_is_saved(people: TablePorts, sign_in: SignIn):
    browser, before = sign_in(), agent(people)
    emptied = browser.press(form_at(browser.get(AGENT), AGENT), name="  ", weight="7")
    assert (emptied.status, "Name: Fill this in." in emptied.text) == (400, True), emptied.text
    assert form_at(emptied, AGENT).value("weight") == "7", "what was typed stays"
    assert agent(people) == before


def test_what_somebody_else_changed_meanwhile_stays(people: TablePorts, sign_in: SignIn):
    first, second = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    early = form_at(first.get(AGENT), AGENT)
    second.press(form_at(second.get(AGENT), AGENT), weight="5")
    first.press(early, name="Ada Lovelace")
    assert (agent(people).name, agent(people).weight) == ("Ada Lovelace", 5)


def test_a_week_is_saved_as_it_is_typed_and_read_in_words(people: TablePorts, sign_in: SignIn):
    browser, before = sign_in(), agent(people)
    typed = {"d0__start": ["09:00", "14:00", ""], "d0__end": ["13:00", "00:00", ""]}
    copied = save_hours(browser, "copy", **typed)
    assert "Not saved yet" in copied.text
    assert agent(people) == before
    browser.press(form_at(copied, f"{AGENT}/hours"), ("action", "save"))
    windows = [(one.weekday, one.start, one.end, one.zone) for one in agent(people).working_hours]
    twice = (("09:00", "13:00"), ("14:00", "24:00"))
    assert windows == [(day, *times, "Europe/Madrid") for day in range(5) for times in twice]
    said = browser.get(LIST).text.replace("\N{EN DASH}", "-").replace("\N{NO-BREAK SPACE}", " ")
    assert "Mon-Fri 9:00 AM - 1:00 PM, 2:00 PM - 12:00 AM" in said


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        (["09:00", "12:00"], ["13:00", "15:00"], "Wednesday: Two of these times overlap."),
        (["17:00"], ["09:00"], "Wednesday: The end must be after the start."),
        (["09:00"], [""], "Wednesday: This is not written as it has to be."),
    ],
)
def test_hours_that_are_wrong_are_told_at_their_day(
    people: TablePorts, sign_in: SignIn, starts: list[str], ends: list[str], said: str
):
    before = agent(people)
    reply = save_hours(sign_in(), d2__start=starts, d2__end=ends)
    assert (reply.status, said in reply.text) == (400, True), reply.text
    assert ("d2.start", starts[0]) in form_at(reply, f"{AGENT}/hours").fields
    assert agent(people) == before


def test_a_supervisor_sends_a_sick_agent_home_and_sees_whom_that_affects(people: TablePorts, sign_in: SignIn):
    browser = sign_in(Role.SUPERVISOR)
    page = browser.get(f"{AGENT}/absences")
    dates, quiet = (form for form in page.page.forms if form.action == f"{AGENT}/absences")
    today = f"{NOW:%Y-%m-%d}"
    assert "Added." in browser.press(dates, kind="blocked", first=today, label="Ill").text
    browser.press(dates, kind="blocked", first=today, label="Ill")
    (exception,) = agent(people).exceptions
    assert (exception.first.isoformat(), exception.label, exception.zone) == (today, "Ill", "UTC")
    until = NOW + timedelta(hours=2)
    browser.press(quiet, until=f"{until:%Y-%m-%dT%H:%M}", **{"from": f"{NOW:%Y-%m-%dT%H:%M}"})
    there = browser.get(f"{AGENT}/absences")
    assert all(part in there.text for part in ("Not working", "Ill", "Do not disturb"))
    one = browser.get(f"{AGENT}/absences/{exception.id}")
    assert "0 calls are in this time" in one.text
    (form,) = [form for form in one.page.forms if form.action.endswith("/remove")]
    assert "Removed." in browser.press(form).text
    assert "Removed." in browser.press(form).text
    assert agent(people).exceptions == ()


def test_dates_that_are_wrong_are_told_beside_their_field(sign_in: SignIn):
    browser = sign_in(Role.SUPERVISOR)
    dates, quiet = (form for form in browser.get(f"{AGENT}/absences").page.forms if form.action.endswith("/absences"))
    assert "Last date: " in browser.press(dates, kind="blocked", first="2026-05-02", last="2026-05-01").text
    over = {"from": "2020-01-01T10:00", "until": "2020-01-01T11:00"}
    assert "Until: This is over already." in browser.press(quiet, **over).text


def test_a_filter_by_a_tag_that_nobody_has_any_more_is_seen_and_stays_when_the_form_is_sent(sign_in: SignIn):
    filtered = sign_in(Role.SUPERVISOR).get(f"{LIST}?tag=spanish")
    assert form_at(filtered, LIST).value("tag") == "spanish"


def test_a_supervisor_changes_no_profile_and_no_hours(sign_in: SignIn):
    browser = sign_in(Role.SUPERVISOR)
    assert form_at_most_absences(browser) == []
    for way in (AGENT, f"{AGENT}/hours", f"{LIST}/new"):
        assert browser.post(way, {"name": "X"}).status == 403


def form_at_most_absences(browser: Browser) -> list[str]:
    """The forms of an agent's profile and hours that would change something."""
    pages = [browser.get(way).page for way in (AGENT, f"{AGENT}/hours")]
    return [form.action for page in pages for form in page.forms if form.method == "post" and "/agents" in form.action]
