"""Second factors: which codes they take, and what is left of them afterwards. No code is taken twice."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace

from slotline.domain.access.identity import secret_hash
from slotline.domain.access.sessions import SessionKey
from slotline.domain.access.users import SecondFactor

SECRET_BYTES = 20
"""Of an authenticator's secret: as long as its hash (RFC 4226 §4)."""
RECOVERY_CODES = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter looks like a digit."""
_LOOKS_LIKE = str.maketrans("oil", "011")
_LETTERS, _GROUP = 16, 4
RECOVERY_BYTES = _LETTERS * 5 // 8


def recovery_code(random: bytes) -> str:
    """Ten random bytes as somebody writes them down: four groups of four."""
    number = int.from_bytes(random[:RECOVERY_BYTES], "big")
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LETTERS))
    return "-".join(text[start : start + _GROUP] for start in range(0, _LETTERS, _GROUP))


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however it is typed. 80 random bits: a fast hash gives nothing away."""
    letters = "".join(letter for letter in code.lower() if letter.isalnum())
    return secret_hash(letters.translate(_LOOKS_LIKE))


def digits_of(code: str) -> str:
    """An authenticator's code, which some show in two groups."""
    return code.replace(" ", "")


def spent(factor: SecondFactor, step: int | None, code: str) -> SecondFactor | None:
    """What is left once this code was taken; None for a wrong code, and for one that was taken before.

    `step`: the time step that the authenticator has this code in, if it is of about now.
    """
    if step is not None:
        return replace(factor, last_step=step) if step > factor.last_step else None
    hashed = recovery_hash(code)
    if hashed not in factor.recovery_hashes:
        return None
    return replace(factor, recovery_hashes=tuple(kept for kept in factor.recovery_hashes if kept != hashed))


def offered(key: SessionKey) -> str:
    """The secret that is offered for an authenticator: it follows from the session, and is kept nowhere until then."""
    random = hmac.new(key.secret.encode(), b"second factor", hashlib.sha256).digest()[:SECRET_BYTES]
    return base64.b32encode(random).decode()


def set_up(secret: str, step: int, recovery_codes: Sequence[str]) -> SecondFactor:
    """A second factor whose first code was of this step; it proved that the authenticator has the secret."""
    hashes = tuple(recovery_hash(code) for code in recovery_codes)
    return SecondFactor(secret=secret, last_step=step, recovery_hashes=hashes)
