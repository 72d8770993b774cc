"""The console's dashboard: plots with their tables, and days without anything."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.worlds.later import until


def _busy(visit: Visits, backstage: Backstage) -> Page:
    """A week of an app with some bookings, once the stream has brought them."""
    practice = backstage.practice()
    for number in range(5):
        booked = practice.book(backstage.weekday(days=2 + number // 2, at=f"{10 + number}:00"))
        if number == 2:
            practice.ask("DELETE", booked, {"reason": "The guest is ill."})
    today = backstage.clock.now().date()
    days = f"from={today}&to={today + timedelta(days=9)}"
    page = sign_in(visit, backstage, f"/console/{{app}}?{days}", Role.SUPERVISOR, practice)
    total = page.locator("#calls-table tbody tr td:last-child")

    def is_counted() -> bool:
        page.reload()
        return sum(int(text) for text in total.all_text_contents()) == 5

    until(is_counted, "the bookings are counted")
    return page


@state("console-dashboard")
def dashboard(visit: Visits, backstage: Backstage) -> Page:
    """Bookings, their agents, and how long before their start they were made."""
    return _busy(visit, backstage)


@state("console-dashboard-tables")
def tables(visit: Visits, backstage: Backstage) -> Page:
    """The figures of each plot."""
    page = _busy(visit, backstage)
    for summary in page.get_by_text("Show the figures").all():
        summary.click()
    expect(page.locator("#leads-table")).to_be_visible()
    page.evaluate("scrollTo(0, 0)")  # the bar at the top would cover what it was scrolled to
    return page


@state("console-dashboard-none")
def none(visit: Visits, backstage: Backstage) -> Page:
    """Days on which nothing was booked."""
    return sign_in(visit, backstage, "/console/{app}?days=7", Role.ADMIN)
