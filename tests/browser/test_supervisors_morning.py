"""A supervisor's morning, from the password to the way out: who did not come yesterday, and who is sick today."""

import csv
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.keyboard import tab_to
from tests.support.browser.people import Member, member
from tests.support.browser.visits import Visits
from tests.support.worlds.api import ALWAYS

SICK = ("Jane Doe", "José Pérez", "سارة العلي")
"""Who is booked with the agent who is sick."""


@dataclass(frozen=True)
class Hands:
    """What somebody works a page with: a mouse, or the keyboard alone."""

    page: Page
    has_mouse: bool

    def press(self, role: str, name: str) -> None:
        """A link or a button that leads to another page."""
        found = self.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type] # one of its roles
        with self.page.expect_navigation():
            self.use(found, "Enter")

    def use(self, found: Locator, key: str) -> None:
        """A control, on which this key does what a click does."""
        if self.has_mouse:
            found.click()
            return
        tab_to(self.page, found)
        self.page.keyboard.press(key)

    def write(self, field: Locator, text: str, keys: str | None = None) -> None:
        """Into a field. `keys`: what is typed if that is not the text, as into the parts of a date."""
        if self.has_mouse:
            field.fill(text)
            return
        tab_to(self.page, field)
        self.page.keyboard.type(keys or text)


@pytest.mark.parametrize("has_mouse", [True, False], ids=["mouse", "keyboard"])
def test_a_supervisors_morning(visit: Visits, backstage: Backstage, tmp_path: Path, *, has_mouse: bool):
    practice = backstage.practice(agents=("Ada Park", "Ben Okoye"), hours=ALWAYS)
    supervisor = member(backstage, practice, Role.SUPERVISOR, second_factor=True)
    its_morning(backstage, practice)

    page = visit("/console")
    hands = Hands(page, has_mouse)
    comes_in(hands, backstage, supervisor)
    expect(page).to_have_url(re.compile(f"/console/{practice.app_id}$"))

    hands.press("link", "Scheduled calls")
    hands.use(page.get_by_text("Views", exact=True), "Enter")
    hands.press("link", "Yesterday's no-shows")
    assert "when=yesterday&status=no_show" in page.url
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.get_by_role("link", name="Nadia Missed")).to_be_visible()

    hands.press("link", "Agents")
    hands.press("link", "Ada Park")
    hands.press("link", "Absences")
    today = backstage.clock.now()
    days_off = page.get_by_role("form", name="Days off")
    hands.write(days_off.get_by_label("First date"), f"{today:%Y-%m-%d}", keys=f"{today:%m%d%Y}")
    hands.write(days_off.get_by_label("Label"), "Sick")
    with page.expect_navigation():
        hands.use(days_off.get_by_role("button", name="Add"), "Enter")
    expect(page.get_by_role("heading", name="3 calls are in this time")).to_be_visible()
    hands.press("button", "Add")  # none of their services notifies of conflicts
    hands.press("link", "Give calls to others")

    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(len(SICK))
    hands.use(page.get_by_label("All that match, on every page"), "Space")
    hands.press("button", "Reassign…")
    hands.write(page.get_by_label("Reason"), "Ada is sick")
    hands.press("button", "Reassign 3 bookings")
    expect(page.get_by_text("3 of 3")).to_be_visible()
    expect(rows).to_have_count(len(SICK))
    for guest in SICK:
        row = rows.filter(has_text=guest)
        expect(row.get_by_text("Done", exact=True)).to_be_visible()
        expect(row.get_by_text("Ben Okoye")).to_be_visible()

    page.goto(f"/console/{practice.app_id}/calls?when=today")
    agents = {row["guestName"]: row["assignedAgentName"] for row in exported(hands, tmp_path)}
    assert agents == dict.fromkeys((*SICK, "Otto"), "Ben Okoye")

    hands.use(page.locator(".menu summary"), "Enter")
    hands.press("button", "Sign out")
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for guest in SICK:
        expect(page.get_by_text(guest)).to_have_count(0)


def its_morning(backstage: Backstage, practice: Practice) -> None:
    """Yesterday one guest came and one did not; today the first agent has three calls, and the second has one."""
    first, second = practice.agent_ids
    yesterday = backstage.weekday(at="10:00")
    came = practice.book(yesterday, guestName="Carl Came")
    missed = practice.book(yesterday, assignedAgentId=second, guestName="Nadia Missed")
    for hour, guest in enumerate(SICK):
        practice.book(yesterday + timedelta(days=1, hours=hour), assignedAgentId=first, guestName=guest)
    practice.book(yesterday + timedelta(days=1, hours=5), assignedAgentId=second, guestName="Otto")
    backstage.clock.advance_to(yesterday + timedelta(minutes=2))
    for verb in ("start", "complete"):
        practice.ask("POST", came, verb=verb)
    practice.ask("POST", missed, verb="no-show")
    backstage.clock.advance_to(yesterday.replace(hour=7) + timedelta(days=1))


def comes_in(hands: Hands, backstage: Backstage, who: Member) -> None:
    """With a password, and the code of the second factor."""
    page = hands.page
    hands.write(page.get_by_label("E-mail address"), who.user.email)
    hands.write(page.get_by_label("Password", exact=True), who.password)
    hands.press("button", "Sign in")
    hands.write(page.get_by_label("Code", exact=True), who.code(backstage))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def exported(hands: Hands, folder: Path) -> list[dict[str, str]]:
    """The rows of the list's file."""
    with hands.page.expect_download() as download:
        hands.use(hands.page.get_by_role("button", name="Export as CSV"), "Enter")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
