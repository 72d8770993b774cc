"""Signing in, and the account."""

import pyotp
from playwright.sync_api import Page

from slotline.domain.access.sessions import Stage
from slotline.domain.access.users import Role, UserStatus
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import member, sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits


@state("sign-in")
def first(visit: Visits, backstage: Backstage) -> Page:
    """Nothing is filled in."""
    del backstage
    return visit("/sign-in")


@state("sign-in-wrong")
def wrong(visit: Visits, backstage: Backstage) -> Page:
    """The password was another one."""
    del backstage
    page = visit("/sign-in", statuses={401})
    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_label("Password").fill("a password of nobody")
    page.get_by_role("button", name="Sign in").click()
    page.locator(".notice-bad").wait_for()
    return page


@state("sign-in-code")
def code(visit: Visits, backstage: Backstage) -> Page:
    """The password was right, and the code is still to come; its reader has lost their authenticator."""
    practice = backstage.practice()
    owner = member(backstage, practice, Role.OWNER, second_factor=True)
    page = sign_in(visit, backstage, "/sign-in/code", owner, practice, Stage.PASSWORD)
    page.locator("summary").click()
    return page


@state("sign-in-second-factor")
def second_factor(visit: Visits, backstage: Backstage) -> Page:
    """An owner must have a second factor, and cannot scan its picture."""
    page = sign_in(visit, backstage, "/sign-in/second-factor", Role.OWNER, stage=Stage.ENROL)
    page.locator("summary").click()
    return page


@state("sign-in-recovery-codes")
def recovery_codes(visit: Visits, backstage: Backstage) -> Page:
    """The second factor is set up."""
    page = second_factor(visit, backstage)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.locator("#f-code").fill(pyotp.TOTP(secret).at(backstage.clock.now()))
    page.get_by_role("button", name="Turn it on").click()
    page.locator(".codes").wait_for()
    return page


@state("forgotten")
def forgotten(visit: Visits, backstage: Backstage) -> Page:
    """Where a link is asked for."""
    del backstage
    return visit("/forgotten")


@state("forgotten-sent")
def sent(visit: Visits, backstage: Backstage) -> Page:
    """It was asked for."""
    page = forgotten(visit, backstage)
    page.get_by_label("E-mail address").fill("nobody@example.com")
    page.get_by_role("button", name="Send the link").click()
    page.locator(".notice-good").wait_for()
    return page


@state("password-invited")
def invited(visit: Visits, backstage: Backstage) -> Page:
    """Behind the link of an invitation."""
    somebody = member(backstage, backstage.practice(), Role.ADMIN, status=UserStatus.INVITED, password_hash=None)
    page = forgotten(visit, backstage)
    page.get_by_label("E-mail address").fill(somebody.user.email)
    page.get_by_role("button", name="Send the link").click()
    page.locator(".notice-good").wait_for()
    page.goto(backstage.newest_mail(somebody.user.email, "way_in_invitation").link("/password/"))
    return page


@state("password-link-over")
def over(visit: Visits, backstage: Backstage) -> Page:
    """A link that was used."""
    del backstage
    return visit("/password/slt_nothing", statuses={404})


@state("account")
def account(visit: Visits, backstage: Backstage) -> Page:
    """Signed in on two devices, with a second factor."""
    practice = backstage.practice()
    owner = member(backstage, practice, Role.OWNER, second_factor=True)
    sign_in(visit, backstage, "/account", owner, practice)
    return sign_in(visit, backstage, "/account", owner, practice)


@state("account-wrong")
def account_wrong(visit: Visits, backstage: Backstage) -> Page:
    """The current password was another one. There is no second factor."""
    page = sign_in(visit, backstage, "/account", Role.AGENT, statuses={400})
    page.get_by_label("Current password").fill("another one")
    page.get_by_label("New password").fill("four words nobody guesses")
    page.get_by_role("button", name="Change the password").click()
    page.locator(".notice-bad").wait_for()
    return page


@state("account-in-spanish")
def account_in_spanish(visit: Visits, backstage: Backstage) -> Page:
    """In another language."""
    return sign_in(visit, backstage, "/account?lang=es", Role.SUPERVISOR)
