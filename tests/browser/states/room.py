"""The page behind the link to a call's room: before it opens, without devices at its door and in it, and after it."""

from playwright.sync_api import Page, expect

from tests.support.browser.backstage import Backstage
from tests.support.browser.states import state
from tests.support.browser.talkers import start_call
from tests.support.browser.visits import Visits


@state("room-early")
def early(visit: Visits, backstage: Backstage) -> Page:
    """The call is days away."""
    return visit(f"/c/{backstage.practice().book(backstage.weekday()).call_id}")


@state("room-in-arabic")
def in_arabic(visit: Visits, backstage: Backstage) -> Page:
    """The same from right to left."""
    return visit(f"/c/{backstage.practice().book(backstage.weekday()).call_id}?lang=ar")


@state("room-cancelled")
def cancelled(visit: Visits, backstage: Backstage) -> Page:
    """The call was cancelled."""
    practice = backstage.practice()
    booked = practice.book(backstage.weekday())
    practice.ask("DELETE", booked)
    return visit(f"/c/{booked.call_id}")


@state("room-unknown")
def unknown(visit: Visits, backstage: Backstage) -> Page:
    """There is no such call."""
    del backstage
    return visit("/c/nothing", statuses={404})


@state("room-door")
def door(visit: Visits, backstage: Backstage) -> Page:
    """Somebody without camera and microphone is about to come in."""
    page = visit(start_call(backstage.practice(), title="Support")["guestJoinUrl"])
    expect(page.locator("#problems")).to_contain_text("You can join without them")
    return page


@state("room-waiting")
def waiting(visit: Visits, backstage: Backstage) -> Page:
    """They have come in, and wait for the host."""
    page = door(visit, backstage)
    page.locator("#name").fill("Jane Doe")
    page.locator("#enter").click()
    expect(page.locator("#waiting")).to_contain_text("Waiting for")
    return page


@state("room-left")
def left(visit: Visits, backstage: Backstage) -> Page:
    """They have left, and may come again."""
    page = waiting(visit, backstage)
    page.locator("#leave").click()
    expect(page.locator("#again")).to_be_visible()
    return page


@state("room-in-spanish")
def in_spanish(visit: Visits, backstage: Backstage) -> Page:
    """The door in longer words."""
    page = visit(start_call(backstage.practice())["guestJoinUrl"] + "?lang=es")
    expect(page.locator("#problems p").first).to_be_visible()
    return page
