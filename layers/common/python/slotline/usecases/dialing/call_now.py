"""Dial one number as soon as its hours allow, outside any campaign."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaign_requests import CampaignRequest, call_of, campaign_of
from slotline.domain.dialing.rows import Row
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import Detail
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.plain_json import plain
from slotline.ports.dialing import DialCalls
from slotline.ports.shared import Ids, RateLimitCheck
from slotline.usecases.dialing.schedule_calls import PlanCalls
from slotline.usecases.shared.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The call, with its use case. `replayed`: an earlier request with the same key created it.

    `unfilled`: placeholders of what is said that its parameters leave empty. `warnings`: rules that never hold for it.
    """

    call: DialCall
    use_case: UseCase
    unfilled: Sequence[str]
    warnings: Sequence[Detail]
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNow:
    """Dials one number outside any campaign. `to_use_case` makes one of plain JSON again: a receipt keeps it."""

    plan: PlanCalls
    calls: DialCalls
    ids: Ids
    once: Once
    to_use_case: Callable[[Mapping[str, Any]], UseCase]

    def __call__(
        self,
        request: CampaignRequest,
        row: Row,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> Called:
        """The call, due now or at the next opening. Raises InvalidRequest or RowsRefused.

        The receipt is kept first: a repeat of the same request adds the same call, which may be there already.
        """
        retry = self.once.retry
        receipt = retry(lambda: self.once.receipts.find(key)) if key else None
        if key and receipt:
            receipt.check(key)
        check_rate()
        now = receipt.answered_at if receipt else self.once.clock.now()
        use_case = self.to_use_case(json.loads(str(receipt.result["use_case"]))) if receipt else None
        found = retry(lambda: self.plan(request, lambda: [row], now, use_case))
        call_id = str(receipt.result["call_id"]) if receipt else self.ids.new()
        if key and not receipt:
            answer = {"call_id": call_id, "use_case": json.dumps(plain(found.use_case))}
            if not retry(lambda: self.once.receipts.keep(Receipt(key=key, result=answer, answered_at=now))):
                kept = retry(lambda: self.once.receipts.find(key))
                if kept and kept.result["call_id"] != call_id:
                    return self(request, row, key, check_rate)
        first = call_of(found.calls[0], campaign_of(request, call_id, now), found.number, now, now)
        call = replace(first, id=call_id, campaign_id=None)
        retry(lambda: self.calls.add([call]))
        return Called(
            call=call,
            use_case=found.use_case,
            unfilled=found.unfilled,
            warnings=found.warnings,
            replayed=receipt is not None,
        )
