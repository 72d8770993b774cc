"""Role tokens: whom they make what, and when they are dead."""

import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.guest_links import LinkKey, LinkKeys
from slotline.domain.booking.role_tokens import TOKEN_LENGTH, is_good, token_of
from slotline.domain.booking.rooms import Side

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
CALL, OTHER = "01960000-0000-7000-8000-000000000001", "01960000-0000-7000-8000-000000000002"
KEYS = LinkKeys((LinkKey(id=1, secret="a" * 32),))
ROTATED = KEYS.rotated("b" * 32, NOW)


def token(side: Side = Side.HOST, call: str = CALL, bound: str = "", ends_at: datetime | None = None) -> str:
    """A token of these keys."""
    return token_of(KEYS, call, side, bound_to=bound, ends_at=ends_at, now=NOW)


def test_a_token_opens_its_side_of_its_call_and_no_other():
    assert is_good(KEYS, token(), CALL, Side.HOST, now=NOW)
    assert not is_good(KEYS, token(), CALL, Side.GUEST, now=NOW)
    assert not is_good(KEYS, token(), OTHER, Side.HOST, now=NOW)
    assert len(token()) == TOKEN_LENGTH


def test_a_token_dies_with_what_it_is_bound_to():
    made = token(bound="agent ada")
    assert is_good(KEYS, made, CALL, Side.HOST, bound_to="agent ada", now=NOW)
    assert not is_good(KEYS, made, CALL, Side.HOST, bound_to="agent ben", now=NOW)


def test_a_token_with_an_end_is_good_until_then():
    made = token(ends_at=NOW + timedelta(hours=1))
    assert is_good(KEYS, made, CALL, Side.HOST, now=NOW + timedelta(minutes=59))
    assert not is_good(KEYS, made, CALL, Side.HOST, now=NOW + timedelta(hours=1))


def test_a_token_outlives_the_rotation_of_its_key_but_not_its_end():
    assert is_good(ROTATED, token(), CALL, Side.HOST, now=NOW)
    assert not is_good(KEYS.replaced("c" * 32), token(), CALL, Side.HOST, now=NOW)


@pytest.mark.parametrize("at", range(TOKEN_LENGTH))
def test_no_letter_of_a_token_may_be_another(at: int):
    made = token()
    others = [letter for letter in string.ascii_letters + string.digits + "-_" if letter != made[at]]
    altered = [made[:at] + letter + made[at + 1 :] for letter in others]
    assert not any(is_good(KEYS, one, CALL, Side.HOST, now=NOW) for one in altered)


@given(st.text(max_size=80))
def test_what_is_no_token_opens_nothing_and_breaks_nothing(text: str):
    assert not is_good(KEYS, text, CALL, Side.HOST, now=NOW)
    assert not is_good(KEYS, token() + text[:1] if text else "", CALL, Side.HOST, now=NOW)


def test_there_is_no_token_for_what_is_no_call():
    with pytest.raises(ValueError, match="not a call's id"):
        token(call="abcd")
