"""Dialing in the console, as people use it: a campaign by the keyboard alone, and without scripts."""

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.dialer import DIALING, GOOD_ROWS, MIXED_ROWS, dialer
from tests.support.browser.keyboard import tab_to
from tests.support.browser.people import sign_in
from tests.support.browser.visits import Visits


def press(page: Page, role: str, name: str) -> None:
    """Go there by Tab, and press Enter."""
    tab_to(page, page.get_by_role(role, name=name).first)  # type: ignore[arg-type] # one of Playwright's many literals
    page.keyboard.press("Enter")


def test_a_campaign_is_checked_started_paused_and_cancelled_by_the_keyboard(visit: Visits, backstage: Backstage):
    ours = dialer(backstage)
    page = sign_in(visit, backstage, f"{DIALING}/campaigns", Role.SUPERVISOR, ours.practice)
    press(page, "link", "New campaign")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    tab_to(page, page.get_by_label("Table", exact=True))
    page.keyboard.insert_text(MIXED_ROWS)
    press(page, "button", "Check the table")
    expect(page.get_by_role("heading", name="2 rows cannot be dialed")).to_be_visible()
    press(page, "button", "Change something")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    tab_to(page, page.get_by_label("Table", exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(GOOD_ROWS)
    press(page, "button", "Check the table")
    expect(page.get_by_role("heading", name="Before it starts")).to_be_visible()
    press(page, "button", "Start with 3 calls")
    expect(page.get_by_text("The campaign is started.")).to_be_visible()
    press(page, "button", "Pause")
    expect(page.get_by_text("The campaign is paused.")).to_be_visible()
    press(page, "button", "Resume")
    expect(page.get_by_text("The campaign goes on")).to_be_visible()
    press(page, "link", "Cancel")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    press(page, "button", "Cancel")
    expect(page.get_by_text("The campaign is canceled.")).to_be_visible()


def test_a_campaign_is_started_and_cancelled_without_scripts(visit: Visits, backstage: Backstage):
    ours = dialer(backstage)
    page = sign_in(visit, backstage, f"{DIALING}/campaigns/new", Role.SUPERVISOR, ours.practice, javascript=False)
    page.get_by_label("Table", exact=True).fill(GOOD_ROWS)
    page.get_by_role("button", name="Check the table").click()
    page.get_by_role("button", name="Start with 3 calls").click()
    expect(page.get_by_text("The campaign is started.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The campaign is canceled.")).to_be_visible()
