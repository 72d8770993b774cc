"""The country beside a phone number: its name is the browser's, and what is chosen stays chosen."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.accessible import check_accessible
from tests.support.browser.backstage import Backstage
from tests.support.browser.layout import check_reflow
from tests.support.browser.visits import PHONE, Visits


def form_of(visit: Visits, backstage: Backstage, language: str = "en", **how: Any) -> Page:
    """The form of a service, for a guest in Bogota."""
    path = backstage.practice().booking_path
    page = visit(f"{path}&lang={language}&tz=America/Bogota", **how)
    page.locator("#slots button").first.click()
    page.wait_for_url("**/form?**")
    return page


@pytest.mark.parametrize(
    ("language", "country", "number"),
    [("en", "Colombia", "+57"), ("es", "Colombia", "+57"), ("ar", "كولومبيا", "+57")],
)
def test_the_country_of_the_guests_zone_is_chosen_and_has_its_name(
    visit: Visits, backstage: Backstage, language: str, country: str, number: str
) -> None:
    page = form_of(visit, backstage, language, screen=PHONE)
    countries = page.locator("#f-phone-country")
    expect(countries).to_have_value("CO")
    expect(countries.locator("option:checked")).to_contain_text(country)
    expect(countries.locator("option:checked")).to_contain_text(number)
    check_accessible(page)
    check_reflow(page)


def test_without_javascript_countries_are_told_by_their_codes(visit: Visits, backstage: Backstage) -> None:
    page = form_of(visit, backstage, javascript=False)
    expect(page.locator("#f-phone-country")).to_have_value("CO")
    expect(page.locator("#f-phone-country option:checked")).to_have_text("CO +57")


def test_a_number_is_written_as_at_home_and_booked(visit: Visits, backstage: Backstage) -> None:
    page = form_of(visit, backstage)
    page.get_by_label("Name").fill("Ana")
    page.get_by_label("Phone").fill("300 555 0100")
    page.locator("#submit").click()
    expect(page.locator("#done")).to_contain_text("+573005550100")
