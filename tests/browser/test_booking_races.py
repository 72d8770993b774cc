"""Two guests want one time: one has it, and the other is told so, offered others, and keeps what was typed."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.booking_guest import QUESTIONS, BookingGuest
from tests.support.browser.visits import Visits
from tests.support.worlds.api import text

pytestmark = pytest.mark.usefixtures("early_in_a_month")
LONGER_THAN_A_HOLD = timedelta(minutes=11)
TYPED = {"name": "Jane Doe", "email": "jane@example.com", "q.topic": "A new contract", "notes": "Ring the bell twice"}


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice(agents=["Ada Park"], questions=QUESTIONS)


def in_the_form(visit: Visits, practice: Practice, start: datetime, **typed: str) -> BookingGuest:
    guest = BookingGuest(visit(practice.booking_path, statuses={409}))
    guest.choose(start)
    for name, words in {**TYPED, **typed}.items():
        guest.field(name).fill(words)
    return guest


def check_just_taken(guest: BookingGuest, **typed: str) -> None:
    expect(guest.notice).to_contain_text("This time was just taken")
    expect(guest.notice).to_be_focused()
    for name, words in {**TYPED, **typed}.items():
        expect(guest.field(name)).to_have_value(words)
    expect(guest.book).to_have_count(0)
    assert 2 <= guest.others.count() <= 6


def test_a_time_that_somebody_holds_is_refused_at_the_picker_before_anything_is_typed(visit, backstage, practice):
    start = backstage.weekday(7)
    first, second = (BookingGuest(visit(practice.booking_path, statuses={409})) for _ in range(2))
    second.day(start.day).click()
    first.choose(start)
    second.time(start).click()
    expect(second.notice).to_contain_text("This time was just taken")
    expect(second.notice).to_be_focused()
    expect(second.heading).to_contain_text(f"{start:%A}")
    expect(second.time(start)).to_have_count(0)
    second.page.reload()
    expect(second.notice).to_have_count(0)
    second.time(start + timedelta(minutes=30)).click()
    for guest, name in ((first, "Ann Lee"), (second, "Bo Lin")):
        guest.fill_in(f"{name[0]}@example.com", name, topic="A new contract")
        guest.book.click()
        guest.expect_done(name)
    assert {(call["guest_name"], call["scheduled_at"]) for call in practice.calls()} == {
        ("Ann Lee", text(start)),
        ("Bo Lin", text(start + timedelta(minutes=30))),
    }


def test_when_a_hold_is_over_and_somebody_books_through_the_api_the_form_offers_others(visit, backstage, practice):
    start = backstage.weekday(7)
    guest = in_the_form(visit, practice, start)
    backstage.clock.advance(LONGER_THAN_A_HOLD)
    practice.book(start)
    guest.book.click()
    check_just_taken(guest)
    taken_instead = guest.others.first.get_attribute("value")
    guest.others.first.click()
    expect(guest.book).to_be_visible()
    expect(guest.page.locator("#kept")).to_contain_text("Kept for you until")
    guest.book.click()
    guest.expect_done()
    (call,) = [one for one in practice.calls() if one["booking_source"] == "public_booking"]
    assert call["scheduled_at"] == taken_instead
    assert (call["guest_name"], call["guest_email"], call["guest_intake_notes"], call["answers"]) == (
        TYPED["name"],
        TYPED["email"],
        TYPED["notes"],
        {"topic": TYPED["q.topic"]},
    )


def test_of_two_who_book_one_time_at_the_same_moment_one_has_it_and_one_chooses_another(visit, backstage, practice):
    start = backstage.weekday(7)
    guests = []
    for name in ("Ann Lee", "Bo Lin"):
        said = {"name": name, "email": f"{name[0]}@example.com"}
        guests.append((in_the_form(visit, practice, start, **said), said))
        backstage.clock.advance(LONGER_THAN_A_HOLD)  # nothing keeps the time for either of them
    for guest, _ in guests:
        guest.page.evaluate("() => { setTimeout(() => document.getElementById('submit').click()); }")
    for guest, _ in guests:
        expect(guest.page.locator("#done").or_(guest.notice)).to_be_visible()
    ((loser, typed),) = [(guest, said) for guest, said in guests if guest.notice.count()]
    check_just_taken(loser, **typed)
    assert len(practice.calls()) == 1
    loser.others.first.click()
    loser.book.click()
    loser.expect_done(typed["name"])
    assert len({call["scheduled_at"] for call in practice.calls()}) == 2


def test_without_javascript_and_with_a_prefilled_link_it_is_the_same(visit, backstage, practice):
    start = backstage.weekday(7)
    said = urlencode({"name": "Jane Doe", "email": "jane@example.com", "topic": "A new contract"})
    guest = BookingGuest(visit(f"{practice.booking_path}&{said}", javascript=False, statuses={409}))
    guest.choose(start)
    backstage.clock.advance(LONGER_THAN_A_HOLD)
    practice.book(start)
    guest.book.click()
    expect(guest.notice).to_contain_text("This time was just taken")
    guest.others.last.click()
    expect(guest.field("q.topic")).to_have_value("A new contract")
    guest.book.click()
    guest.expect_done()
    assert len(practice.calls()) == 2
