"""The local system's start page and a deployment's front page, as a developer sees them."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage
from tests.support.browser.keyboard import check_focus_order, tab_to
from tests.support.browser.layout import check_reflow
from tests.support.browser.visits import PHONE, Visits


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_root_leads_to_a_start_page_that_is_accessible_and_keeps_its_shape(visit: Visits, scheme: str):
    page = visit("/", scheme=scheme)
    expect(page.get_by_role("heading", name="Slotline on this machine")).to_be_visible()
    check_accessible(page)
    check_reflow(page)
    assert {"API documents", "Inbox", "1 hour"} <= {*check_focus_order(page)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_front_page_of_a_deployment_is_accessible_and_keeps_its_shape(visit: Visits, scheme: str):
    page = visit("/?deployed", scheme=scheme)
    expect(page.get_by_role("heading", name="Slotline")).to_be_visible()
    check_accessible(page)
    check_reflow(page)
    assert check_focus_order(page) == ["API documentation"]


def test_its_button_moves_the_clock_on_by_keyboard_and_without_javascript(visit: Visits, backstage: Backstage):
    page = visit("/__local", javascript=False, screen=PHONE)
    before = backstage.clock.now()
    tab_to(page, page.get_by_role("button", name="15 minutes"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page).to_have_url(f"{backstage.system.base_url}/__local")
    expect(page.get_by_text("ahead of this machine")).to_be_visible()
    assert (backstage.clock.now() - before).total_seconds() >= 900
