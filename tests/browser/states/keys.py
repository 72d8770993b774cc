"""Keys in the console."""

from playwright.sync_api import Page

from slotline.domain.access.users import Role
from tests.support.browser.backstage import Backstage
from tests.support.browser.people import sign_in
from tests.support.browser.states import state
from tests.support.browser.visits import Visits

KEYS = "/console/{app}/settings/keys"


@state("console-keys")
def everything(visit: Visits, backstage: Backstage) -> Page:
    """An owner's clients and keys."""
    return sign_in(visit, backstage, KEYS, Role.OWNER)


@state("console-keys-new")
def new(visit: Visits, backstage: Backstage) -> Page:
    """The form for another one."""
    return sign_in(visit, backstage, f"{KEYS}/new", Role.OWNER)


@state("console-keys-secret")
def secret(visit: Visits, backstage: Backstage) -> Page:
    """The one page that shows a secret."""
    page = new(visit, backstage)
    page.get_by_label("Name").fill("Example CRM")
    page.get_by_label("Read calls and settings").check()
    page.get_by_role("button", name="Make it").click()
    page.locator("#secret").wait_for()
    return page


@state("console-keys-replaced")
def replaced(visit: Visits, backstage: Backstage) -> Page:
    """A widget key with another in its place, which works already."""
    page = everything(visit, backstage)
    page.get_by_role("button", name="Replace widget key").click()
    page.get_by_role("link", name="Back to the keys").click()
    page.get_by_text("A newer key takes its place").wait_for()
    return page


@state("console-keys-revoking")
def revoking(visit: Visits, backstage: Backstage) -> Page:
    """The question before one is revoked."""
    page = everything(visit, backstage)
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("dialog").wait_for()
    return page
