"""The console's scheduled calls as a supervisor has them: a list that refreshes, and everything done with a booking."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.keyboard import tab_to
from tests.support.browser.people import sign_in
from tests.support.browser.visits import PHONE, Visits

LIST = "/console/{app}/calls"


def test_a_list_takes_in_a_new_booking_and_leaves_focus_ticks_and_scrolling_where_they_are(
    visit: Visits, backstage: Backstage
):
    practice = backstage.practice()
    first = practice.book(backstage.weekday(at="11:00"), guestName="Jane Doe")
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR, practice)
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(1)
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Choose Jane Doe").check()
    link = page.get_by_role("link", name="Jane Doe")
    link.focus()
    node = link.element_handle()
    practice.book(backstage.weekday(at="10:00"), guestName="Early Bird")
    expect(rows).to_have_count(2)
    expect(page.locator("#said")).to_have_text("1 new booking")
    expect(page.locator("#calls-total")).to_contain_text("2 bookings")
    expect(page.get_by_label("Choose Jane Doe")).to_be_checked()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    expect(link).to_be_focused()
    assert page.evaluate("([a, b]) => a === b", [node, link.element_handle()]), "the row is the one that was there"
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    practice.ask("DELETE", first)
    expect(page.locator("#calls").get_by_text("Cancelled")).to_be_visible()
    expect(page.locator("#said")).to_have_text("1 booking changed")


def test_a_page_whose_session_is_over_leads_to_the_sign_in_page_by_itself(visit: Visits, backstage: Backstage):
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR)
    page.context.clear_cookies()
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))


def test_a_view_is_kept_under_its_name_and_is_an_address(visit: Visits, backstage: Backstage):
    page = sign_in(visit, backstage, f"{LIST}?when=yesterday&status=no_show", Role.SUPERVISOR)
    page.get_by_text("Views", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Who did not come")
    page.get_by_role("button", name="Save this view").click()
    expect(page.get_by_role("heading", name="Who did not come")).to_be_visible()
    page.get_by_role("link", name="All", exact=True).click()
    page.get_by_text("Views", exact=True).click()
    page.get_by_role("link", name="Who did not come").click()
    expect(page.get_by_role("heading", name="Who did not come")).to_be_visible()
    assert "when=yesterday&status=no_show" in page.url


def test_a_list_is_exported_as_one_file(visit: Visits, backstage: Backstage, tmp_path: Path):
    practice = backstage.practice()
    practice.book(backstage.weekday(), guestName="=HYPERLINK(1)")
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR, practice)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["guestName"], row["status"]) == ("'=HYPERLINK(1)", "scheduled")
    assert path.suffix == ".csv"


def test_a_booking_is_handed_over_moved_and_cancelled_by_keyboard(visit: Visits, backstage: Backstage):
    practice = backstage.practice()
    practice.book(backstage.weekday(at="10:00"), guestName="Jane Doe")
    page = sign_in(visit, backstage, LIST, Role.SUPERVISOR, practice)
    press(page, "link", "Jane Doe")
    press(page, "link", "Reassign…")
    page.get_by_label("Agent").select_option(label="Ben Okoye (free)")
    press(page, "button", "Reassign")
    expect(page.get_by_text("Handed over by Ada Park to Ben Okoye")).to_be_visible()
    press(page, "link", "Move…")
    press(page, "button", "11:00 AM")
    expect(page.get_by_role("status").get_by_text("The booking was moved.")).to_be_visible()
    press(page, "link", "Cancel…")
    page.get_by_label("Reason").fill("The guest is ill.")
    press(page, "button", "Cancel the booking")
    expect(page.locator(".timeline").get_by_text("The guest is ill.")).to_be_visible()
    (call,) = practice.calls()
    assert [event["event_type"] for event in call["events"] if event["actor_type"] == "admin"] == [
        "assigned",
        "rescheduled",
        "cancelled",
    ]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_guest_is_booked_for_on_a_phone_with_whom_the_service_finds(
    visit: Visits, backstage: Backstage, *, javascript: bool
):
    practice = backstage.practice()
    page = sign_in(
        visit, backstage, f"{LIST}/new", Role.SUPERVISOR, practice, screen=PHONE, javascript=javascript, statuses={400}
    )
    page.get_by_label("Agent", exact=True).select_option(label="The service finds one")
    page.get_by_label("Name").fill("Jane Doe")
    page.get_by_role("button", name="Show free times").click()
    while not page.locator(".time-choice").count():
        page.get_by_role("button", name="The day after").click()
    page.locator(".time-choice").first.click()
    page.get_by_role("button", name="Book the call").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter an e-mail address or a phone number")
    page.get_by_label("E-mail").fill("jane@example.com")
    page.get_by_role("button", name="Book the call").click()
    expect(page.get_by_text("The call is booked.")).to_be_visible()
    expect(page.get_by_text("Why this agent")).to_be_visible()
    (call,) = practice.calls()
    assert (call["booking_source"], call["guest_name"]) == ("admin", "Jane Doe")


def press(page: Page, role: str, name: str) -> None:
    """Go to a link or a button as somebody without a mouse does, and press it."""
    found = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type] # one of its roles
    tab_to(page, found)
    with page.expect_navigation():
        page.keyboard.press("Enter")
