"""Where randomness is made: ids that sort by the time they were made, and secrets that cannot be guessed.

The core takes ids as arguments; whoever calls it gets them here.
"""

import base64
import secrets
import threading
import time

_RANDOM_BITS = 74
_RANDOM_MASK = (1 << _RANDOM_BITS) - 1
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62

_lock = threading.Lock()
_last = 0


def uuid7(unix_ms: int, random_bits: int) -> str:
    """A UUID of version 7 (RFC 9562 §5.7): 48 bits of milliseconds, then the low 74 of `random_bits`."""
    random = random_bits & _RANDOM_MASK
    upper, lower = random >> 62, random & ((1 << 62) - 1)
    value = (unix_ms & ((1 << 48) - 1)) << 80 | _VERSION | upper << 64 | _VARIANT | lower
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def new_id() -> str:
    """A new id, later in order than any this process made before (RFC 9562 §6.2, method 2).

    Two ids of one millisecond, or of a clock set back, are told apart by a random step from the one before.
    """
    global _last  # noqa: PLW0603 - the order within a process is the process's own state
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last >> _RANDOM_BITS:
            _last = now << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        else:
            _last += 1 + secrets.randbits(32)
        return uuid7(_last >> _RANDOM_BITS, _last)


def new_secret(prefix: str) -> str:
    """`prefix` and 256 random bits in 43 characters that are safe in a URL, a header and a form."""
    return prefix + secrets.token_urlsafe(32)


def new_webhook_secret() -> str:
    """256 random bits as Standard Webhooks writes a secret: `whsec_` and base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
