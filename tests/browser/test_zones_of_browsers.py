"""The booking page in browsers whose own zone is another one, has an old name, or has rules of its own.

Every time that is shown is the server's: what the script shows of another day is what the page says without one.
"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from slotline.domain.shared.working_hours import Window
from tests.support.browser.backstage import Backstage
from tests.support.browser.visits import Visits

ALL_DAY = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
OLD_NAMES = ("Asia/Calcutta", "US/Pacific")
CHANGED_IN_2026 = ("America/Winnipeg", "Africa/Casablanca", "Europe/Chisinau")


def _next_month(backstage: Backstage) -> str:
    """A service that is free around the clock, in a month that has several days left."""
    path = backstage.practice(agents=("Ada Park",), hours=ALL_DAY).booking_path
    month = (backstage.clock.now().replace(day=1) + timedelta(days=31)).replace(day=1)
    return f"{path}&month={month:%Y-%m}"


def times(page: Page) -> list[tuple[str | None, str]]:
    """Each free time of the day that is shown, with its instant."""
    return [(one.get_attribute("value"), one.inner_text()) for one in page.locator("#slots button").all()]


def zone_of(page: Page) -> str | None:
    """The zone that the page says its times are in."""
    return page.locator("html").get_attribute("data-zone")


@pytest.mark.parametrize("zone", [*OLD_NAMES, *CHANGED_IN_2026])
def test_a_browsers_zone_is_asked_of_the_server_whatever_its_name(
    visit: Visits, backstage: Backstage, zone: str
) -> None:
    page = visit(_next_month(backstage), timezone=zone)
    expect(page.locator("#slots button").first).to_be_visible()
    (asked,) = parse_qs(urlsplit(page.url).query)["tz"]
    assert zone_of(page) == asked
    _check_that_the_script_says_what_the_server_does(visit, page, zone)


@pytest.mark.parametrize("zone", ["America/Havana", "Pacific/Kiritimati"])
def test_a_zone_in_the_address_is_shown_whatever_zone_the_browser_is_in(
    visit: Visits, backstage: Backstage, zone: str
) -> None:
    page = visit(f"{_next_month(backstage)}&tz={zone}", timezone="America/Vancouver")
    assert zone_of(page) == zone
    _check_that_the_script_says_what_the_server_does(visit, page, "America/Vancouver")


def _check_that_the_script_says_what_the_server_does(visit: Visits, page: Page, zone: str) -> None:
    first = times(page)
    day = page.locator("a[data-day]:not([aria-current])").first.get_attribute("data-day")
    page.locator(f'a[data-day="{day}"]').click()
    expect(page.locator(f'a[data-day="{day}"]')).to_have_attribute("aria-current", "date")
    page.wait_for_load_state()
    shown = times(page)
    assert shown
    assert shown != first
    assert times(visit(page.url, timezone=zone, javascript=False)) == shown
