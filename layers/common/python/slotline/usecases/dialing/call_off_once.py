"""Call a call off at somebody's request: again with the same key, the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.calls import DialCall
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.shared import RateLimitCheck
from slotline.usecases.dialing.call_off import CallOffDial
from slotline.usecases.dialing.read_calls import read_dial_call
from slotline.usecases.shared.once import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffOnce:
    """The use case, with what it uses."""

    call_off: CallOffDial
    once: Once

    def __call__(
        self,
        organization_id: str,
        call_id: str,
        *,
        hang_up: bool,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> tuple[DialCall, bool]:
        """The call as it is then, and whether an earlier request with the same key did it. Raises NotFound."""

        def act(now: datetime) -> Mapping[str, object]:
            self.call_off(organization_id, call_id, hang_up=hang_up)
            if key is not None:
                self.once.receipts.keep(Receipt(key=key, result={"call_id": call_id}, answered_at=now))
            return {}

        answered = self.once(key, check_rate, act)
        call, _ = self.once.retry(lambda: read_dial_call(self.call_off.calls, organization_id, call_id))
        return call, answered.replayed
