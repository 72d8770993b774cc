"""A guest books on the booking page: by mouse, by keyboard, on a phone, without JavaScript, in three languages."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from slotline.domain.booking.apps import AssignmentMode
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.booking_guest import QUESTIONS, SAID_BY_LINK, BookingGuest
from tests.support.browser.keyboard import check_focus_order, tab_to
from tests.support.browser.visits import PHONE, Visits
from tests.support.worlds.api import text
from tests.support.worlds.hooks import Receiver, a_receiver, hooks
from tests.support.worlds.later import until

pytestmark = pytest.mark.usefixtures("early_in_a_month")
EMAIL = "jane@example.com"


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice(questions=QUESTIONS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as running:
        yield running


def wednesday(backstage: Backstage) -> datetime:
    """The second Wednesday of the system's month, at ten."""
    first = backstage.clock.now().replace(day=8, hour=10, minute=0, second=0, microsecond=0)
    return first + timedelta(days=(2 - first.weekday()) % 7)


def check_booked(practice: Practice, start: datetime, **said: Any) -> dict[str, Any]:
    """The app's one call, as the guest booked it on the page; its timeline says so, too."""
    (call,) = practice.calls()
    expected = {
        "booking_source": "public_booking",
        "assigned_agent_id": practice.agent_ids[0],
        "scheduled_at": text(start),
        "guest_name": "Jane Doe",
        "guest_email": EMAIL,
        "guest_timezone": "Asia/Karachi",
        "guest_language": "en",
        "answers": {"topic": "A new contract", "campaign": "spring"},
        "external_id": "deal-4711",
        "metadata": {"said_by_link": {"external_id": "deal-4711", "metadata": {"pipeline": "Q3"}}},
        "status": "scheduled",
        **said,
    }
    assert {name: call[name] for name in expected} == expected
    created = call["events"][0]
    assert (created["event_type"], created["actor_type"]) == ("created", "guest")
    assert created["payload"]["booking_source"] == "public_booking"
    return call


def seen(one: Locator) -> None:
    """It has the focus, and one sees that."""
    expect(one).to_be_focused()
    assert one.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"


def test_by_mouse_and_the_webhook_says_that_the_guest_did(visit: Visits, backstage, practice, receiver):
    start = wednesday(backstage)
    with practice.own.client() as api:
        hooks(api, "POST", body={"url": receiver.url, "events": ["scheduled.created"]})
    guest = BookingGuest(visit(practice.booking_path + SAID_BY_LINK, timezone="Asia/Karachi"))
    guest.choose(start)
    guest.fill_in(EMAIL, topic="A new contract")
    guest.book.click()
    guest.expect_done()
    expect(guest.page.get_by_text("3:00 PM \N{EN DASH} 3:30 PM")).to_be_visible()
    expect(guest.page.get_by_text("10:00 AM, UTC")).to_be_visible()
    call = check_booked(practice, start)
    until(lambda: bool(receiver.taken), "word of the booking")
    (arrival,) = receiver.taken
    assert arrival.event["event"] == "scheduled.created"
    told = arrival.event["payload"]["scheduled_call"]
    assert {name: told[name] for name in ("id", "booking_source", "answers", "metadata")} == {
        name: call[name] for name in ("id", "booking_source", "answers", "metadata")
    }
    assert backstage.newest_mail(EMAIL, "invitation").link("/b/")


def test_by_keyboard_alone_and_one_always_sees_where_one_is(visit: Visits, backstage, practice):
    start = wednesday(backstage)
    guest = BookingGuest(visit(practice.booking_path + SAID_BY_LINK, timezone="Asia/Karachi"))
    page = guest.page
    check_focus_order(page)
    tab_to(page, guest.day(start.day))
    seen(guest.day(start.day))
    page.keyboard.press("Enter")
    seen(guest.heading)
    page.keyboard.press("Tab")
    seen(guest.times.first)
    tab_to(page, guest.time(start))
    page.keyboard.press("Space")
    expect(guest.book).to_be_visible()
    check_focus_order(page)
    for name, typed in (("name", "Jane Doe"), ("email", EMAIL), ("q.topic", "A new contract")):
        tab_to(page, guest.field(name))
        seen(guest.field(name))
        page.keyboard.type(typed)
    tab_to(page, guest.book)
    seen(guest.book)
    page.keyboard.press("Enter")
    guest.expect_done()
    check_focus_order(page)
    check_booked(practice, start)


def test_enter_in_a_field_books_and_does_not_press_another_button(visit: Visits, backstage, practice):
    start = wednesday(backstage)
    guest = BookingGuest(visit(practice.booking_path + SAID_BY_LINK, timezone="Asia/Karachi"))
    guest.choose(start)
    guest.fill_in(EMAIL, topic="A new contract")
    guest.field("email").press("Enter")
    guest.expect_done()
    check_booked(practice, start)


def test_on_a_phone_by_touch_in_the_dark(visit: Visits, backstage, practice):
    start = wednesday(backstage)
    path = practice.booking_path + SAID_BY_LINK
    guest = BookingGuest(visit(path, screen=PHONE, scheme="dark", timezone="Asia/Karachi"))
    guest.day(start.day).tap()
    expect(guest.heading).to_be_in_viewport()
    guest.time(start).tap()
    guest.fill_in(EMAIL, topic="A new contract")
    guest.book.tap()
    guest.expect_done()
    check_booked(practice, start)


def test_without_javascript_in_the_organizations_zone_until_another_is_chosen(visit: Visits, backstage, practice):
    start = wednesday(backstage)
    page = visit(practice.booking_path + SAID_BY_LINK, timezone="Asia/Karachi", javascript=False)
    guest = BookingGuest(page)
    expect(page.get_by_text("UTC").first).to_be_visible()
    guest.day(start.day).click()
    expect(guest.times.first).to_have_text("9:00 AM")
    page.get_by_role("link", name=guest.texts.text("book", "change_zone")).click()
    page.get_by_label("Zone").select_option("Asia/Karachi")
    guest.button("zone", "save").click()
    expect(guest.times.first).to_have_text("2:00 PM")
    page.get_by_role("link", name="Ben Okoye").click()
    expect(guest.times.first).to_have_text("2:00 PM")
    guest.choose(start)
    guest.fill_in(EMAIL, topic="A new contract")
    guest.book.click()
    guest.expect_done()
    check_booked(practice, start, assigned_agent_id=practice.agent_ids[1])


def test_in_spanish_as_the_browser_asks_for(visit: Visits, backstage, practice):
    start = wednesday(backstage)
    path = practice.booking_path + SAID_BY_LINK
    guest = BookingGuest(visit(path, locale="es-CO", timezone="America/Bogota"), "es")
    expect(guest.page.locator("html")).to_have_attribute("lang", "es")
    guest.day(start.day).click()
    expect(guest.time(start)).to_have_text("05:00")
    guest.time(start).click()
    guest.fill_in(EMAIL, topic="A new contract")
    guest.book.click()
    guest.expect_done()
    check_booked(practice, start, guest_language="es", guest_timezone="America/Bogota")
    assert "Jane Doe" in backstage.newest_mail(EMAIL, "invitation").text


def left_of(one: Locator, other: Locator) -> bool:
    """Whether one stands to the left of the other."""
    ends, begins = (
        found.evaluate(f"(one) => one.getBoundingClientRect().{side}")
        for found, side in ((one, "right"), (other, "left"))
    )
    return bool(ends <= begins)


def test_in_arabic_and_everything_is_mirrored(visit: Visits, backstage, practice):
    start = wednesday(backstage)
    page = visit(practice.booking_path + SAID_BY_LINK + "&lang=ar", timezone="Asia/Karachi")
    guest = BookingGuest(page, "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    days = page.get_by_role("table").get_by_role("link")
    later, name = page.get_by_role("link", name=guest.texts.text("book", "later")), page.locator("#month-name")
    assert left_of(page.locator("#month"), page.locator(".side")), "the service is on the right"
    assert left_of(page.locator("#times"), page.locator("#month")), "and the times on the left"
    assert left_of(guest.day(start.day + 1), guest.day(start.day)), "days run from right to left"
    assert left_of(later, name)
    assert later.evaluate("(one) => getComputedStyle(one).transform") == "matrix(-1, 0, 0, 1, 0, 0)"
    expect(days.first).to_be_visible()
    guest.day(start.day).click()
    expect(guest.time(start)).to_have_text("3:00 م")
    guest.time(start).click()
    assert left_of(page.locator("#book"), page.locator(".side"))
    assert guest.field("phone").evaluate("(one) => getComputedStyle(one).direction") == "ltr"
    guest.fill_in(EMAIL, topic="A new contract")
    guest.book.click()
    guest.expect_done()
    check_booked(practice, start, guest_language="ar")


def test_where_the_service_finds_the_agent_nobody_is_named_until_it_is_booked(visit: Visits, backstage):
    practice = backstage.practice(assignment_mode=AssignmentMode.ANY_AVAILABLE)
    start = wednesday(backstage)
    practice.book(start)  # so the first agent is not free
    guest = BookingGuest(visit(practice.booking_path))
    expect(guest.page.get_by_text("With whom?")).to_have_count(0)
    guest.choose(start)
    expect(guest.page.get_by_text("Ben Okoye")).to_have_count(0)
    guest.fill_in(EMAIL)
    guest.book.click()
    guest.expect_done()
    (call,) = [one for one in practice.calls() if one["booking_source"] == "public_booking"]
    assert (call["assigned_agent_id"], call["scheduled_at"]) == (practice.agent_ids[1], text(start))


def test_where_the_link_names_the_agent_the_guest_chooses_a_time_of_theirs(visit: Visits, backstage):
    practice = backstage.practice(assignment_mode=AssignmentMode.URL_FORCED)
    start = wednesday(backstage)
    practice.book(start)
    guest = BookingGuest(visit(f"{practice.booking_path}&agentId={practice.agent_ids[1]}"))
    expect(guest.page.get_by_text("With whom?")).to_have_count(0)
    guest.page.get_by_role("link", name="Later month").click()
    guest.page.get_by_role("link", name="Earlier month").click()
    guest.choose(start)
    expect(guest.page.get_by_text("Ben Okoye")).to_be_visible()
    guest.fill_in(EMAIL)
    guest.book.click()
    guest.expect_done()
    (call,) = [one for one in practice.calls() if one["booking_source"] == "public_booking"]
    assert (call["assigned_agent_id"], call["scheduled_at"]) == (practice.agent_ids[1], text(start))


def test_the_form_of_a_service_that_finds_the_agent_offers_times_of_all_if_one_was_taken(visit: Visits, backstage):
    practice = backstage.practice(assignment_mode=AssignmentMode.ANY_AVAILABLE)
    start = wednesday(backstage)
    guest = BookingGuest(visit(practice.booking_path, statuses={409}))
    guest.choose(start)
    guest.fill_in(EMAIL)
    backstage.clock.advance(timedelta(minutes=11))
    practice.book(start)
    with practice.own.client() as api:
        api.book(practice.agent_ids[1], start)
    guest.book.click()
    expect(guest.notice).to_contain_text("This time was just taken")
    guest.others.first.click()
    guest.book.click()
    guest.expect_done()
    assert len(practice.calls()) == 3
