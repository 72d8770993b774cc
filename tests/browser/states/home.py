"""What there is at home only, under `/__local`, and the front page of every deployment."""

from playwright.sync_api import Page, expect

from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits


@state("start")
def start(visit: Visits, backstage: Backstage) -> Page:
    """Where `make run` begins."""
    del backstage
    return visit("/__local")


@state("front")
def front(visit: Visits, backstage: Backstage) -> Page:
    """What a deployment answers at its root."""
    del backstage
    return visit("/?deployed")


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


@state("embedding")
def embedding(visit: Visits, backstage: Backstage) -> Page:
    """The booking page within a page."""
    del backstage
    page = visit("/__local/embed")
    page.locator("#inline").scroll_into_view_if_needed()
    expect(page.frame_locator("#inline iframe").locator("#slots")).to_be_visible()
    return page
