"""Signing in and out as people do it: by keyboard, on a phone, with a password manager or without."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import member
from tests.support.browser.visits import PHONE, Visits

Opens = Callable[..., Page]


def test_an_owner_signs_in_with_the_keyboard_alone_and_back_shows_nothing_after_signing_out(
    visit: Visits, backstage: Backstage
):
    practice = backstage.practice()
    owner = member(backstage, practice, Role.OWNER, second_factor=True)
    page = visit("/console?lang=en", statuses={404})
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(owner.user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(owner.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.get_by_label("Code").press_sequentially(owner.code(backstage))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/console/{practice.app_id}**")


def test_a_session_that_was_begun_behind_the_pages_is_one(signed_in: Opens):
    page = signed_in("/sign-in", Role.AGENT, screen=PHONE, statuses={404})
    page.wait_for_url("**/my/**")
