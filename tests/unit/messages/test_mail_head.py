"""The head of an e-mail: how names are written into it, and that what was not asked for is never sent."""

import pytest

from slotline.channels.mail_head import Mailbox, UnfitHead, check_head, head_of

ADDRESS = "ana@guest.example"


def written(name: str) -> str:
    return head_of({"To": Mailbox(name, ADDRESS)}, {}).decode("ascii")


@pytest.mark.parametrize(
    ("name", "as_written"),
    [
        ("Ana Perez", "Ana Perez"),
        ("Perez, Ana", '"Perez, Ana"'),
        ('Ana "A" \\ Perez', '"Ana \\"A\\" \\\\ Perez"'),
        ("Ana García", "=?utf-8?q?Ana_Garc=C3=ADa?="),
        ("安娜", "=?utf-8?b?5a6J5aic?="),
        ("=?utf-8?q?Ana?=", "=?utf-8?b?PT91dGYtOD9xP0FuYT89?="),
        ("Ana  Perez", "=?utf-8?q?Ana__Perez?="),
    ],
)
def test_a_name_is_atoms_a_quoted_string_or_encoded_words(name: str, as_written: str) -> None:
    assert written(name) == f"To: {as_written} <{ADDRESS}>\r\n"


def test_a_mailbox_without_a_name_is_its_address() -> None:
    assert written("") == f"To: <{ADDRESS}>\r\n"


@pytest.mark.parametrize("name", ["Smith, Jones & Brown; " * 9, "ñ" * 200, "山" * 200, "a" * 200])
def test_a_long_name_is_folded_between_encoded_words_and_no_character_is_divided(name: str) -> None:
    lines = written(name).removesuffix("\r\n").split("\r\n")
    assert len(lines) > 2
    assert max(len(line) for line in lines) <= 78
    assert all(line.startswith(" =?utf-8?") for line in lines[1:-1])
    assert lines[-1].endswith(f" <{ADDRESS}>")


def test_a_text_is_folded_where_it_has_spaces() -> None:
    head = head_of({}, {"Subject": "video call " * 20 + "end"}).decode("ascii")
    assert max(len(line) for line in head.split("\r\n")) <= 78
    assert head.replace("\r\n ", " ") == "Subject: " + "video call " * 20 + "end\r\n"


@pytest.mark.parametrize(
    "address",
    [
        *("", "ana", "@guest.example", "ana@", "ana@guest.example, eve@x.example", "ana@guest.example\r\nBcc: Eve"),
        *("ana..perez@guest.example", ".ana@guest.example", "ana@guest..example", "ana@bücher.example"),
        *("a b@guest.example", "<ana@guest.example>", "Ana <ana@guest.example>", "ana@[192.0.2.1]"),
        *('"ana"@guest.example', "a" * 65 + "@guest.example"),
    ],
)
def test_what_is_not_one_plain_address_is_not_written(address: str) -> None:
    with pytest.raises(UnfitHead) as unfit:
        head_of({"To": Mailbox("Ana", address)}, {})
    assert not address or address not in str(unfit.value)


GOOD = b"To: Ana <ana@guest.example>\r\nSubject: Call\r\n"


def test_a_head_as_it_was_asked_for_is_sent() -> None:
    check_head(GOOD, {"To": ADDRESS}, ["Subject"])
    check_head(b"To: Ana\r\n Perez <ana@guest.example>\r\nSubject: A\r\n call\r\n", {"To": ADDRESS}, ["Subject"])


@pytest.mark.parametrize(
    "head",
    [
        GOOD + b"Bcc: eve@x.example\r\n",
        b"Bcc: eve@x.example\r\n" + GOOD,
        b"To: Ana <ana@guest.example>\r\n\r\nSubject: Call\r\n",
        b"To: Ana <ana@guest.example>\r\n \r\nSubject: Call\r\n",
        b"To: Ana <ana@guest.example>\nSubject: Call\r\n",
        b"To: Ana <ana@guest.example>\r\nSubject: Call\r\r\n",
        b"To: Ana <ana@guest.example>\r\nSubject: Call",
        b"To: Ana <ana@guest.example>\r\nSubject: \xc3\x81\r\n",
        b"To: Ana <ana@guest.example>\r\nSubject: a\0b\r\n",
        b"To: Ana <ana@guest.example>\r\nSubject: " + b"a" * 990 + b"\r\n",
        b"To: Perez, Ana <ana@guest.example>\r\nSubject: Call\r\n",
        b"To: eve@x.example, Ana <ana@guest.example>\r\nSubject: Call\r\n",
        b'To: "Ana" <eve@x.example>, "Ana" <ana@guest.example>\r\nSubject: Call\r\n',
        b"To: Ana <eve@x.example>\r\nSubject: Call\r\n",
        b"To: Ana (Perez) <ana@guest.example>\r\nSubject: Call\r\n",
        b'To: "Ana <ana@guest.example>\r\nSubject: Call\r\n',
        b"To: ana@guest.example\r\nSubject: Call\r\n",
        b"Subject: Call\r\nTo: Ana <ana@guest.example>\r\n",
        b"To: Ana <ana@guest.example>\r\n",
        b"",
    ],
)
def test_a_head_with_a_line_or_an_address_that_was_not_asked_for_is_not_sent(head: bytes) -> None:
    with pytest.raises(UnfitHead):
        check_head(head, {"To": ADDRESS}, ["Subject"])
