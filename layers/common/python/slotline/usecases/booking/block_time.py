"""What exceptions and do-not-disturb windows have in common: a record first, then the calls that it affects.

The calls are read when the time is blocked already, so that none can be booked there unseen. The receipt of the
idempotency key commits with the record, and gets the calls afterwards; a repeat in between finishes the work.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.blocks import Affects, affected, span_of
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.booking import Bookings
from slotline.ports.shared import RateLimitCheck
from slotline.usecases.shared.once import Answered, Once


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTime:
    """Blocks an agent's time: a record first, then the calls that it affects."""

    bookings: Bookings
    once: Once

    def __call__(
        self,
        app_id: str,
        agent_id: str,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
        record: Callable[[datetime], Mapping[str, object]],
        finish: Callable[[Mapping[str, object]], Sequence[Claim]],
        tell: Callable[[Mapping[str, object], Affects], None] = lambda _record, _affects: None,
    ) -> Answered:
        """What `record` wrote, with `affects`. `finish` writes what is left, and says which time is blocked.

        `tell` is told of the calls affected, and of all of them again where a repeat finishes the work.
        """
        answered = self.once(key, check_rate, record)
        if "affects" in answered.result:
            return answered
        affects = self._affects(app_id, agent_id, finish(answered.result))
        tell(answered.result, affects)
        whole = replace(answered, result={**answered.result, "affects": plain(affects.shown)})
        if key is not None:
            receipt = Receipt(key=key, result=whole.result, answered_at=whole.answered_at)
            self.once.retry(lambda: self.once.receipts.complete(receipt))
        return whole

    def _affects(self, app_id: str, agent_id: str, claims: Sequence[Claim]) -> Affects:
        if not claims:
            return Affects(count=0)
        candidate = self.once.retry(lambda: self.bookings.candidate(app_id, agent_id, span_of(claims)))
        return affected(candidate.agent_days, claims, self.once.clock.now()) if candidate else Affects(count=0)
