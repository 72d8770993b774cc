"""What a delivery is signed with: Standard Webhooks (standardwebhooks.com, specification 1.0), and the vendor's scheme.

A secret is `whsec_` and the base64 of 24 to 64 bytes; those bytes are the key. Until their times run out the secrets
that were replaced sign too, so that a receiver may change over at any moment. The vendor's header has room for one
signature only: the oldest of them makes it, because a receiver may know no other.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


def key_of(secret: str) -> bytes:
    """The bytes that sign. Raises ValueError for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise ValueError("what follows whsec_ must be base64") from error
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"must be whsec_ and the base64 of {SHORTEST} to {LONGEST} bytes")
    return key


def signed_headers(
    *, event_id: str, event: str, delivery: str, body: bytes, secrets: Sequence[str], at: datetime
) -> Mapping[str, str]:
    """The headers of one attempt. `delivery`: subscription and attempt. `secrets`: the present one first."""
    seconds = str(int(at.timestamp()))
    message = b".".join((event_id.encode(), seconds.encode(), body))
    return {
        "content-type": "application/json",
        "user-agent": "Slotline-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{_standard(secret, message)}" for secret in secrets),
        "x-slotline-event": event,
        "x-slotline-delivery": delivery,
        "x-slotline-signature": f"sha256={hmac.new(secrets[-1].encode(), body, hashlib.sha256).hexdigest()}",
    }


def _standard(secret: str, message: bytes) -> str:
    return base64.b64encode(hmac.new(key_of(secret), message, hashlib.sha256).digest()).decode()
