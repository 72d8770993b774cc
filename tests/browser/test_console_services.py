"""Services, agents and instant calls in the console, as people use them: by keyboard, on a phone, without scripts."""

import re

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.browser.states.console_agents import at, instant_call
from tests.browser.states.console_services import service
from tests.support.browser.backstage import Backstage
from tests.support.browser.keyboard import tab_to
from tests.support.browser.people import sign_in
from tests.support.browser.visits import PHONE, Visits


def ask(page: Page, label: str, kind: str, key: str, **more: str) -> None:
    """Add a question by its form."""
    if page.locator("#new").get_attribute("open") is None:
        page.locator("#new > summary").click()
    form = page.locator("#new form")
    form.get_by_label("Question (English)").fill(label)
    form.get_by_label("Type of answer").select_option(label=kind)
    form.get_by_label("Key").fill(key)
    for name, text in more.items():
        form.get_by_label(name).fill(text)
    form.get_by_role("button", name="Add the question").click()
    expect(page.get_by_text("The question is added.")).to_be_visible()


def test_questions_are_edited_in_place_and_the_booking_page_asks_them(visit: Visits, backstage: Backstage):
    practice = backstage.practice()
    page = service(visit, backstage, "/questions", practice)
    ask(page, "How many seats?", "Number", "seats")
    preview = page.locator(".preview")
    expect(preview.get_by_text("How many seats?")).to_be_visible()
    page.locator("#new > summary").click()
    page.get_by_label("Question (English)").last.fill("Which pl")
    expect(preview.get_by_text("Which pl")).to_be_visible()  # before anything is kept
    page.reload()
    expect(preview.get_by_text("Which pl")).to_have_count(0)
    ask(page, "Which plan?", "One choice", "plan", Choices="Small\nLarge")
    up = page.get_by_role("button", name="Move up: Which plan?")
    tab_to(page, up)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The question is moved.")).to_be_visible()
    expect(page.locator(".question strong")).to_have_text(["Which plan?", "How many seats?"])
    page.locator("#q-plan summary").first.click()
    page.locator("#q-plan").get_by_label("Guests must answer").check()
    page.locator("#q-plan").get_by_role("button", name="Save the question").click()
    expect(page.locator("#q-plan")).to_contain_text("Required")
    page.goto(f"{page.url.partition('/questions')[0]}/share?widgetKey={practice.widget_key}")
    guest = visit(page.get_by_label("Link to the booking page").input_value())
    guest.locator(".times button").first.click()
    expect(guest.get_by_role("group", name="Which plan?")).to_be_visible()


def test_a_link_is_copied_and_the_status_says_so(visit: Visits, backstage: Backstage):
    practice = backstage.practice()
    page = service(visit, backstage, f"/share?widgetKey={practice.widget_key}", practice)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy Link to the booking page").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    link = page.get_by_label("Link to the booking page").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == link
    with page.expect_download() as download:
        page.get_by_role("link", name="Download (SVG)").click()
    assert download.value.suggested_filename == "consultation.svg"


def test_without_scripts_a_service_is_changed_and_its_link_can_be_selected(visit: Visits, backstage: Backstage):
    practice = backstage.practice()
    way = f"/console/{{app}}/services/{practice.preset.preset_id}"
    page = sign_in(visit, backstage, f"{way}/time", practice=practice, javascript=False, screen=PHONE)
    page.get_by_label("Length in minutes").fill("50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(f"{way.format(app=practice.app_id)}/share?widgetKey={practice.widget_key}")
    expect(page.get_by_role("button", name=re.compile("^Copy"))).to_have_count(0)
    expect(page.get_by_label("Link to the booking page")).to_have_attribute("readonly", "")


def test_a_supervisor_sends_a_sick_agent_home_and_tells_the_guests(visit: Visits, backstage: Backstage):
    practice = backstage.practice(reminders={"conflict_notice": ["email"]})
    start = backstage.weekday(3)
    booked = practice.book(start)
    page = at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/absences", Role.SUPERVISOR)
    form = page.get_by_role("form", name="Days off, extra hours")
    form.get_by_label("First date").fill(f"{start:%Y-%m-%d}")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="1 call is in this time")).to_be_visible()
    page.get_by_role("button", name="Add it and tell the guest").click()
    expect(page.get_by_text("The guests are being told.")).to_be_visible()
    assert backstage.newest_mail(booked.guest_email, "conflict_notice")


def test_hours_are_copied_and_saved_by_keyboard(visit: Visits, backstage: Backstage):
    practice = backstage.practice(hours=())
    page = at(visit, backstage, practice, f"agents/{practice.agent_ids[0]}/hours")
    page.get_by_label("Monday, from, row 1").fill("09:00")
    page.get_by_label("Monday, until, row 1").fill("13:00")
    tab_to(page, page.get_by_role("button", name="Copy to Tuesday to Friday"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Save hours"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The hours are saved.")).to_be_visible()
    page.goto(f"/console/{practice.app_id}/agents")
    expect(page.get_by_role("row", name=re.compile("Ada Park"))).to_contain_text("Mon")


def test_an_instant_call_that_starts_shows_by_itself_and_is_ended(visit: Visits, backstage: Backstage):
    practice = backstage.practice()
    page = at(visit, backstage, practice, "instant", Role.SUPERVISOR)
    expect(page.get_by_text("No instant call here")).to_be_visible()
    instant_call(backstage, practice)
    expect(page.get_by_text("Support session")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1 new call")
    page.locator("td a").first.click()
    page.get_by_role("link", name="End the call").click()
    page.get_by_role("dialog").get_by_role("button", name="End the call").click()
    expect(page.get_by_text("The call has ended.")).to_be_visible()
