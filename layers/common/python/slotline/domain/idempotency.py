"""One effect per request: what an `Idempotency-Key` binds together."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.calls import Call
from slotline.domain.errors import IdempotencyMismatch

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A client's key in its scope.

    `principal` is the credential, `route` the method and path; `fingerprint` a digest of the body.
    """

    principal: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The first answer to a key: the call as it was then, and when. Commits with the effect or not at all."""

    key: IdempotencyKey
    call: Call
    answered_at: datetime

    def check(self, again: IdempotencyKey) -> None:
        """Raises IdempotencyMismatch where the key comes back with another body."""
        if again.fingerprint != self.key.fingerprint:
            raise IdempotencyMismatch(
                "This Idempotency-Key was used before with another body. Send the same body, or a new key."
            )
