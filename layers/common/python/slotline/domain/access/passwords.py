"""Which passwords are taken: long ones that are not the account's own words. No letter must be of any kind."""

from enum import StrEnum

from slotline.domain.access.users import User

SHORTEST, LONGEST = 12, 128
_WORDS = ("slotline", "password", "contraseña")
_TELLING = 4
"""Letters from which on a word of the account makes a password easy to guess."""


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    GUESSABLE = "guessable"


def weakness_of(password: str, user: User) -> Weakness | None:
    """What is wrong with a password, if anything (NIST SP 800-63B §5.1.1.2)."""
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    rest = password.lower()
    for word in (*_WORDS, *user.email.lower().replace("@", " ").split(), *user.name.lower().split()):
        rest = rest.replace(word, "") if len(word) >= _TELLING else rest
    varied = len(set(rest)) >= _TELLING
    return None if varied and len(rest) >= SHORTEST // 2 else Weakness.GUESSABLE
