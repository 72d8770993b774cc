"""How soon a guest sees a time, and how soon one whom the link names has booked it."""

import time
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Request, expect

from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.booking_guest import QUESTIONS, BookingGuest
from tests.support.browser.visits import DESKTOP, PHONE, Visits

pytestmark = pytest.mark.usefixtures("early_in_a_month")
MOST_BYTES = 30 * 1024
MOST_CLICKS, MOST_SECONDS = 4, 15


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice(questions=QUESTIONS)


@pytest.fixture
def of_service(practice: Practice) -> str:
    return practice.booking_path


@pytest.fixture
def of_all_services(backstage: Backstage) -> str:
    return f"/book/{backstage.demo['app_id']}?widgetKey={backstage.demo['widget_key']}"


@pytest.mark.parametrize("path", ["of_service", "of_all_services"])
def test_the_first_view_takes_two_requests_and_at_most_30_kb(path, visit: Visits, request: pytest.FixtureRequest):
    page = visit()
    requests: list[Request] = []
    page.on("requestfinished", lambda one: requests.append(one) if one.url.startswith("http") else None)
    page.goto(request.getfixturevalue(path))
    page.wait_for_load_state("load")
    sizes = {one.url: one.sizes() for one in requests}
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes.values())
    print(f"\n{path}: {total} bytes in {len(requests)} requests")  # noqa: T201 - shown by pytest -s
    assert sorted(one.resource_type for one in requests) == ["document", "stylesheet"]
    assert total <= MOST_BYTES
    packed = {answer.headers.get("content-encoding") for one in requests if (answer := one.response())}
    assert packed == {"gzip"}


def test_the_first_html_has_the_first_free_day_with_its_times(visit: Visits, practice):
    guest = BookingGuest(visit(practice.booking_path, javascript=False))
    expect(guest.days.first).to_have_attribute("aria-current", "date")
    expect(guest.heading).to_contain_text("day")
    assert guest.times.count()


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=lambda screen: screen.name)
def test_a_guest_whom_the_link_names_books_in_four_clicks_and_fifteen_seconds(screen, visit: Visits, practice):
    said = {"name": "Jane Doe", "email": "jane@example.com", "topic": "A new contract", "tz": "Asia/Karachi"}
    path = f"{practice.booking_path}&{urlencode(said)}"
    began = time.perf_counter()
    guest = BookingGuest(visit(path, screen=screen))
    clicks = (guest.times.first, guest.book)
    for target in clicks:
        target.click()
    guest.expect_done()
    seconds = time.perf_counter() - began
    print(f"\n{len(clicks)} clicks, {seconds:.1f} s")  # noqa: T201 - shown by pytest -s
    assert len(clicks) <= MOST_CLICKS
    assert seconds <= MOST_SECONDS
    (call,) = practice.calls()
    assert (call["guest_name"], call["guest_timezone"], call["answers"]) == (
        "Jane Doe",
        "Asia/Karachi",
        {"topic": "A new contract"},
    )
