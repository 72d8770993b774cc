"""Changes of a call by people who signed in: the use cases of the API, on the call that they saw.

A form says as what its call was shown. If somebody else has changed the call since, nothing is done, and the page shows
the call as it is now. The same form sent twice is one change.
"""

import json
from collections.abc import Callable
from hashlib import sha256

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.calls import Call
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.pages.calls.forms import SEEN
from slotline.pages.signed import CSRF_FIELD, SignedIn
from slotline.usecases.booking.as_seen import AsSeen
from slotline.usecases.booking.change_call import ChangeCall, Decide


def form_key(signed: SignedIn, about: str) -> IdempotencyKey:
    """The key of a form: sent twice, it has one effect. `about`: what it is about, such as a call at a revision."""
    fields = sorted((name, list(values)) for name, values in signed.asked.form.items() if name != CSRF_FIELD)
    path = signed.asked.request.url.path
    return IdempotencyKey(
        principal=signed.visit.user.user_id,
        route=f"POST {path}",
        key=sha256(f"{path} {about}".encode()).hexdigest(),
        fingerprint=sha256(json.dumps(fields).encode()).hexdigest(),
    )


def change(signed: SignedIn, change_call: Callable[[], ChangeCall], call_id: str, decide: Decide) -> Call:
    """Make one change, and return the call as it is then. Raises what stands against it."""
    seen = signed.asked.field(SEEN)
    key = form_key(signed, f"{seen} {signed.asked.field('revision')}")  # it may be as it was again, and change again
    return change_call()(signed.app.app_id, call_id, AsSeen(seen, decide), signed.actor, key, no_rate_limit).call
