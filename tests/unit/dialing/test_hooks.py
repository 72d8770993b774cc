"""Hooks: what their headers say is written only, and never told to another address than the one it was written for."""

import pytest

from slotline.domain.dialing.hooks import HIDDEN, Hook, with_kept_values
from slotline.domain.shared.errors import InvalidRequest

ONE, TWO = "https://one.example/hook", "https://two.example/hook"


def hook(url: str = ONE, **headers: str) -> Hook:
    return Hook(url=url, headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()))


KEPT = (hook(ONE, Authorization="Bearer 1", X_Team="a"), hook(TWO, Authorization="Bearer 2"))


def test_a_hook_is_shown_without_what_its_headers_say():
    assert KEPT[0].hidden == hook(ONE, Authorization=HIDDEN, X_Team=HIDDEN)
    assert "Bearer" not in repr(KEPT)


@pytest.mark.parametrize(
    ("sent", "whole"),
    [
        ((KEPT[0].hidden, KEPT[1].hidden), KEPT),
        ((KEPT[1].hidden, KEPT[0].hidden), (KEPT[1], KEPT[0])),
        ((KEPT[1].hidden,), (KEPT[1],)),
        ((hook(ONE, authorization=HIDDEN),), (hook(ONE, authorization="Bearer 1"),)),
        ((hook(ONE, X_Team=HIDDEN, Authorization="new"),), (hook(ONE, X_Team="a", Authorization="new"),)),
        (
            (hook("https://three.example/", X_New="c"), KEPT[0].hidden),
            (hook("https://three.example/", X_New="c"), KEPT[0]),
        ),
        ((), ()),
    ],
)
def test_a_hidden_value_keeps_what_is_there_for_the_same_url(sent, whole):
    assert with_kept_values(sent, KEPT) == whole


def test_of_two_hooks_with_one_url_each_keeps_its_own():
    kept = (hook(ONE, Authorization="first"), hook(ONE, Authorization="second"))
    assert with_kept_values([one.hidden for one in kept], kept) == kept


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ((hook(TWO, X_Team=HIDDEN),), "hooks[0].headers[0].value"),
        ((KEPT[0].hidden, hook("https://evil.example/", Authorization=HIDDEN)), "hooks[1].headers[0].value"),
        ((hook(ONE + "/", Authorization=HIDDEN),), "hooks[0].headers[0].value"),
        ((hook("https://ONE.example/hook", Authorization=HIDDEN),), "hooks[0].headers[0].value"),
        ((hook(ONE, X_New="n", X_Other=HIDDEN),), "hooks[0].headers[1].value"),
        ((KEPT[0].hidden, KEPT[0].hidden), "hooks[1].headers[0].value"),
    ],
    ids=["another key", "another url", "a longer url", "another spelling", "a new key", "one url too often"],
)
def test_a_secret_follows_its_hook_to_no_other_address(sent, field):
    with pytest.raises(InvalidRequest) as refused:
        with_kept_values(sent, KEPT)
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == (field, "nothing_kept")
    assert "Bearer" not in str(refused.value.message) + detail.message


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("X Team", "a", "key"),
        ("X-Team:", "a", "key"),
        ("X-Team\r\nHost", "a", "key"),
        ("", "a", "key"),
        ("Ñ", "a", "key"),
        ("Host", "evil.example", "key"),
        ("content-LENGTH", "0", "key"),
        ("Transfer-Encoding", "chunked", "key"),
        ("webhook-signature", "v1,x", "key"),
        ("X-Slotline-Event", "x", "key"),
        ("X-Team", "a\r\nX-Other: b", "value"),
        ("X-Team", "a\x00", "value"),
        ("X-Team", " a", "value"),
        ("X-Team", "ñ", "value"),
    ],
)
def test_a_header_that_no_request_of_ours_may_carry_is_refused(name, value, part):
    with pytest.raises(InvalidRequest) as refused:
        Hook(url=ONE, headers=(("X-Good", "yes"), (name, value))).check("hooks[3]")
    assert refused.value.details[0].field == f"hooks[3].headers[1].{part}"


def test_a_header_is_named_once_whatever_its_case():
    with pytest.raises(InvalidRequest) as refused:
        hook(ONE, X_Team="a", x_team="b").check("hooks[0]")
    assert refused.value.details[0].code == "repeated"


@pytest.mark.parametrize("value", ["", "a", "Bearer a.b-c_d~/+==", "a b\tc", HIDDEN])
def test_ordinary_headers_are_fine(value):
    hook(ONE, Authorization=value, X_Api_Key=value).check("hooks[0]")
