"""Signing in and out as people do it: by keyboard, on a phone, by a link in a mail, without scripts."""

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import PASSWORD, Member, member
from tests.support.browser.visits import DESKTOP, PHONE, Screen, Visits

Opens = Callable[..., Page]
NEW = "four words nobody guesses"


def fill_in(page: Page, who: Member, password: str = PASSWORD) -> None:
    """Type who somebody is, by the keyboard alone, and press Enter."""
    page.get_by_label("E-mail address").focus()
    page.keyboard.type(who.user.email)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda one: one.name)
def test_an_owner_signs_in_by_keyboard_and_back_shows_nothing_after_signing_out(
    visit: Visits, backstage: Backstage, screen: Screen
):
    owner = member(backstage, backstage.practice(), Role.OWNER, second_factor=True)
    page = visit("/account", screen=screen)
    fill_in(page, owner)
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    page.get_by_label("Code", exact=True).focus()
    page.keyboard.type(owner.code(backstage))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    expect(page.get_by_text(owner.user.email)).to_have_count(2)
    page.locator(".menu summary").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text(owner.user.email)).to_have_count(0)


def test_a_first_owner_sets_up_their_second_factor_and_signs_in_with_it_without_scripts(
    visit: Visits, backstage: Backstage
):
    owner = member(backstage, backstage.practice(), Role.OWNER)
    page = visit("/account", javascript=False)
    fill_in(page, owner)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    page.locator("summary").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.locator("#f-code").fill(pyotp.TOTP(secret).at(backstage.clock.now()))
    page.get_by_role("button", name="Turn it on").click()
    code = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("You have 10 recovery codes left")).to_be_visible()
    again = visit("/account", javascript=False)
    fill_in(again, owner)
    again.locator("summary").click()
    again.get_by_label("Recovery code").fill(code)
    again.get_by_role("button", name="Use the recovery code").click()
    expect(again.get_by_text("You have 9 recovery codes left")).to_be_visible()


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(
    visit: Visits, backstage: Backstage, signed_in: Opens
):
    practice = backstage.practice()
    agent = member(backstage, practice, Role.AGENT)
    elsewhere = signed_in("/account", agent, practice)
    page = visit("/sign-in", screen=PHONE)
    page.get_by_role("link", name="I forgot my password").click()
    page.get_by_label("E-mail address").fill(agent.user.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("status").first).to_contain_text("If this address has an account")
    page.goto(backstage.newest_mail(agent.user.email, "way_in_reset").link("/password/"))
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("Your password is set.")).to_be_visible()
    fill_in(page, agent, NEW)
    page.wait_for_url(f"**/my/{practice.app_id}")
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()


def test_somebody_ends_a_session_that_they_do_not_recognise(backstage: Backstage, signed_in: Opens):
    practice = backstage.practice()
    agent = member(backstage, practice, Role.AGENT)
    elsewhere = signed_in("/account", agent, practice, screen=PHONE)
    page = signed_in("/account", agent, practice)
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("That session has ended.")).to_be_visible()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()
