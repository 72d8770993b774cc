"""The page behind a guest's link."""

from playwright.sync_api import Page

from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.visits import Visits
from tests.support.worlds.api import text


@state("guest-waiting", in_docs=["phone-light"])
def waiting(visit: Visits, backstage: Backstage) -> Page:
    """The call waits to be confirmed."""
    practice = backstage.practice(require_confirmation=True, guest_can_cancel=True, guest_can_reschedule=True)
    return visit(practice.book(backstage.weekday(), requireConfirmation=True).guest_url)


@state("guest-confirmed")
def confirmed(visit: Visits, backstage: Backstage) -> Page:
    """Nothing is left to confirm."""
    practice = backstage.practice(guest_can_cancel=True, guest_can_reschedule=True)
    return visit(practice.book(backstage.weekday()).guest_url)


@state("guest-cancelled")
def cancelled(visit: Visits, backstage: Backstage) -> Page:
    """The call was cancelled."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    practice.ask("DELETE", booked)
    return visit(booked.guest_url)


@state("guest-moved")
def moved(visit: Visits, backstage: Backstage) -> Page:
    """The call is at another time than it was booked for."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    practice.ask("PATCH", booked, {"scheduledAtUtc": text(backstage.weekday(at="15:30"))})
    return visit(booked.guest_url)


@state("guest-unknown")
def unknown(visit: Visits, backstage: Backstage) -> Page:
    """A link that opens nothing."""
    del backstage
    return visit("/b/nothing", statuses={404})
