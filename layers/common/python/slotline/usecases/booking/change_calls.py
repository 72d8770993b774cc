"""The same change for many calls: each on its own, so that one failure does not stop the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.calls import Actor, Call
from slotline.domain.shared.errors import DomainError, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.shared import Clock, RateLimitCheck, Receipts, StoreBusyError
from slotline.usecases.booking.change_call import ChangeCall, Decide

Outcome = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCalls:
    """An outcome per call, in the order asked."""

    outcomes: Sequence[Outcome]
    answered_at: datetime
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCalls:
    """Runs the same change on many calls. `show_*` turn a result into the plain JSON that a receipt keeps."""

    change_call: ChangeCall
    receipts: Receipts
    clock: Clock
    show_call: Callable[[Call], Outcome]
    show_error: Callable[[str, DomainError | StoreBusyError], Outcome]

    def __call__(
        self,
        app_id: str,
        call_ids: Sequence[str],
        decide: Decide,
        actor: Actor,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> ChangedCalls:
        """Change them one by one. With a key, each call's change has a receipt of its own, and the whole another."""
        check_rate()
        if key is not None and (first := self.receipts.find(key)) is not None:
            first.check(key)
            outcomes: Sequence[Outcome] = first.result["results"]  # type: ignore[assignment] # as it was kept below
            return ChangedCalls(outcomes=outcomes, answered_at=first.answered_at, replayed=True)
        found = [self._one(app_id, call_id, decide, actor, key, check_rate) for call_id in dict.fromkeys(call_ids)]
        outcomes = [outcome for outcome, _ in found]
        now = self.clock.now()
        if key is not None and all(is_decided for _, is_decided in found):
            self.receipts.keep(Receipt(key=key, result={"results": list(outcomes)}, answered_at=now))
        return ChangedCalls(outcomes=outcomes, answered_at=now)

    def _one(
        self,
        app_id: str,
        call_id: str,
        decide: Decide,
        actor: Actor,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> tuple[Outcome, bool]:
        """The outcome, and whether it stands: what could not be decided now may be asked again with the same key."""
        own_key = replace(key, key=f"{key.key}\n{call_id}") if key else None
        try:
            return self.show_call(self.change_call(app_id, call_id, decide, actor, own_key, check_rate).call), True
        except (DomainError, StoreBusyError) as error:
            return self.show_error(call_id, error), not isinstance(error, Unavailable | StoreBusyError)
