"""Passwords, as argon2id keeps them (RFC 9106; its parameters are OWASP's for 19 MiB of memory)."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.low_level import Type

PASSES, MEMORY_KIB, LANES = 2, 19_456, 1
_NO_PASSWORD = "c29tZXRoaW5nLW9mLWl0cw$bm8gcGFzc3dvcmQgaGFzaGVzIHRvIHRoaXMgdGV4dC4"  # noqa: S105 - and it is none
"""A salt and a hash that no password has, in the encoding of the others."""


class Argon2Passwords:
    """`Passwords` by argon2id. However a keyboard composes a letter, it is the same one (NFKC, NIST SP 800-63B)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
        self._none = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${_NO_PASSWORD}"

    def hashed(self, password: str) -> str:
        """Its hash, with a salt of its own and the parameters in front."""
        return self._hasher.hash(_composed(password))

    def proves(self, kept: str | None, password: str) -> bool:
        """One computation, whether or not there is a password."""
        try:
            return self._hasher.verify(kept or self._none, _composed(password)) and kept is not None
        except VerificationError:
            return False

    def is_outdated(self, kept: str) -> bool:
        """Whether other parameters made it."""
        return self._hasher.check_needs_rehash(kept)


def _composed(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
