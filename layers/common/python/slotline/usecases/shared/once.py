"""Once per idempotency key, and again after a lost race: how everything but calls is changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from slotline.domain.shared.audit import Audited, Author
from slotline.domain.shared.errors import Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.ports.shared import (
    AlreadyAnswered,
    Backoff,
    Clock,
    Ids,
    RaceLost,
    RateLimitCheck,
    Receipts,
    StoreBusyError,
)
from slotline.usecases.shared.retrying import retry

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was made, as plain JSON. `replayed`: an earlier request with the same key made it."""

    result: Mapping[str, object]
    answered_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Runs an idempotent change: once for a key, and again after a lost race."""

    receipts: Receipts
    clock: Clock
    backoff: Backoff
    ids: Ids

    def __call__(
        self, key: IdempotencyKey | None, check_rate: RateLimitCheck, act: Callable[[datetime], Mapping[str, object]]
    ) -> Answered:
        """Answer as before, or let `act` read, decide and write; Unavailable after the last try.

        Every try has the same present, so that it writes the same: DynamoDB then knows a repeat for what it is.
        """
        now = self.clock.now()

        def attempt() -> Answered:
            receipt = self.receipts.find(key) if key else None
            if key is not None and receipt is not None:
                receipt.check(key)
                return Answered(result=receipt.result, answered_at=receipt.answered_at, replayed=True)
            check_rate()
            return Answered(result=act(now), answered_at=now)

        return self.retry(attempt)

    def audited(self, author: Author) -> Audited:
        """An act of somebody. Made before the tries of a request, so that each of them would write the same entry."""
        return Audited(id=self.ids.new(), at=self.clock.now(), author=author)

    def retry(self, act: Callable[[], Result]) -> Result:
        """Act again after a lost race or a busy store. Raises Unavailable after the last try."""
        gave_up = Unavailable(
            "The change could not be confirmed in time. Send it again; with an Idempotency-Key it is safe."
        )
        return retry(act, self.backoff, on=(RaceLost, AlreadyAnswered, StoreBusyError), or_else=gave_up)
