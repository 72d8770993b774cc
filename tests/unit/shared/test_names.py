"""A name is one line of text: what no door takes, what is left out of old names, and what makes no link."""

import importlib
import pkgutil
import unicodedata
from collections.abc import Callable, Iterator
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

import slotline.http
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.names import check_line, check_name, check_prose, one_line, without_links
from slotline.http.core.models import Model
from tests.support.names import ODD_NAMES

REFUSED = [
    *((f"Ana{control}Eva", "control_character") for control in "\0\t\n\v\f\r\x1b\x1c\x7f\x85\x9f"),
    *((f"Ana{separator}Eva", "line_separator") for separator in "\u2028\u2029"),
    *((f"Ana{override}Eva", "direction") for override in "\u202d\u202e"),
    ("\u202eAna\u202c", "direction"),
    *((f"Ana {opened}Eva", "direction") for opened in "\u202a\u202b\u2066\u2067\u2068"),
    *((f"Ana {end}Eva", "direction") for end in "\u202c\u2069"),
    ("\u202bAna\u2069", "direction"),
    ("\u2067\u202bAna\u2069\u202c", "direction"),
    *(
        (unseen, "blank")
        for unseen in ("", " ", "\u00a0\u2003", "\u200b", "\u200d\u200c", "\ufeff", "\u3164", "\u2800")
    ),
    *((unseen, "blank") for unseen in ("\u0301", "\ufe0f")),
]


def _is_refused(check: Callable[[str], None], text: str) -> bool:
    try:
        check(text)
    except InvalidRequest:
        return True
    return False


def test_the_control_characters_that_are_refused_are_those_of_unicode() -> None:
    """Lines take none of them, prose takes line breaks and tabs."""
    everything = [chr(number) for number in range(0x3000)] + [chr(number) for number in range(0x3000, 0x110000, 257)]
    controls = {character for character in everything if unicodedata.category(character) == "Cc"}
    in_lines = {character for character in everything if _is_refused(check_line, f"Ana{character}Eva")}
    assert controls <= in_lines
    assert not {unicodedata.category(character) for character in in_lines - controls} - {"Cf", "Zl", "Zp"}
    assert {character for character in everything if _is_refused(check_prose, character)} == controls - set("\n\r\t")


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_what_is_not_one_visible_line_is_no_name(name: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_name(name, "guestName")
    assert (refused.value.details[0].field, refused.value.details[0].code) == ("guestName", code)


def test_a_text_that_may_be_blank_is_one_line_all_the_same() -> None:
    check_line("")
    check_line(" ")
    for name, code in REFUSED:
        if code != "blank":
            with pytest.raises(InvalidRequest):
                check_line(name)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_name_is_a_name_and_is_sent_as_it_is(name: str) -> None:
    check_name(name)
    assert one_line(name) == name


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ("Ana\u202egnp.exe", "Anagnp.exe"),
        ("\u202eAna\u202c Eva", "Ana Eva"),
        ("Ana \u2067Eva", "Ana Eva"),
        ("Ana\u2028Eva", "Ana Eva"),
        ("Ana \r\n Bcc: Eva", "Ana Bcc: Eva"),
        ("\u202b\u05d0\u202c Ana", "\u202b\u05d0\u202c Ana"),
    ],
)
def test_what_was_stored_before_is_sent_without_what_is_refused_now(stored: str, sent: str) -> None:
    assert one_line(stored) == sent


@given(st.text(max_size=60))
def test_whatever_was_stored_is_sent_as_a_line_that_every_door_would_take(stored: str) -> None:
    check_line(one_line(stored))
    assert one_line(one_line(stored)) == one_line(stored)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("www.example.com", "www. example. com"),
        ("https://example.com/pay", "https: //example. com/pay"),
        ("HTTP://LOCALHOST/x", "HTTP: //LOCALHOST/x"),
        ("See www.example.com/x?y=z now", "See www. example. com/x?y=z now"),
        ("ana@guest.example", "ana@guest. example"),
        ("mailto:ana", "mailto: ana"),
        ("tel:+573005550100", "tel: +573005550100"),
        ("Anahttps://192.0.2.1/x", "Anahttps: //192. 0.2.1/x"),
        ("1https://localhost/x", "1https: //localhost/x"),
        ("_https://localhost/x", "_https: //localhost/x"),
        ("\u00e9https://localhost/x", "\u00e9https: //localhost/x"),
        ("_tel:+573005550100", "_tel: +573005550100"),
        ("192.0.2.1/x", "192. 0.2.1/x"),
        ("example\u3002com", "example\u3002 com"),
        ("example.\u200bcom", "example. \u200bcom"),
        ("bücher.example", "bücher. example"),
        ("xn--bcher-kva.example", "xn--bcher-kva. example"),
        (
            "\u0909\u0926\u093e\u0939\u0930\u0923.\u092d\u093e\u0930\u0924",
            "\u0909\u0926\u093e\u0939\u0930\u0923. \u092d\u093e\u0930\u0924",
        ),
        ("Hotel:Ana", "Hotel:Ana"),
        ("J.R.R. Tolkien, Ph.D.", "J.R.R. Tolkien, Ph.D."),
        ("Acme Co., Ltd.", "Acme Co., Ltd."),
        ("Re: Ana", "Re: Ana"),
        ("Ana...", "Ana..."),
        ("Office 4.12, since 10.10.2026, v1.2", "Office 4.12, since 10.10.2026, v1.2"),
    ],
)
def test_what_looks_like_a_link_is_parted_and_what_does_not_is_left(name: str, sent: str) -> None:
    assert without_links(name, " ") == sent


def doors() -> Iterator[tuple[str, str, FieldInfo]]:
    """Every field of a body that names something, by what it is called."""
    for module in pkgutil.walk_packages(slotline.http.__path__, "slotline.http."):
        importlib.import_module(module.name)
    bodies = [Model]
    for body in bodies:
        bodies += body.__subclasses__()
        is_asked = body.model_config.get("extra") == "forbid"  # as every body of a request has it, and no answer
        for name, field in body.model_fields.items() if is_asked else ():
            if name.endswith(("name", "title", "label", "keywords", "evaluation_models")):
                yield body.__name__, name, field


def test_no_door_takes_a_name_that_is_not_one() -> None:
    found = list(dict.fromkeys((body, name) for body, name, _ in doors()))
    assert {("NewScheduledCall", "guest_name"), ("AgentChanges", "name"), ("NewPreset", "branding_name")} <= set(found)
    assert {("NewUseCase", "name"), ("TagBody", "name"), ("NewVideoCall", "title")} <= set(found), found
    for body, name, field in doors():
        door: TypeAdapter[object] = TypeAdapter(Annotated[(field.annotation, *field.metadata, None)])
        for bad in ("Ana\u202eEva", "Ana\u2028Eva", "Ana\nEva", "Ana\u2067"):
            assert is_refused(door, bad), f"{body}.{name} takes {bad!r}"
            assert is_refused(door, [bad]), f"{body}.{name} takes a list of {bad!r}"


def is_refused(door: TypeAdapter[object], value: object) -> bool:
    try:
        door.validate_python(value)
    except ValidationError:
        return True
    return False
