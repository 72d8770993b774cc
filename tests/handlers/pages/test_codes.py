"""A service that asks for a code: the form, the code that proves the guest's address, the booking."""

from collections.abc import Callable
from typing import Any

import pytest

from slotline.domain.messages.code_message import CodeMessage
from slotline.queues.sqs import to_body
from slotline.wiring.messages import sending
from tests.handlers.pages.conftest import EMAIL, NAME, PHONE, Guest, Office, Reply, at
from tests.support.builders.apps import SetClock
from tests.support.handlers import load_function


class Post:
    """What the channels were given."""

    def __init__(self, office: Office) -> None:
        self.office, self.sent = office, list[CodeMessage]()

    def send_code(self, message: CodeMessage) -> str:
        """As a channel takes it."""
        self.sent.append(message)
        return "1"

    @property
    def code(self) -> str:
        """The latest code, once what waits in the queue has gone out."""
        queue = self.office.ports.queues.sent
        waiting, queue[:] = list(queue), []
        records = [{"messageId": str(number), "body": to_body(due)} for number, (_, due) in enumerate(waiting)]
        load_function("reminders/send").handler({"Records": records}, None)
        return self.sent[-1].code

    @property
    def wrong(self) -> str:
        """Another one."""
        return f"{(int(self.code) + 1) % 10**6:06}"


@pytest.fixture
def post(office: Office, monkeypatch: pytest.MonkeyPatch) -> Post:
    """The service asks for a code by e-mail."""
    office.set_service(verification="email")
    found = Post(office)
    monkeypatch.setattr(sending, "code_messenger", lambda _channel: found)
    return found


def give(guest: Guest, asked: Reply, code: str, **fields: Any) -> Reply:
    """Enter a code."""
    return guest.press(asked.form, ("action", "book"), code=code, **fields)


def test_a_guest_fills_the_form_in_enters_the_code_and_has_booked(guest: Guest, office: Office, post: Post) -> None:
    asked = guest.book(guest.at_form(), notes="two\nlines")
    assert (asked.status, office.calls()) == (200, [])
    assert f"six digits to {EMAIL}" in asked.text
    assert post.code not in asked.body
    done = give(guest, asked, post.code)
    assert "You are booked" in done.text
    call = office.call()["call"]
    assert (call["guest_email"], call["guest_name"], call["guest_intake_notes"]) == (EMAIL, NAME, "two\nlines")


@pytest.mark.usefixtures("office")
def test_a_code_may_be_entered_with_spaces(guest: Guest, post: Post) -> None:
    asked = guest.book(guest.at_form())
    assert give(guest, asked, f" {post.code[:3]}\u00a0{post.code[3:]} ").status == 200


def test_a_code_goes_to_the_number_if_the_service_says_so(guest: Guest, office: Office, post: Post) -> None:
    office.set_service(verification="sms")
    missing = guest.book(guest.at_form())
    assert "Enter your phone number: we send a code to it" in missing.text
    asked = guest.book(missing, phone=PHONE)
    assert f"six digits to {PHONE}" in asked.text
    assert give(guest, asked, post.code).status == 200
    assert post.sent[0].recipient == "+573005550100"


def test_an_address_is_required_if_the_code_goes_to_it(guest: Guest, office: Office, post: Post) -> None:
    reply = guest.book(guest.at_form(), email="", phone=PHONE)
    assert reply.status == 400
    assert "Enter your e-mail address: we send a code to it" in reply.text
    assert (office.ports.queues.sent, post.sent) == ([], [])


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_after_a_wrong_code_the_page_says_so_beside_it_and_the_right_one_still_books(
    guest: Guest, office: Office, post: Post, language: str
) -> None:
    asked = guest.book(guest.at_form(lang=language))
    wrong = give(guest, asked, post.wrong)
    assert wrong.status == 400
    field = wrong.form.control("code").attributes
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "f-code-error")
    assert wrong.form.value("verification") == asked.form.value("verification")
    assert len(post.sent) == 1, "no other code was sent"
    assert give(guest, wrong, post.sent[0].code).status == 200
    assert len(office.calls()) == 1


@pytest.mark.parametrize("code", ["", "x", "1234567", "12 34", "\x00", "٠١٢٣٤٥", "9" * 5_000])
def test_what_is_no_code_is_a_wrong_one(guest: Guest, office: Office, post: Post, code: str) -> None:
    asked = guest.book(guest.at_form())
    reply = give(guest, asked, code)
    assert (reply.status, office.calls()) == (400, [])
    assert reply.form.control("code").kind == "text"
    assert post.sent == []


def test_a_code_that_was_guessed_at_too_often_is_over_and_another_one_books(
    guest: Guest, office: Office, post: Post
) -> None:
    asked = guest.book(guest.at_form())
    wrong = post.wrong
    for _ in range(5):
        reply = give(guest, asked, wrong)
    reply = give(guest, asked, post.sent[-1].code)
    assert reply.status == 400
    assert "This code is over. Ask for another one" in reply.text
    again = guest.press(reply.form, ("action", "code"))
    assert again.form.value("verification") != asked.form.value("verification")
    assert give(guest, again, post.code).status == 200
    assert len(office.calls()) == 1


def test_a_code_ends_after_ten_minutes(guest: Guest, office: Office, post: Post, clock: SetClock) -> None:
    asked = guest.book(guest.at_form())
    code = post.code
    clock.advance(minutes=10)
    reply = give(guest, asked, code)
    assert "This code is over" in reply.text
    assert office.calls() == []


def test_a_code_of_another_address_proves_nothing(guest: Guest, office: Office, post: Post) -> None:
    asked = guest.book(guest.at_form())
    reply = give(guest, asked, post.code, email="somebody@example.com")
    assert (reply.status, office.calls()) == (400, [])
    assert "This code is over" in reply.text


@pytest.mark.parametrize("verification", ["x", "x" * 128, "01890000-0000-7000-8000-00000000dead", "\x00"])
def test_a_code_that_nobody_sent_proves_nothing(guest: Guest, office: Office, post: Post, verification: str) -> None:
    asked = guest.book(guest.at_form())
    reply = give(guest, asked, post.code, verification=verification)
    assert (reply.status, office.calls()) == (400, [])


def test_an_id_that_is_too_long_for_any_code_is_as_none(guest: Guest, office: Office, post: Post) -> None:
    asked = guest.book(guest.at_form())
    reply = give(guest, asked, post.code, verification="x" * 5_000)
    assert (reply.status, office.calls()) == (200, [])
    assert reply.form.value("verification") not in ("x" * 5_000, asked.form.value("verification"))


@pytest.mark.usefixtures("post")
def test_codes_to_one_address_are_bounded_and_the_guest_is_told_from_when_there_are_more(
    guest: Guest, office: Office
) -> None:
    asked = guest.book(guest.at_form())
    for _ in range(4):
        asked = guest.press(asked.form, ("action", "code"))
        assert asked.status == 200
    reply = guest.press(asked.form, ("action", "code"))
    assert reply.status == 429
    assert "You can ask for another one from Wednesday, April 22, 1:00 PM" in reply.text
    assert reply.form.value("verification") == asked.form.value("verification"), "the latest is still good"
    assert office.calls() == []


@pytest.mark.usefixtures("post")
def test_who_mistyped_their_address_goes_back_to_the_form_and_finds_everything_there(
    guest: Guest, office: Office
) -> None:
    asked = guest.book(guest.at_form(), email="jnae@example.com", notes="two\nlines")
    form = guest.press(asked.form, ("action", "edit"))
    assert [form.form.value(name) for name in ("name", "email", "notes")] == [NAME, "jnae@example.com", "two\nlines"]
    assert form.form.value("verification") is None
    again = guest.book(form)
    assert f"six digits to {EMAIL}" in again.text
    assert office.calls() == []


def test_the_time_is_kept_longer_while_the_code_is_on_its_way(
    guest: Guest, office: Office, post: Post, clock: SetClock
) -> None:
    asked = guest.book(guest.at_form())
    clock.advance(minutes=9)
    longer = guest.press(asked.form, ("action", "extend"))
    assert longer.form.value("verification") == asked.form.value("verification")
    assert give(guest, longer, post.code).status == 200
    assert len(office.calls()) == 1


def test_a_time_that_was_taken_meanwhile_costs_no_try_and_no_other_code(
    guest: Guest, office: Office, post: Post, clock: SetClock
) -> None:
    form = guest.at_form()
    clock.advance(minutes=11)
    asked = guest.book(form)
    office.take("10:00")
    taken = give(guest, asked, post.code)
    assert taken.status == 409
    moved = guest.press(taken.form, ("move", at("10:30")))
    assert moved.form.value("verification") == asked.form.value("verification")
    assert give(guest, moved, post.sent[0].code).status == 200
    assert (len(office.calls()), len(post.sent)) == (1, 1)


def test_a_code_books_once_however_often_it_is_sent(
    guest: Guest, office: Office, post: Post, another: Callable[[str], Guest]
) -> None:
    asked = guest.book(guest.at_form())
    code = post.code
    assert give(guest, asked, code).text == give(guest, asked, code).text
    assert len(office.calls()) == 1
    theirs = another("192.0.2.2")
    other = theirs.book(theirs.at_form("11:00"))
    assert give(theirs, other, code, verification=asked.form.value("verification")).status == 400


def test_a_service_that_asks_for_no_code_any_more_books_without(guest: Guest, office: Office, post: Post) -> None:
    asked = guest.book(guest.at_form())
    office.set_service(verification="none")
    assert give(guest, asked, "").status == 200
    assert post.sent == []


@pytest.mark.usefixtures("office")
def test_nobody_books_past_the_code_by_leaving_it_out(guest: Guest, post: Post) -> None:
    form = guest.at_form()
    for code in ("", "123456"):
        assert "Is this you?" in guest.book(form, code=code).text
    assert post.sent == []
