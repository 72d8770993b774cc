"""Webhooks in the console."""

import re

from playwright.sync_api import Page, expect

from tests.support.browser.backstage import Backstage
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

WEBHOOKS = "/console/{app}/settings/webhooks"
NOBODY_THERE = "http://127.0.0.1:9/hook"
"""A receiver that does not answer."""


def _made(visit: Visits, backstage: Backstage) -> Page:
    page = sign_in(visit, backstage, f"{WEBHOOKS}/new")
    page.get_by_label("Address").fill(NOBODY_THERE)
    page.get_by_label("Description").fill("Our CRM")
    page.get_by_label("booked", exact=True).check()
    page.get_by_label("cancelled", exact=True).check()
    page.get_by_role("button", name="Save").click()
    page.locator("#secret").wait_for()
    return page


def _tried(visit: Visits, backstage: Backstage) -> Page:
    page = _made(visit, backstage)
    page.get_by_role("link", name=re.compile("kept", re.IGNORECASE)).click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("tr[data-row] td.number")).to_have_text("1")
    return page


@state("console-webhooks-none")
def none(visit: Visits, backstage: Backstage) -> Page:
    """No webhook yet."""
    return sign_in(visit, backstage, WEBHOOKS)


@state("console-webhook-refused")
def refused(visit: Visits, backstage: Backstage) -> Page:
    """A form without events, and an address inside."""
    page = sign_in(visit, backstage, f"{WEBHOOKS}/new", statuses=(400,))
    page.get_by_label("Address").fill("https://crm.example.com/hooks")
    page.get_by_role("button", name="Save").click()
    return page


@state("console-webhook-secret")
def secret(visit: Visits, backstage: Backstage) -> Page:
    """The one page that shows the secret."""
    return _made(visit, backstage)


@state("console-webhooks")
def several(visit: Visits, backstage: Backstage) -> Page:
    """The list."""
    page = _tried(visit, backstage)
    page.get_by_role("link", name="Webhooks").last.click()
    return page


@state("console-webhook")
def one(visit: Visits, backstage: Backstage) -> Page:
    """One that did not get through."""
    return _tried(visit, backstage)


@state("console-webhook-replay")
def replay(visit: Visits, backstage: Backstage) -> Page:
    """The question of what to send once more."""
    page = _tried(visit, backstage)
    page.get_by_role("button", name="Send again").or_(page.get_by_role("link", name="Send again")).first.click()
    return page


@state("console-delivery")
def delivery(visit: Visits, backstage: Backstage) -> Page:
    """One delivery, with its attempt."""
    page = _tried(visit, backstage)
    page.locator("tr[data-row] a").click()
    return page
