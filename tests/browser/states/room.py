"""The page behind the link to a call's room."""

from playwright.sync_api import Page

from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits


@state("room-early")
def early(visit: Visits, backstage: Backstage) -> Page:
    """The call is days away."""
    return visit(f"/c/{backstage.practice().book(backstage.weekday()).call_id}")


@state("room-in-arabic")
def in_arabic(visit: Visits, backstage: Backstage) -> Page:
    """The same from right to left."""
    return visit(f"/c/{backstage.practice().book(backstage.weekday()).call_id}?lang=ar")


@state("room-unknown")
def unknown(visit: Visits, backstage: Backstage) -> Page:
    """There is no such call."""
    del backstage
    return visit("/c/nothing", statuses={404})
