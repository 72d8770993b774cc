"""Call a call off: no further attempt is made, and one that is under way is hung up."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.dialing import Carrier, CarrierRefused, CarrierUnknownError, DialCalls, DialWrite
from slotline.ports.shared import Backoff, Clock, RateLimitCheck
from slotline.usecases.dialing.read_calls import read_dial_call
from slotline.usecases.shared.once import Once
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffDial:
    """Calls a dial call off."""

    calls: DialCalls
    carriers: Callable[[CarrierName], Carrier | None]
    clock: Clock
    backoff: Backoff

    def __call__(self, organization_id: str, call_id: str, *, hang_up: bool) -> DialCall:
        """The call afterwards; itself if it was over. Raises NotFound or StoreBusyError.

        `hang_up`: end a conversation too; otherwise it goes on to its end. If the carrier does not answer, the
        longest duration ends it.
        """

        def act() -> tuple[DialCall, Sequence[DialAttempt]]:
            found = self.calls.get(organization_id, call_id)
            if found is None:
                raise NotFound("There is no such call.")
            call, attempts = found
            after = call.called_off(self.clock.now())
            if after is not call:
                self.calls.write(DialWrite(call=after, replaces=call.revision, event=event_of(call, after)))
            return after, attempts

        after, attempts = retry(act, self.backoff)
        if hang_up and after.is_under_way and after.carrier_call_id:
            self._hang_up(attempts[-1].carrier, after.carrier_call_id)
        return after

    def _hang_up(self, name: CarrierName, carrier_call_id: str) -> None:
        carrier = self.carriers(name)
        with suppress(CarrierRefused, CarrierUnknownError):  # its longest duration ends it then
            if carrier is not None:
                carrier.hang_up(carrier_call_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOffOnce:
    """The same at somebody's request: again with the same key, the same answer."""

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
