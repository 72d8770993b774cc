"""A form that is sent twice, by a double click or Back, does what it does once."""

from hashlib import sha256
from urllib.parse import urlencode

from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.pages.signed import CSRF_FIELD, SignedIn

ONCE_FIELD = "once"
"""An id that the page made for its form."""
_LONGEST = 64


def once_key(signed: SignedIn) -> IdempotencyKey | None:
    """The key of the form that was sent: its id, as far as it is this user's and this address's. None: it has none."""
    once = signed.asked.field(ONCE_FIELD)
    if not once or len(once) > _LONGEST:
        return None
    said = [(name, values) for name, values in sorted(signed.asked.form.items()) if name != CSRF_FIELD]
    return IdempotencyKey(
        principal=f"user:{signed.visit.user.user_id}",
        route=f"POST {signed.asked.event['rawPath']}",
        key=once,
        fingerprint=sha256(urlencode(said, doseq=True).encode()).hexdigest(),
    )
