"""The local system's start page, as a developer comes to it."""

from playwright.sync_api import expect

from tests.support.browser.backstage import Backstage
from tests.support.browser.keyboard import tab_to
from tests.support.browser.visits import PHONE, Visits


def test_the_root_leads_to_the_start_page_and_that_to_the_booking_page(visit: Visits):
    page = visit("/")
    expect(page.get_by_role("heading", name="Slotline on this machine")).to_be_visible()
    page.get_by_role("link", name="Booking page").click()
    for service in ("Consultation", "Onboarding", "Account review"):
        expect(page.get_by_role("link", name=service)).to_be_visible()


def test_a_slash_too_many_at_the_booking_pages_address_leads_to_it(visit: Visits, backstage: Backstage):
    page = visit(backstage.demo["booking_url"].replace("?", "/?"))
    expect(page).to_have_url(backstage.demo["booking_url"])
    expect(page.get_by_role("link", name="Consultation")).to_be_visible()


def test_its_button_moves_the_clock_on_by_keyboard_and_without_javascript(visit: Visits, backstage: Backstage):
    page = visit("/__local", javascript=False, screen=PHONE)
    before = backstage.clock.now()
    tab_to(page, page.get_by_role("button", name="15 minutes"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url(f"{backstage.system.base_url}/__local")
    expect(page.get_by_text("ahead of this machine")).to_be_visible()
    assert (backstage.clock.now() - before).total_seconds() >= 900
