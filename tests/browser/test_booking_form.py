"""The form of the booking page: the time that is kept meanwhile, mistakes, codes, and a guest who clicks twice."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from playwright.sync_api import Request, expect

from slotline.domain.booking.apps import Verification
from tests.support import patient
from tests.support.browser.backstage import Backstage, Practice
from tests.support.browser.booking_guest import OF_EVERY_TYPE, QUESTIONS, BookingGuest
from tests.support.browser.visits import Visits
from tests.support.worlds.later import until

pytestmark = pytest.mark.usefixtures("early_in_a_month")
EMAIL = "jane@example.com"
LONGER_THAN_A_HOLD = timedelta(minutes=11)
WRONG = {
    "email": "jane@",
    "phone": "12",
    "q.number": "many",
    "q.date": "2026-02-01",
    "q.phone": "7",
    "q.email": "nobody",
    "q.url": "a page",
    "q.long_text": "Two\nlines",
    "notes": "Ring the bell",
}


@pytest.fixture
def practice(backstage: Backstage) -> Practice:
    return backstage.practice(agents=["Ada Park"], questions=QUESTIONS)


def in_the_form(visit: Visits, backstage: Backstage, practice: Practice, **how: object) -> BookingGuest:
    """A guest who has chosen a time. Their browser's clock is in the test's hand."""
    page = visit(**how)  # type: ignore[arg-type]  # those of Visits
    if how.get("javascript", True) and not backstage.ahead():
        page.clock.install()
    page.goto(practice.booking_path)
    guest = BookingGuest(page)
    guest.choose(backstage.weekday(7))
    return guest


class TestTheTimeIsKept:
    def test_word_comes_a_minute_before_the_end_and_a_button_keeps_it_longer(self, visit, backstage, practice):
        guest = in_the_form(visit, backstage, practice)
        kept, longer = guest.page.locator("#kept"), guest.button("form", "extend")
        expect(kept.get_by_role("status")).to_contain_text("Kept for you until")
        expect(longer).to_be_hidden()
        guest.fill_in(EMAIL, topic="A new contract")
        guest.page.clock.fast_forward("09:05")
        expect(kept.get_by_role("status")).to_contain_text("one more minute")
        backstage.clock.advance(timedelta(minutes=9))
        longer.click()
        expect(kept.get_by_role("status")).to_contain_text("Kept for you until")
        expect(longer).to_be_hidden()
        backstage.clock.advance(timedelta(minutes=9))
        with practice.own.client() as api:
            refused = api.create(practice.agent_ids[0], backstage.weekday(7))
            assert refused.status_code == 409, "it is kept from others for as long again"
        guest.book.click()
        guest.expect_done()

    def test_when_it_is_not_kept_any_more_the_form_says_so_and_books_a_time_that_is_still_free(
        self, visit, backstage, practice
    ):
        guest = in_the_form(visit, backstage, practice)
        guest.fill_in(EMAIL, topic="A new contract")
        guest.page.clock.fast_forward("10:05")
        backstage.clock.advance(LONGER_THAN_A_HOLD)
        expect(guest.page.get_by_role("status")).to_contain_text("not kept any more")
        expect(guest.button("form", "keep_again")).to_be_visible()
        expect(guest.field("name")).to_have_value("Jane Doe")
        guest.book.click()
        guest.expect_done()
        assert len(practice.calls()) == 1

    def test_a_time_that_is_not_kept_any_more_can_be_kept_again_without_javascript(self, visit, backstage, practice):
        guest = in_the_form(visit, backstage, practice, javascript=False)
        backstage.clock.advance(LONGER_THAN_A_HOLD)
        guest.page.reload()
        expect(guest.page.get_by_role("status")).to_contain_text("not kept any more")
        guest.fill_in(EMAIL, topic="A new contract")
        guest.button("form", "keep_again").click()
        expect(guest.page.get_by_role("status")).to_contain_text("Kept for you until")
        expect(guest.field("q.topic")).to_have_value("A new contract")


class TestMistakes:
    def test_the_server_names_each_leads_to_it_and_keeps_what_was_typed(self, visit, backstage):
        practice = backstage.practice(agents=["Ada Park"], questions=OF_EVERY_TYPE)
        guest = in_the_form(visit, backstage, practice, statuses={400})
        for name, typed in WRONG.items():
            guest.field(name).fill(typed)
        guest.page.get_by_label("By phone").last.check()
        guest.page.get_by_label("By letter").last.check()
        guest.page.locator("#book").evaluate("(form) => { form.noValidate = true; }")
        guest.book.click()
        expect(guest.notice).to_be_focused()
        links = guest.notice.get_by_role("link")
        assert links.count() == 9, links.all_inner_texts()
        expect(guest.page).to_have_title(re.compile("^Not yet: "))
        for name, typed in WRONG.items():
            expect(guest.field(name)).to_have_value(typed)
        for label in ("By phone", "By letter"):
            expect(guest.page.get_by_label(label).last).to_be_checked()
        links.filter(has_text="Enter your name").click()
        expect(guest.field("name")).to_be_focused()
        links.filter(has_text="number such as 12").click()
        expect(guest.field("q.number")).to_be_focused()
        expect(guest.field("email")).to_have_attribute("aria-invalid", "true")
        expect(guest.field("email")).to_have_accessible_description(re.compile("such as jane@example.com"))
        assert practice.calls() == []

    def test_a_program_that_fills_in_the_field_that_nobody_sees_books_nothing(self, visit, backstage, practice):
        guest = in_the_form(visit, backstage, practice, statuses={400})
        guest.fill_in(EMAIL, topic="A new contract")
        expect(guest.field("website")).not_to_be_in_viewport()
        guest.field("website").evaluate("(one) => { one.value = 'https://example.com'; }")
        guest.book.click()
        expect(guest.page.get_by_role("heading", level=1)).to_have_text("This address cannot be read")
        assert practice.calls() == []


class TestTwice:
    @pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
    def test_a_double_click_books_once(self, javascript: bool, visit, backstage, practice):
        guest = in_the_form(visit, backstage, practice, javascript=javascript)
        guest.fill_in(EMAIL, topic="A new contract")
        guest.book.dblclick()
        guest.expect_done()
        assert len(practice.calls()) == 1

    def test_the_confirmation_loaded_again_and_the_form_sent_again_after_back_book_nothing_more(
        self, visit, backstage, practice
    ):
        guest = in_the_form(visit, backstage, practice)
        guest.fill_in(EMAIL, topic="A new contract")
        guest.book.click()
        guest.expect_done()
        guest.page.reload()
        guest.expect_done()
        guest.page.go_back()
        guest.fill_in(EMAIL, topic="A new contract")
        guest.book.click()
        guest.expect_done()
        assert len(practice.calls()) == 1

    def test_the_form_changed_and_sent_again_after_back_says_that_it_was_booked(self, visit, backstage, practice):
        guest = in_the_form(visit, backstage, practice, statuses={409})
        guest.fill_in(EMAIL, topic="A new contract")
        guest.book.click()
        guest.expect_done()
        guest.page.go_back()
        guest.fill_in(EMAIL, topic="Something else")
        guest.book.click()
        expect(guest.notice).to_contain_text("You have booked this time already")
        guest.others.first.click()
        guest.book.click()
        guest.expect_done()
        assert {call["answers"]["topic"] for call in practice.calls()} == {"A new contract", "Something else"}

    def test_a_form_with_mistakes_that_is_loaded_again_is_not_sent_again(self, visit, backstage, practice):
        guest = in_the_form(visit, backstage, practice, statuses={400})
        guest.page.locator("#book").evaluate("(form) => { form.noValidate = true; }")
        guest.book.click()
        expect(guest.notice).to_be_visible()
        sent: list[Request] = []
        guest.page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
        guest.page.reload()
        expect(guest.notice).to_have_count(0)
        expect(guest.page.get_by_role("status")).to_contain_text("Kept for you until")
        assert sent == []


class TestACode:
    @pytest.fixture
    def practice(self, backstage: Backstage) -> Practice:
        return backstage.practice(agents=["Ada Park"], questions=QUESTIONS, verification=Verification.EMAIL)

    def codes(self, backstage: Backstage, email: str, count: int) -> Sequence[str]:
        """Those that were sent to the guest, once there are so many."""
        found: list[str] = []

        def have_come() -> bool:
            answer = patient.get(f"{backstage.system.base_url}/__local/inbox", params={"to": email}).json()
            found[:] = [code for one in answer["messages"] for code in re.findall(r"^\d{6}\b", one["subject"] or "")]
            return len(found) >= count

        until(have_come, f"{count} codes")
        return found

    def test_is_read_in_the_inbox_and_a_wrong_one_can_be_mended(self, visit, backstage, practice):
        email = "code-1@example.com"
        guest = in_the_form(visit, backstage, practice, statuses={400})
        guest.fill_in(email, topic="A new contract")
        guest.book.click()
        expect(guest.field("code")).to_be_visible()
        assert practice.calls() == []
        (code,) = self.codes(backstage, email, 1)
        guest.field("code").fill("000000" if code != "000000" else "111111")
        guest.field("code").press("Enter")
        expect(guest.page.get_by_text("That is not the code")).to_be_visible()
        expect(guest.field("code")).to_be_focused()
        guest.field("code").fill(f"{code[:3]} {code[3:]}")
        guest.book.click()
        guest.expect_done()
        (call,) = practice.calls()
        assert (call["guest_email"], call["answers"]) == (email, {"topic": "A new contract"})

    def test_another_one_can_be_asked_for_without_javascript(self, visit, backstage, practice):
        email = "code-2@example.com"
        guest = in_the_form(visit, backstage, practice, javascript=False)
        guest.fill_in(email, topic="A new contract")
        guest.book.click()
        guest.button("form", "code_again").click()
        expect(guest.field("code")).to_be_visible()
        guest.field("code").fill(self.codes(backstage, email, 2)[-1])
        guest.book.click()
        guest.expect_done()
        assert len(practice.calls()) == 1

    def test_is_asked_for_again_with_another_time_if_the_first_was_taken_meanwhile(self, visit, backstage, practice):
        email = "code-3@example.com"
        guest = in_the_form(visit, backstage, practice, statuses={409})
        guest.fill_in(email, topic="A new contract")
        backstage.clock.advance(timedelta(minutes=8))
        guest.book.click()
        (code,) = self.codes(backstage, email, 1)
        guest.field("code").fill(code)
        backstage.clock.advance(timedelta(minutes=3))
        practice.book(backstage.weekday(7))
        guest.book.click()
        expect(guest.notice).to_contain_text("This time was just taken")
        guest.others.first.click()
        expect(guest.field("code")).to_have_value(code)
        guest.book.click()
        guest.expect_done()
        assert len(practice.calls()) == 2
