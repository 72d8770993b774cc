"""One effect per request: what an `Idempotency-Key` binds together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slotline.domain.shared.errors import IdempotencyMismatch

if TYPE_CHECKING:  # most receipts are of something else
    from slotline.domain.booking.calls import Call

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
    """The first answer to a key, and when it was given. Commits with the effect or not at all.

    `result` is the call as it was then, or whatever else the request made, as plain JSON.
    """

    key: IdempotencyKey
    result: Call | Mapping[str, object]
    answered_at: datetime

    @property
    def call(self) -> Call:
        """The result of a request that books or changes a call. Raises TypeError for any other."""
        if isinstance(self.result, Mapping):
            raise TypeError("this receipt is not a call's")
        return self.result

    @property
    def answer(self) -> Mapping[str, object]:
        """The result of any other request. Raises TypeError for a call's."""
        if not isinstance(self.result, Mapping):
            raise TypeError("this receipt is a call's")
        return self.result

    def check(self, again: IdempotencyKey) -> None:
        """Raises IdempotencyMismatch where the key comes back with another body."""
        if again.fingerprint != self.key.fingerprint:
            raise IdempotencyMismatch(
                "This Idempotency-Key was used before with another body. Send the same body, or a new key."
            )
