"""Dialing in the console: a campaign from its form to its calls, the do-not-call list, use cases and numbers."""

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.dialer import DIALING, MIXED_ROWS, Dialer, checked, dialer, new_campaign, started
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

_begun: dict[str, tuple[Dialer, str]] = {}
"""A campaign that has begun, and its page, by its system: several states look at the same one."""


def _dialed(visit: Visits, backstage: Backstage) -> tuple[Dialer, str]:
    """A campaign whose first call is over, while the others are to come; and its page."""
    key = backstage.system.base_url
    if key not in _begun:
        ours = dialer(backstage)
        page = started(visit, backstage, ours, interval=30)
        expect(page.locator("#progress-panel")).to_contain_text("1 of 3")
        _begun[key] = ours, page.url.partition("?")[0]
        page.close()
    return _begun[key]


@state("dialing-new")
def new(visit: Visits, backstage: Backstage) -> Page:
    """The form of a campaign, with its table, and what else can be said."""
    page = new_campaign(visit, backstage, dialer(backstage), interval=5)
    page.evaluate("scrollTo(0, 0)")  # the bar at the top would cover what it was scrolled to
    return page


@state("dialing-new-refused")
def refused(visit: Visits, backstage: Backstage) -> Page:
    """The table has no column of numbers."""
    page = new_campaign(visit, backstage, dialer(backstage), "name\nJane\n", statuses={400})
    page.get_by_role("button", name="Check the table").click()
    page.locator("[aria-invalid=true]").wait_for()
    return page


@state("dialing-preflight", in_docs=["desktop-light"])
def preflight(visit: Visits, backstage: Backstage) -> Page:
    """Before it starts: wrong rows, a number twice, one that is not to be called, words that no column fills."""
    ours = dialer(backstage)
    page = sign_in(visit, backstage, f"{DIALING}/do-not-call", Role.ADMIN, ours.practice)
    page.get_by_label("Numbers").fill("+573005550104")
    page.get_by_role("button", name="Add to the list").click()
    page.get_by_text("The numbers are on the list.").wait_for()
    return checked(visit, backstage, ours, MIXED_ROWS)


@state("dialing-campaign")
def campaign(visit: Visits, backstage: Backstage) -> Page:
    """A campaign under way."""
    ours, way = _dialed(visit, backstage)
    return sign_in(visit, backstage, way, Role.SUPERVISOR, ours.practice)


@state("dialing-campaigns")
def campaigns(visit: Visits, backstage: Backstage) -> Page:
    """The list of them."""
    ours, _ = _dialed(visit, backstage)
    return sign_in(visit, backstage, f"{DIALING}/campaigns", Role.SUPERVISOR, ours.practice)


@state("dialing-calls")
def calls(visit: Visits, backstage: Backstage) -> Page:
    """Calls of a campaign."""
    page = campaign(visit, backstage)
    page.get_by_role("link", name="See its calls").click()
    expect(page.locator("#call-list tbody tr")).to_have_count(3)
    return page


@state("dialing-call")
def call(visit: Visits, backstage: Backstage) -> Page:
    """A call with the attempt that was made, and what its row says."""
    page = calls(visit, backstage)
    page.locator("#call-list a").first.click()
    page.locator("#attempts").wait_for()
    return page


@state("dialing-calls-none")
def no_calls(visit: Visits, backstage: Backstage) -> Page:
    """A filter that nothing matches."""
    return sign_in(visit, backstage, f"{DIALING}/calls?from=2020-01-01&to=2020-01-02", Role.SUPERVISOR)


@state("dialing-do-not-call")
def barred(visit: Visits, backstage: Backstage) -> Page:
    """Two numbers that are not to be called."""
    page = sign_in(visit, backstage, f"{DIALING}/do-not-call", Role.ADMIN)
    page.get_by_label("Numbers").fill("+573005550104\n+573005550105")
    page.get_by_label("Reason").fill("Asked for it by mail, in the name of the whole family at this address")
    page.get_by_role("button", name="Add to the list").click()
    page.get_by_text("The numbers are on the list.").wait_for()
    return page


@state("dialing-use-cases")
def use_cases(visit: Visits, backstage: Backstage) -> Page:
    """What calls are for."""
    return sign_in(visit, backstage, f"{DIALING}/use-cases", Role.ADMIN, dialer(backstage).practice)


@state("dialing-use-case")
def use_case(visit: Visits, backstage: Backstage) -> Page:
    """The form of a use case."""
    ours = dialer(backstage)
    return sign_in(visit, backstage, f"{DIALING}/use-cases/{ours.use_case_id}", Role.ADMIN, ours.practice)


@state("dialing-number-refused")
def number_refused(visit: Visits, backstage: Backstage) -> Page:
    """A number that nobody has granted."""
    page = sign_in(visit, backstage, f"{DIALING}/numbers/new", Role.ADMIN, statuses={400})
    page.get_by_label("Number", exact=True).fill("+12025550199")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").wait_for()
    return page
