"""Keys in the console, by keyboard and mouse: one is made, gets a second secret, and is revoked."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from slotline.domain.access.users import Role
from tests.support.browser.accessible import check_accessible


def test_an_owner_makes_a_client_replaces_its_secret_and_revokes_it(signed_in: Callable[..., Page]):
    page = signed_in("/console/{app}/settings/keys", Role.OWNER)
    page.get_by_role("link", name="New client or API key").press("Enter")
    page.get_by_label("Name").fill("Example CRM")
    page.get_by_label("Read calls and settings").check()
    check_accessible(page)
    page.get_by_role("button", name="Make it").press("Enter")
    first = page.locator("#secret").inner_text()
    assert first.startswith("sls_")
    check_accessible(page)
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("This form was sent before")
    assert first not in page.content()
    expect(page.get_by_role("heading", name="Example CRM")).to_have_count(1)
    page.get_by_role("button", name="New secret for Example CRM").click()
    assert page.locator("#secret").inner_text() not in ("", first)
    page.get_by_role("link", name="Back to the keys").click()
    page.get_by_role("button", name="Retire the older secret of Example CRM").click()
    expect(page.locator("main")).to_contain_text("Only the newest secret is accepted now.")
    client = page.get_by_role("article").filter(has_text="Example CRM")
    client.get_by_text("Revoke", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.locator("main")).to_contain_text("It stops working within a minute.")
    expect(client).to_contain_text("Revoked.")
    check_accessible(page)
