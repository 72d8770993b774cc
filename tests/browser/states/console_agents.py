"""The console's agents and instant calls."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import Page

from slotline.domain.access.users import Role
from tests.support import patient
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.worlds.api import ALWAYS


def at(visit: Visits, backstage: Backstage, practice: Practice, path: str, who: Role = Role.ADMIN, **look: Any) -> Page:
    """A page of the practice's console. `look`: what `visit` takes."""
    return sign_in(visit, backstage, f"/console/{{app}}/{path}", who, practice, **look)


@state("console-agents")
def agents(visit: Visits, backstage: Backstage) -> Page:
    """Two agents, of whom one has a call."""
    practice = backstage.practice()
    practice.book(backstage.weekday(1))
    return at(visit, backstage, practice, "agents")


@state("console-agent")
def agent(visit: Visits, backstage: Backstage) -> Page:
    """The profile of one."""
    practice = backstage.practice()
    return at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}")


@state("console-agent-new-wrong")
def new_wrong(visit: Visits, backstage: Backstage) -> Page:
    """A new agent whose form is wrong."""
    page = at(visit, backstage, backstage.practice(), "agents/new", statuses={400})
    page.get_by_label("Name").fill("Carla Díaz")
    page.get_by_label("Tags").fill("spanish, spanish")
    page.get_by_role("button", name="Add the agent").click()
    page.get_by_role("alert").wait_for()
    return page


@state("console-agent-hours")
def hours(visit: Visits, backstage: Backstage) -> Page:
    """The week of one."""
    practice = backstage.practice()
    return at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/hours")


@state("console-agent-hours-wrong")
def hours_wrong(visit: Visits, backstage: Backstage) -> Page:
    """A week whose Monday ends before it begins."""
    practice = backstage.practice()
    page = at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/hours", statuses={400})
    page.get_by_label("Monday, until, row 1").fill("08:00")
    page.get_by_role("button", name="Save hours").click()
    page.get_by_role("alert").wait_for()
    return page


@state("console-agent-hours-read")
def hours_read(visit: Visits, backstage: Backstage) -> Page:
    """The same for a supervisor, who reads it."""
    practice = backstage.practice()
    return at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/hours", Role.SUPERVISOR)


@state("console-agent-absences")
def absences(visit: Visits, backstage: Backstage) -> Page:
    """What is planned, and the forms for more."""
    practice = backstage.practice()
    page = at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/absences", Role.SUPERVISOR)
    form = page.get_by_role("form", name="Days off, extra hours")
    form.get_by_label("First date").fill(f"{backstage.weekday(5):%Y-%m-%d}")
    form.get_by_label("Label").fill("Leave")
    form.get_by_role("button", name="Add").click()
    return page


@state("console-agent-absence")
def absence(visit: Visits, backstage: Backstage) -> Page:
    """A day off on which the agent has a call."""
    practice = backstage.practice(reminders={"conflict_notice": ["email"]})
    start = backstage.weekday(5)
    practice.book(start)
    page = at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/absences", Role.SUPERVISOR)
    form = page.get_by_role("form", name="Days off, extra hours")
    form.get_by_label("First date").fill(f"{start:%Y-%m-%d}")
    form.get_by_label("Label").fill("Ill")
    form.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Add it and tell nobody").click()
    page.get_by_text("Added.").wait_for()
    return page


def instant_call(backstage: Backstage, practice: Practice) -> str:
    """A call that a website starts; its id."""
    headers = {"X-App-Id": practice.app_id, "X-Widget-Key": practice.widget_key}
    said = {"title": "Support session", "hostName": "Sarah", "guestName": "John", "metadata": {"ticket": "T-1234"}}
    answer = patient.post(f"{backstage.system.base_url}/api/calls", headers=headers, json=said)
    return str(answer.json()["data"]["callId"])


@state("console-instant-calls")
def instant_calls(visit: Visits, backstage: Backstage) -> Page:
    """Calls that websites started."""
    practice = backstage.practice(hours=ALWAYS)
    for _ in range(3):
        instant_call(backstage, practice)
        backstage.clock.advance(timedelta(minutes=7))
    return at(visit, backstage, practice, "instant", Role.SUPERVISOR)


@state("console-instant-call")
def one_instant_call(visit: Visits, backstage: Backstage) -> Page:
    """One of them, which somebody may join still."""
    practice = backstage.practice()
    return at(visit, backstage, practice, f"instant/{instant_call(backstage, practice)}", Role.SUPERVISOR)


@state("console-instant-none")
def no_instant_calls(visit: Visits, backstage: Backstage) -> Page:
    """No call yet."""
    return at(visit, backstage, backstage.practice(), "instant", Role.SUPERVISOR)
