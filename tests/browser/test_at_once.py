"""What somebody does shows at once, before it is answered, and is taken back with a message where it is refused."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.dialer import DIALING, GOOD_ROWS, dialer
from tests.support.browser.people import sign_in
from tests.support.browser.signed_in import visit_as
from tests.support.browser.visits import Visits

pytestmark = pytest.mark.usefixtures("early_in_a_month")


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice()


@pytest.fixture
def start(backstage: Backstage) -> datetime:
    return backstage.weekday(days=7)


def note_what_is_shown(page: Page) -> None:
    """Keep for the next page what this one says while that is on its way: who leaves cannot be asked."""
    page.evaluate("""addEventListener("submit", () => {
        sessionStorage.state = document.getElementById("state").textContent;
        sessionStorage.dialogs = document.querySelectorAll("dialog[open]").length;
    })""")


def noted(page: Page, name: str = "state") -> str:
    return str(page.evaluate("(name) => sessionStorage[name]", name))


def test_a_booking_is_confirmed_before_the_answer(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, requireConfirmation=True)
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/calls/{booked.call_id}")
    expect(page.locator("#state")).to_have_text("To be confirmed")
    note_what_is_shown(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status").filter(has_text="confirmed")).to_be_visible()
    assert noted(page) == "Confirmed"
    expect(page.locator("#state")).to_have_text("Confirmed")


def test_what_is_refused_is_taken_back_with_the_reason(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, requireConfirmation=True)
    way = f"/my/{practice.app_id}/calls/{booked.call_id}"
    page = visit_as(Role.AGENT, visit, backstage, practice, way, statuses={409})
    note_what_is_shown(page)
    practice.ask("DELETE", booked)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert noted(page) == "Confirmed"
    expect(page.locator("#state")).to_have_text("Cancelled")


def test_a_form_is_sent_once_however_often_it_is_pressed_until_it_is_answered(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, requireConfirmation=True)
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/calls/{booked.call_id}")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.get_by_role("button", name="Confirm").dblclick()
    expect(page.get_by_role("status").filter(has_text="confirmed")).to_be_visible()
    assert len(sent) == 1


def test_a_form_that_nothing_answers_can_be_sent_again_once_no_answer_can_come(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, requireConfirmation=True)
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}/calls/{booked.call_id}")
    page.clock.install()
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")  # it leaves, and nothing comes back
    button = page.get_by_role("button", name="Confirm")
    button.click()
    expect(page.locator("#state")).to_have_text("Confirmed")
    expect(button).to_have_attribute("aria-busy", "true")
    page.clock.fast_forward(32_000)
    expect(page.locator("#state")).to_have_text("To be confirmed")
    expect(button).not_to_have_attribute("aria-busy", "true")
    button.click()
    expect(page.locator("#state")).to_have_text("Confirmed")


def test_a_campaign_is_cancelled_in_its_dialog_and_says_so_behind_it(visit: Visits, backstage: Backstage):
    page = sign_in(visit, backstage, f"{DIALING}/campaigns/new", Role.SUPERVISOR, dialer(backstage).practice)
    page.get_by_label("Table", exact=True).fill(GOOD_ROWS)
    page.get_by_role("button", name="Check the table").click()
    page.get_by_role("button", name="Start with 3 calls").click()
    expect(page.get_by_text("The campaign is started.")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    note_what_is_shown(page)
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The campaign is canceled.")).to_be_visible()
    assert (noted(page), noted(page, "dialogs")) == ("Canceled", "0")


def test_a_dropped_booking_stays_where_it_was_dropped_until_its_form_is_there_and_not_for_who_comes_back(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    practice.book(start, guestName="Ann Guest", bufferBeforeMinutes=0, bufferAfterMinutes=0)
    year, number, _ = start.isocalendar()
    page = visit_as(Role.AGENT, visit, backstage, practice, f"/my/{practice.app_id}?week={year}-W{number:02}")
    booked = page.locator("a.event", has_text="Ann Guest")
    target = page.locator(f'.slot[data-start="{start + timedelta(hours=3):%Y-%m-%dT%H:%M}:00.000Z"]').bounding_box()
    before = booked.bounding_box()
    assert target
    assert before
    page.evaluate("""addEventListener("pagehide", () => {
        sessionStorage.y = document.querySelector(".is-dragging").getBoundingClientRect().y;
    })""")
    booked.hover(position={"x": 30, "y": 5})
    page.mouse.down()
    page.mouse.move(target["x"] + 30, target["y"] + 5, steps=8)
    page.mouse.up()
    expect(page.get_by_role("heading", name="Move the booking")).to_be_visible()
    assert float(noted(page, "y")) - before["y"] == pytest.approx(target["y"] - before["y"], abs=12)
    page.go_back()
    expect(booked).to_be_visible()
    expect(page.locator(".is-dragging")).to_have_count(0)
