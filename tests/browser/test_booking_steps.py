"""Steps of the booking page: Back and reload at each, and what was chosen stays chosen."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.booking_guest import BookingGuest
from tests.support.browser.visits import Visits

pytestmark = pytest.mark.usefixtures("early_in_a_month")
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice()


@pytest.fixture
def day(backstage: Backstage) -> date:
    """A day of the month that is not its first free one."""
    return backstage.weekday(7).date()


def check_chosen(guest: BookingGuest, day: date) -> None:
    expect(guest.heading).to_contain_text(f"{day.day}")
    expect(guest.day(day.day)).to_have_attribute("aria-current", "date")
    expect(guest.page.locator("a[data-day][aria-current]")).to_have_count(1)


@SCRIPTS
def test_reload_keeps_the_day_and_back_leads_to_the_one_before(javascript, visit: Visits, practice, day):
    guest = BookingGuest(visit(practice.booking_path, javascript=javascript))
    first = guest.heading.inner_text()
    guest.day(day.day).click()
    check_chosen(guest, day)
    guest.page.reload()
    check_chosen(guest, day)
    guest.page.go_back()
    expect(guest.heading).to_have_text(first)
    guest.page.go_forward()
    check_chosen(guest, day)


@SCRIPTS
def test_the_form_can_be_loaded_again_and_back_leads_to_the_day(javascript, visit: Visits, backstage, practice, day):
    guest = BookingGuest(visit(practice.booking_path, javascript=javascript))
    guest.choose(backstage.weekday(7))
    guest.page.reload()
    expect(guest.page.get_by_role("status")).to_contain_text("Kept for you until")
    guest.page.go_back()
    check_chosen(guest, day)
    guest.times.last.click()
    guest.fill_in("jane@example.com")
    guest.book.click()
    guest.expect_done()
    assert len(practice.calls()) == 1


@SCRIPTS
def test_the_months_may_be_looked_through_and_the_day_that_was_chosen_stays(javascript, visit, practice, day):
    guest = BookingGuest(visit(practice.booking_path, javascript=javascript))
    guest.day(day.day).click()
    check_chosen(guest, day)
    chosen = guest.heading.inner_text()
    for _ in range(2):
        guest.page.get_by_role("link", name="Later month").click()
        expect(guest.heading).to_have_text(chosen)
        expect(guest.page.locator("a[data-day][aria-current]")).to_have_count(0)
    for _ in range(2):
        guest.page.get_by_role("link", name="Earlier month").click()
    check_chosen(guest, day)


@SCRIPTS
def test_another_zone_keeps_the_month_and_the_day(javascript, visit, practice, day):
    guest = BookingGuest(visit(practice.booking_path, javascript=javascript))
    first = guest.page.locator("#month-name").inner_text()
    guest.page.get_by_role("link", name="Later month").click()
    expect(guest.page.locator("#month-name")).not_to_have_text(first)
    month = guest.page.locator("#month-name").inner_text()
    change = guest.page.get_by_role("link", name="Change the time zone")
    change.click()
    guest.page.get_by_role("link", name="Back").click()
    expect(guest.page.locator("#month-name")).to_have_text(month)
    guest.page.get_by_role("link", name="Earlier month").click()
    guest.day(day.day).click()
    check_chosen(guest, day)
    change.click()
    guest.page.get_by_label("Zone").select_option("Asia/Karachi")
    guest.button("zone", "save").click()
    check_chosen(guest, day)
    expect(guest.times.first).to_have_text("2:00 PM")


@SCRIPTS
def test_another_language_keeps_the_step(javascript, visit, backstage, practice, day):
    guest = BookingGuest(visit(practice.booking_path, javascript=javascript))
    guest.page.get_by_role("link", name="Ben Okoye").click()
    guest.day(day.day).click()
    check_chosen(guest, day)
    guest.page.get_by_role("link", name="Español").click()
    expect(guest.page.locator("html")).to_have_attribute("lang", "es")
    check_chosen(guest, day)
    guest.time(backstage.weekday(7)).click()
    expect(guest.page.locator("html")).to_have_attribute("lang", "es")
    expect(guest.page.get_by_text("Ben Okoye")).to_be_visible()


@SCRIPTS
def test_another_agent_keeps_the_day(javascript, visit, practice, day):
    guest = BookingGuest(visit(practice.booking_path, javascript=javascript))
    guest.day(day.day).click()
    check_chosen(guest, day)
    guest.page.get_by_role("link", name="Ben Okoye").click()
    expect(guest.page.get_by_role("link", name="Ben Okoye")).to_have_attribute("aria-current", "true")
    check_chosen(guest, day)
