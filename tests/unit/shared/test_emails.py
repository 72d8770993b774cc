"""E-mail addresses as mail services take them, at every door."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.shared.emails import LONGEST, to_mailbox
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain_names import to_ascii


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [
        ("jane@example.com", "jane@example.com"),
        ("Jane.Doe+calls@Mail.Example.com", "Jane.Doe+calls@Mail.Example.com"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("a-b_c!#$%&*/=?^`{|}~@example.co", "a-b_c!#$%&*/=?^`{|}~@example.co"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@BÜCHER.example", "ana@xn--bcher-kva.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana@例え.テスト", "ana@xn--r8jz45g.xn--zckzah"),
        ("ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"),
        ("1@2.example", "1@2.example"),
    ],
)
def test_an_address_that_services_deliver_to_is_taken(given_as: str, kept_as: str) -> None:
    assert to_mailbox(given_as, to_ascii) == kept_as


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ana..perez@example.com", "two in a row"),
        (".ana@example.com", "two in a row"),
        ("ana.@example.com", "two in a row"),
        ("ana@example..com", "two in a row"),
        ("ana@.example.com", "two in a row"),
        ("ana@example.com.", "two in a row"),
        ("aña@example.com", "letters outside ASCII before the @"),
        ("ана@example.com", "letters outside ASCII before the @"),
        ("ana", "one @"),
        ("@example.com", "one @"),
        ("ana@", "one @"),
        ("ana@b@example.com", "one @"),
        ("ana@localhost", "a name and an ending"),
        ("ana@192.0.2.1", "a name and an ending"),
        ("ana@[192.0.2.1]", "letters, digits, and hyphens"),
        ("ana@-example.com", "letters, digits, and hyphens"),
        ("ana@exa_mple.com", "letters, digits, and hyphens"),
        ("ana@exam ple.com", "letters, digits, and hyphens"),
        ("ana perez@example.com", "without spaces"),
        (" ana@example.com", "without spaces"),
        ('"ana"@example.com', "without spaces"),
        ("Ana <ana@example.com>", "without spaces"),
        ("ana,bob@example.com", "without spaces"),
        ("ana\n@example.com", "without spaces"),
        ("ana@bücher.", "two in a row"),
        ("ana@bü cher.example", "cannot be written in ASCII"),
        ("ana@b\u200bücher..example", "cannot be written in ASCII"),
        ("a" * 65 + "@example.com", "at most 64"),
        ("a@" + "a" * 64 + ".com", "letters, digits, and hyphens"),
        ("a@" + ".".join(["a" * 60] * 5), "at most 254"),
    ],
)
def test_anything_else_is_refused_and_says_why(address: str, why: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        to_mailbox(address, to_ascii, "guestEmail")
    (detail,) = refusal.value.details
    assert why in detail.message
    assert (detail.field, detail.code) == ("guestEmail", "email")


@given(st.text(max_size=300))
def test_whatever_is_taken_is_ascii_has_one_at_and_is_taken_again_as_it_is(text: str) -> None:
    try:
        mailbox = to_mailbox(text, to_ascii)
    except InvalidRequest:
        return
    assert mailbox.isascii()
    assert mailbox.count("@") == 1
    assert len(mailbox) <= LONGEST
    assert to_mailbox(mailbox, to_ascii) == mailbox


@given(st.from_regex(r"[a-z.]{1,10}@[a-zäöüß.例-]{1,20}", fullmatch=True))
def test_no_dot_of_an_address_is_doubled_or_at_an_end(text: str) -> None:
    try:
        local, _, domain = to_mailbox(text, to_ascii).partition("@")
    except InvalidRequest:
        return
    for part in (local, domain):
        assert "" not in part.split(".")
