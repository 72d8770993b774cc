"""The page behind a guest's link, as a guest comes to it: from the mail."""

from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage, Booked
from tests.support.browser.keyboard import check_focus_order, tab_to
from tests.support.browser.layout import check_reflow
from tests.support.browser.made_up import AnotherSite
from tests.support.browser.visits import PHONE, Visits
from tests.support.worlds.api import ALWAYS


@pytest.fixture
def unconfirmed(backstage: Backstage) -> Booked:
    """A call that waits for its guest to confirm it."""
    practice = backstage.practice(require_confirmation=True)
    return practice.book(backstage.weekday(), requireConfirmation=True)


def link_in_mail(backstage: Backstage, booked: Booked) -> str:
    return backstage.newest_mail(booked.guest_email, "invitation").link("/b/")


def the_button(page: Page):
    return page.get_by_role("button", name="Confirm")


def test_a_guest_opens_the_link_of_the_mail_in_the_inbox_and_confirms(visit: Visits, backstage, unconfirmed):
    inbox = visit(f"/__local/inbox?to={unconfirmed.guest_email}")
    link = link_in_mail(backstage, unconfirmed)
    inbox.reload()
    inbox.get_by_role("link", name=link).first.click()
    the_button(inbox).click()
    expect(inbox).to_have_url(f"{link}?done=confirmed")
    expect(inbox.get_by_role("status").first).to_have_text("Thank you. The call is confirmed.")
    expect(the_button(inbox)).to_have_count(0)


def test_a_guest_confirms_by_keyboard_alone(visit: Visits, backstage, unconfirmed):
    page = visit(link_in_mail(backstage, unconfirmed))
    tab_to(page, the_button(page))
    page.keyboard.press("Enter")
    expect(the_button(page)).to_have_count(0)


def test_a_guest_confirms_without_javascript_on_a_phone_in_the_dark(visit: Visits, backstage, unconfirmed):
    page = visit(link_in_mail(backstage, unconfirmed), screen=PHONE, scheme="dark", javascript=False)
    the_button(page).click()
    expect(the_button(page)).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_keeps_its_shape_and_is_walked_by_keyboard(visit, backstage, unconfirmed, scheme):
    page = visit(link_in_mail(backstage, unconfirmed), scheme=scheme)
    check_accessible(page)
    check_reflow(page)
    assert any(name.startswith("Confirm") for name in check_focus_order(page))


def test_looking_at_the_page_confirms_nothing(visit: Visits, backstage, unconfirmed):
    for _ in range(2):
        page = visit(link_in_mail(backstage, unconfirmed))
        expect(the_button(page)).to_be_visible()


@pytest.fixture
def movable(backstage: Backstage) -> Booked:
    """A call that its guest may move and cancel."""
    practice = backstage.practice(guest_can_cancel=True, guest_can_reschedule=True)
    return practice.book(backstage.weekday(), guestTimezone="America/Bogota")


def choose_another_time(page: Page) -> str:
    """Go to the times, and take the last of the day that is shown; what it says."""
    page.get_by_role("link", name="Choose another time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose another time")
    page.wait_for_load_state()
    time = page.locator("#slots button").last
    said = time.inner_text()
    time.click()
    return said


def test_a_guest_moves_and_cancels_the_call_by_the_link_of_the_mail_in_the_inbox(visit: Visits, backstage, movable):
    link = link_in_mail(backstage, movable)
    page = visit(f"/__local/inbox?to={movable.guest_email}")
    page.get_by_role("link", name=link).first.click()
    time = choose_another_time(page)
    expect(page.get_by_role("heading", name="Move the call to this time?")).to_be_visible()
    page.get_by_role("button", name="Move the call").click()
    expect(page.get_by_role("status").first).to_contain_text("The call has its new time.")
    expect(page.get_by_role("main")).to_contain_text(f"{time} -".replace("-", "\N{EN DASH}"))
    page.get_by_role("link", name="Cancel the call").click()
    page.get_by_role("textbox", name="Reason").fill("I have a cold.")
    page.get_by_role("button", name="Yes, cancel the call").click()
    expect(page.get_by_role("status")).to_contain_text("The call is cancelled.")
    expect(page.get_by_role("status")).to_contain_text("I have a cold.")
    expect(page.get_by_role("button")).to_have_count(0)


def test_a_guest_moves_and_cancels_the_call_by_keyboard_alone(visit: Visits, backstage, movable):
    page = visit(link_in_mail(backstage, movable))

    def press(role: Literal["link", "button"], name: str) -> None:
        tab_to(page, page.get_by_role(role, name=name, exact=True))
        page.keyboard.press("Enter")

    press("link", "Choose another time")
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose another time")
    page.wait_for_load_state()
    free = page.locator("a[data-day]").last
    day = free.get_attribute("data-text")
    tab_to(page, free)
    page.keyboard.press("Enter")
    expect(page.locator("#day")).to_have_text(day)
    expect(page.locator("#day")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#slots button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Move the call to this time?")
    expect(page.get_by_role("main")).to_contain_text(day)
    press("button", "Move the call")
    expect(page.get_by_role("status").first).to_contain_text("The call has its new time.")
    press("link", "Cancel the call")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancel this call?")
    press("button", "Yes, cancel the call")
    expect(page.get_by_role("status")).to_contain_text("The call is cancelled.")


def test_a_guest_moves_and_cancels_the_call_without_javascript_on_a_phone(visit: Visits, backstage, movable):
    page = visit(link_in_mail(backstage, movable), screen=PHONE, javascript=False)
    choose_another_time(page)
    page.get_by_role("button", name="Move the call").click()
    expect(page.get_by_role("status").first).to_contain_text("The call has its new time.")
    page.get_by_role("link", name="Cancel the call").click()
    page.get_by_role("button", name="Yes, cancel the call").click()
    expect(page.get_by_role("status")).to_contain_text("The call is cancelled.")


def test_of_two_guests_who_want_one_time_the_second_is_told_and_takes_another(visit: Visits, backstage: Backstage):
    practice = backstage.practice(guest_can_reschedule=True)
    two = [practice.book(backstage.weekday(at=at), guestTimezone="UTC") for at in ("10:00", "11:00")]
    first, second = (visit(link_in_mail(backstage, one), statuses={409}) for one in two)
    for page in (first, second):
        choose_another_time(page)
    for page in (first, second):
        page.get_by_role("button", name="Move the call").click()
    expect(first.get_by_role("status").first).to_contain_text("The call has its new time.")
    expect(second.get_by_role("alert")).to_contain_text("This time was just taken")
    second.locator("#slots button").last.click()
    second.get_by_role("button", name="Move the call").click()
    expect(second.get_by_role("status").first).to_contain_text("The call has its new time.")


def test_a_double_click_moves_the_call_once(visit: Visits, backstage, movable):
    page = visit(link_in_mail(backstage, movable))
    choose_another_time(page)
    page.get_by_role("button", name="Move the call").dblclick()
    expect(page.get_by_role("status").first).to_contain_text("The call has its new time.")


def test_the_way_into_the_call_opens_and_closes_without_asking_for_the_page_again(visit: Visits, backstage: Backstage):
    practice = backstage.practice(hours=ALWAYS)
    start = (backstage.clock.now() + timedelta(minutes=20)).replace(second=0, microsecond=0)
    booked = practice.book(start, guestTimezone="UTC")
    page = visit()
    if not backstage.ahead():  # else the page's clock is played already
        page.clock.install()
    page.goto(booked.guest_url)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    way = page.get_by_role("link", name="Join the call")
    expect(page.get_by_text("You can join here from")).to_be_visible()
    expect(way).to_have_count(0)
    page.clock.fast_forward(timedelta(minutes=6).total_seconds() * 1000)
    expect(way).to_be_visible()
    expect(page.get_by_text("You can join now.")).to_be_visible()
    page.clock.fast_forward(timedelta(hours=1).total_seconds() * 1000)
    expect(way).to_have_count(0)
    expect(page.locator("#join-told")).to_have_text("This call is over.")
    assert asked == []


def test_times_are_in_the_zone_of_the_device_if_nobody_has_said_the_guests(visit: Visits, backstage: Backstage):
    booked = backstage.practice().book(backstage.weekday(), guestTimezone=None)
    page = visit(booked.guest_url, timezone="Asia/Tokyo")
    expect(page.get_by_role("main")).to_contain_text("Tokyo time, UTC+9")
    expect(page.get_by_role("main")).to_contain_text("7:00 PM")


def test_a_guest_chooses_another_zone_and_language_which_stay(visit: Visits, backstage, movable):
    page = visit(link_in_mail(backstage, movable), javascript=False)
    page.get_by_role("link", name="Change the time zone").click()
    page.get_by_role("combobox", name="Zone").select_option("Asia/Kathmandu")
    page.get_by_role("button", name="Use this zone").click()
    expect(page.get_by_role("main")).to_contain_text("Kathmandu time, UTC+5:45")
    page.get_by_role("link", name="Español").click()
    page.get_by_role("link", name="Elegir otra hora").click()
    expect(page.get_by_role("main")).to_contain_text("hora de Kathmandu, UTC+5:45")


def test_no_other_site_may_show_the_guests_page_in_a_frame(visit: Visits, backstage, unconfirmed, site: AnotherSite):
    link = link_in_mail(backstage, unconfirmed)
    page = visit(statuses={403}, complaints=["frame-ancestors", "ERR_BLOCKED_BY_RESPONSE"])
    with page.expect_event("requestfailed", lambda request: request.url == link):
        page.goto(site.has(f'<iframe src="{link}"></iframe>'))
    assert page.frame_locator("iframe").locator("main").count() == 0


def test_a_link_that_opens_nothing_says_so(visit: Visits):
    page = visit("/b/nothing", statuses={404})
    expect(page.get_by_role("heading", level=1)).to_be_visible()
