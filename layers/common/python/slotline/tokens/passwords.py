"""Passwords, as argon2id keeps them (RFC 9106; its parameters are OWASP's for 19 MiB of memory)."""

from argon2 import PasswordHasher
from argon2.low_level import Type


def password_hasher() -> PasswordHasher:
    """Hashes passwords and verifies them: 19 MiB, two passes, one lane."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
