"""One effect per request: what an `Idempotency-Key` binds together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.shared.errors import IdempotencyMismatch

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A client's key in its scope.

    `principal` is the credential, or the visitor who comes with one that is everybody's; `route` the method and path;
    `fingerprint` a digest of the body.
    """

    principal: str
    route: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The idempotency record: the first answer to a key, and when it was given. Commits with the effect or not at all.

    `result` is what the request made, as plain JSON.
    """

    key: IdempotencyKey
    result: Mapping[str, object]
    answered_at: datetime

    def check(self, again: IdempotencyKey) -> None:
        """Raises IdempotencyMismatch where the key comes back with another body."""
        if again.fingerprint != self.key.fingerprint:
            raise IdempotencyMismatch(
                "This Idempotency-Key was used before with another body. Send the same body, or a new key."
            )
