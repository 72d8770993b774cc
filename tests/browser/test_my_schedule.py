"""An agent's work in My schedules: by mouse, by keyboard, on a phone, and without scripts."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage, Booked, Practice
from tests.support.browser.keyboard import tab_to
from tests.support.browser.signed_in import visit_as
from tests.support.browser.visits import DESKTOP, PHONE, Screen, Visits

pytestmark = pytest.mark.usefixtures("early_in_a_month")


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice()


@pytest.fixture
def start(backstage: Backstage) -> datetime:
    """Ten on a weekday of next week: Wednesday."""
    start = backstage.weekday(days=7)
    return start + timedelta(days=2 - start.weekday())


def week(practice: Practice, start: datetime) -> str:
    year, number, _ = start.isocalendar()
    return f"/my/{practice.app_id}?week={year}-W{number:02}"


def call_of(practice: Practice, booked: Booked) -> dict[str, str]:
    (found,) = (call for call in practice.calls() if call["id"] == booked.call_id)
    return found


def event(page: Page, guest: str) -> Locator:
    return page.locator("a.event", has_text=guest)


def test_a_booking_is_dragged_to_another_day_and_moves_once_that_is_confirmed(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, guestName="Ann Guest", bufferBeforeMinutes=0, bufferAfterMinutes=0)
    page = visit_as(Role.AGENT, visit, backstage, practice, week(practice, start))
    wanted = start + timedelta(days=1, hours=3)
    target = page.locator(f'.slot[data-start="{wanted:%Y-%m-%dT%H:%M}:00.000Z"]')
    event(page, "Ann Guest").hover(position={"x": 30, "y": 5})
    page.mouse.down()
    box = target.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] - 20, steps=5)
    page.mouse.move(box["x"] + 30, box["y"] + 5, steps=5)
    expect(page.locator("#drag-to")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_role("heading", name="Move the booking")).to_be_visible()
    assert call_of(practice, booked)["scheduled_at"].startswith(f"{start:%Y-%m-%dT%H:%M}"), "not before it is confirmed"
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("The booking was moved.")).to_be_visible()
    assert call_of(practice, booked)["scheduled_at"].startswith(f"{wanted:%Y-%m-%dT%H:%M}")


def test_the_keyboard_goes_through_the_grid_and_books_at_a_free_time(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    practice.book(start, guestName="Ann Guest", bufferBeforeMinutes=0, bufferAfterMinutes=0)
    page = visit_as(Role.AGENT, visit, backstage, practice, week(practice, start))
    expect(page.locator('#week .stop[tabindex="0"]')).to_have_count(1)
    first = page.locator('#week .stop[tabindex="0"]')
    tab_to(page, first)
    page.keyboard.press("Tab")
    expect(page.locator("#week .stop:focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(event(page, "Ann Guest")).to_be_focused()
    page.keyboard.press("ArrowDown")
    label = page.locator("#week .stop:focus").get_attribute("aria-label")
    assert label is not None
    assert re.fullmatch(rf"Wednesday, \w+ {start.day}, 10:30 AM, free", label), label
    page.keyboard.press("Enter")
    expect(page.get_by_label("Time", exact=True)).to_have_value("10:30")
    page.get_by_label("Name").fill("Bea Guest")
    page.get_by_label("E-mail").fill("bea@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The booking is made.")).to_be_visible()
    (call,) = (call for call in practice.calls() if call["guest_name"] == "Bea Guest")
    assert call["booking_source"] == "agent"


def test_on_a_phone_the_week_is_a_list_of_days_and_a_booking_is_cancelled(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, guestName="Ann Guest")
    page = visit_as(Role.AGENT, visit, backstage, practice, week(practice, start), screen=PHONE)
    expect(page.locator(".slot").first).to_be_hidden()
    tab_to(page, event(page, "Ann Guest"))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Cancel…").click()
    check_accessible(page)
    page.get_by_label("Reason").fill("Ill")
    page.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_text("The booking is cancelled.")).to_be_visible()
    assert call_of(practice, booked)["status"] == "cancelled"


def test_without_scripts_a_booking_is_made_and_handed_over(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    page = visit_as(Role.AGENT, visit, backstage, practice, week(practice, start), javascript=False)
    page.get_by_role("link", name="New booking").click()
    page.get_by_label("Day", exact=True).fill(f"{start:%Y-%m-%d}")
    page.get_by_role("button", name="Show its times").click()
    page.get_by_role("button", name="11:00 AM").click()
    page.get_by_label("Name").fill("Ann Guest")
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_role("button", name="Make the booking").click()
    page.get_by_role("link", name="Hand over…").click()
    page.get_by_label("Ben Okoye").check()
    page.get_by_role("button", name="Hand over").click()
    (call,) = practice.calls()
    assert call["assigned_agent_id"] == practice.agent_ids[1]


def test_a_new_booking_shows_by_itself_and_the_place_in_the_grid_is_kept(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    page = visit_as(Role.AGENT, visit, backstage, practice, week(practice, start))
    page.locator('#week .stop[tabindex="0"]').focus()
    page.keyboard.press("ArrowRight")
    focused = page.locator("#week .stop:focus").get_attribute("id")
    practice.book(start, guestName="Ann Guest")
    expect(event(page, "Ann Guest")).to_be_visible()
    assert page.locator("#week .stop:focus").get_attribute("id") == focused
    expect(page.locator("#said")).to_have_text("1 new booking")
    expect(page.locator('#week .stop[tabindex="0"]')).to_have_count(1)


def test_two_tabs_the_later_one_changes_nothing_unseen(
    visit: Visits, backstage: Backstage, practice: Practice, start: datetime
):
    booked = practice.book(start, guestName="Ann Guest")
    path = f"/my/{practice.app_id}/calls/{booked.call_id}"
    page = visit_as(Role.AGENT, visit, backstage, practice, f"{path}/cancel", statuses={409})
    other = page.context.new_page()
    other.goto(f"{path}/notes")
    other.get_by_label("Notes").fill("They called: it matters")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_text("The notes were saved.")).to_be_visible()
    page.get_by_role("button", name="Cancel the booking").click()
    expect(page.get_by_text("Somebody has changed the booking meanwhile.")).to_be_visible()
    assert call_of(practice, booked)["status"] == "scheduled"


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_do_not_disturb_is_set_by_keyboard_and_the_guests_in_its_time_are_told(
    visit: Visits, backstage: Backstage, start: datetime, screen: Screen
):
    practice = backstage.practice(reminders={"conflict_notice": ["email"]})
    booked = practice.book(start, guestName="Ann Guest")
    page = visit_as(Role.AGENT, visit, backstage, practice, week(practice, start), screen=screen)
    tab_to(page, page.get_by_role("link", name="Time off"))
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="Do not disturb")
    form.get_by_label("From").fill(f"{start:%Y-%m-%dT%H:%M}")
    form.get_by_label("Until").fill(f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}")
    form.get_by_label("Reason").fill("Dentist")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 call is in this time")).to_be_visible()
    expect(page.get_by_role("link", name="Ann Guest")).to_be_visible()
    check_accessible(page)
    tab_to(page, page.get_by_role("button", name="Add it and tell the guest"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The guests are being told.")).to_be_visible()
    assert backstage.newest_mail(booked.guest_email, "conflict_notice")
    page.goto(f"{backstage.system.base_url}{week(practice, start)}")
    expect(page.locator(".band-quiet", has_text="Do not disturb")).to_have_count(1)
    page.get_by_role("link", name="Time off").click()
    page.get_by_role("link", name="Dentist").click()
    tab_to(page, page.get_by_role("link", name="Remove"))
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nothing is planned.")).to_be_visible()
