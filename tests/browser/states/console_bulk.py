"""Many bookings changed at once, in the console: the question, what is under way or over, and the list of changes."""

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

LIST = "/console/{app}/calls"


def _asked(visit: Visits, backstage: Backstage) -> Page:
    """Three bookings at one time, of which one agent can take one only."""
    practice = backstage.practice(agents=("Ada Park", "Ben Okoye", "Carla Díaz"))
    for agent_id, name in zip(practice.agent_ids, ("Jane Doe", "Ravi Mehta", "Núria Camps"), strict=True):
        practice.book(backstage.weekday(), assignedAgentId=agent_id, guestName=name)
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR, practice)
    page.get_by_label("All that match, on every page").check()
    page.get_by_role("button", name="Reassign…").click()
    page.get_by_label("New agent").select_option(label="Carla Díaz")
    return page


def _over(visit: Visits, backstage: Backstage) -> Page:
    page = _asked(visit, backstage)
    page.get_by_role("button", name="Reassign 3 bookings").click()
    expect(page.get_by_text("3 of 3")).to_be_visible()
    return page


@state("console-bulk-question")
def question(visit: Visits, backstage: Backstage) -> Page:
    """Which bookings, and what is to be done with them."""
    return _asked(visit, backstage)


@state("console-bulk-over")
def over(visit: Visits, backstage: Backstage) -> Page:
    """What became of each: refused, or so already."""
    return _over(visit, backstage)


@state("console-bulk-changes")
def changes(visit: Visits, backstage: Backstage) -> Page:
    """The changes of the last weeks."""
    page = _over(visit, backstage)
    page.get_by_role("link", name="Changes of many bookings").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    return page


@state("console-bulk-nothing")
def nothing(visit: Visits, backstage: Backstage) -> Page:
    """No booking was ticked."""
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR, statuses=(400,))
    page.get_by_role("button", name="Cancel…").click()
    return page
