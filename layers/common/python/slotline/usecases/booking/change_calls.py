"""The same change for many calls: each on its own, so that one failure does not stop the others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from slotline.domain.booking.call_json import call_of_answer
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


@dataclass(frozen=True, slots=True)
class _Found:
    """An outcome, and whether it stands: what could not be decided now may be asked again with the same key."""

    outcome: Outcome
    more: Outcome = field(default_factory=dict)
    is_decided: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCalls:
    """Runs the same change on many calls. `show_call` and `show_error` say what the receipt of all keeps of a result.

    `show_more`: what is shown beside and may be large. Each call's own receipt has it: one for all would not hold it.
    """

    change_call: ChangeCall
    receipts: Receipts
    clock: Clock
    show_call: Callable[[Call], Outcome]
    show_more: Callable[[Call], Outcome]
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
            kept: Sequence[Outcome] = first.result["results"]  # type: ignore[assignment] # as it was kept below
            outcomes = [self._as_it_was(outcome, key) for outcome in kept]
            return ChangedCalls(outcomes=outcomes, answered_at=first.answered_at, replayed=True)
        found = [self._one(app_id, call_id, decide, actor, key, check_rate) for call_id in dict.fromkeys(call_ids)]
        now = self.clock.now()
        if key is not None and all(one.is_decided for one in found):
            results = [one.outcome for one in found]
            self.receipts.keep(Receipt(key=key, result={"results": results}, answered_at=now))
        return ChangedCalls(outcomes=[{**one.outcome, **one.more} for one in found], answered_at=now)

    def _as_it_was(self, outcome: Outcome, key: IdempotencyKey) -> Outcome:
        own = self.receipts.find(_own(key, str(outcome["id"]))) if "error" not in outcome else None
        return {**outcome, **self.show_more(call_of_answer(own.result))} if own else outcome

    def _one(
        self,
        app_id: str,
        call_id: str,
        decide: Decide,
        actor: Actor,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> _Found:
        own_key = _own(key, call_id) if key else None
        try:
            call = self.change_call(app_id, call_id, decide, actor, own_key, check_rate).call
        except (DomainError, StoreBusyError) as error:
            is_decided = not isinstance(error, Unavailable | StoreBusyError)
            return _Found(self.show_error(call_id, error), is_decided=is_decided)
        return _Found(self.show_call(call), more=self.show_more(call))


def _own(key: IdempotencyKey, call_id: str) -> IdempotencyKey:
    return replace(key, key=f"{key.key}\n{call_id}")
