"""What there is at home only, under `/__local/`."""

from playwright.sync_api import Page

from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits


@state("inbox")
def inbox(visit: Visits, backstage: Backstage) -> Page:
    """A mail lies in it."""
    booked = backstage.practice().book(backstage.weekday())
    backstage.newest_mail(booked.guest_email)
    return visit(f"/__local/inbox?to={booked.guest_email}")


@state("inbox-empty")
def empty(visit: Visits, backstage: Backstage) -> Page:
    """Nothing was sent."""
    del backstage
    return visit("/__local/inbox?to=nobody@example.com")
