"""The page behind a guest's link, as a guest comes to it: from the mail."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage, Booked
from tests.support.browser.keyboard import check_focus_order, tab_to
from tests.support.browser.layout import check_reflow
from tests.support.browser.made_up import AnotherSite
from tests.support.browser.visits import PHONE, Visits


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
    expect(inbox).to_have_url(link)
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


def test_no_other_site_may_show_the_guests_page_in_a_frame(visit: Visits, backstage, unconfirmed, site: AnotherSite):
    link = link_in_mail(backstage, unconfirmed)
    page = visit(complaints=["frame-ancestors", "ERR_BLOCKED_BY_RESPONSE"])
    with page.expect_event("requestfailed", lambda request: request.url == link):
        page.goto(site.has(f'<iframe src="{link}"></iframe>'))
    assert page.frame_locator("iframe").locator("main").count() == 0


def test_a_link_that_opens_nothing_says_so(visit: Visits):
    page = visit("/b/nothing", statuses={404})
    expect(page.get_by_role("heading", level=1)).to_be_visible()
