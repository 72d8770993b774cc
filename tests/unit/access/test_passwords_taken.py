"""Which passwords are taken."""

import pytest

from slotline.domain.access.passwords import Weakness, weakness_of
from tests.support.builders.people import a_user

USER = a_user(name="Ada Lovelace", email="ada.lovelace@example.com")


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("eleven char", Weakness.SHORT),
        ("twelve chars", None),
        ("x" * 120 + " and more", Weakness.LONG),
        ("ada.lovelace@example.com", Weakness.GUESSABLE),
        ("LovelaceLovelace", Weakness.GUESSABLE),
        ("aaaaaaaaaaaaaaaa", Weakness.GUESSABLE),
        ("slotline-2027", Weakness.GUESSABLE),
        ("correct horse battery staple", None),
        ("żółte kaczki w stawie", None),
    ],
)
def test_a_password_is_long_and_not_made_of_the_accounts_own_words(password: str, weakness: Weakness | None):
    assert weakness_of(password, USER) is weakness
