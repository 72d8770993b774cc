"""The codes of authenticator apps: six digits that change every half minute (RFC 6238), by pyotp."""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30
_DIGITS = 6
_TOLERANCE = 1
"""Steps that a clock may be off, and that typing may take, each way (RFC 6238 §5.2)."""


class TotpCodes:
    """`OneTimeCodes` by pyotp."""

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """The latest step that it fits; every one is compared, each in constant time."""
        if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
            return None
        generator = pyotp.TOTP(secret, digits=_DIGITS, interval=STEP_SECONDS)
        present = int(now.timestamp()) // STEP_SECONDS
        near = range(present - _TOLERANCE, present + _TOLERANCE + 1)
        return max((step for step in near if hmac.compare_digest(generator.generate_otp(step), code)), default=None)

    def address_of(self, secret: str, account: str, issuer: str) -> str:
        """The address by which an authenticator takes the secret in, mostly from a picture."""
        return pyotp.TOTP(secret, digits=_DIGITS, interval=STEP_SECONDS).provisioning_uri(
            name=account, issuer_name=issuer
        )
