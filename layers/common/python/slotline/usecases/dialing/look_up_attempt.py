"""Ask the carrier what became of an attempt: nobody said what it answered, or that it is over."""

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Report, order_of
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.dialing import AttemptFacts, Carrier, CarrierRefused, CarrierUnknownError
from slotline.usecases.dialing.record_attempt import RecordAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpAttempt:
    """Asks the carrier what became of an attempt."""

    facts: AttemptFacts
    carriers: Callable[[CarrierName], Carrier | None]
    record_attempt: RecordAttempt

    def __call__(self, call: DialCall) -> DialCall | None:
        """The call afterwards. Nothing is ever dialled here. Raises StoreBusyError: it may be asked again."""
        place = (call.organization_id, call.id, call.last_attempt)
        attempt, use_case, number = self.facts.before_lookup(call)
        if attempt is None:
            return None
        there = AttemptedCall(call=call, attempt=attempt)
        report, is_certain = self._look_up(there, use_case, number)
        if report is not None:
            there = self.record_attempt.report(*place, report, there, use_case) or there
        # A call that is still going on is looked at again, like one that was not found.
        if report is None or not report.status.is_final:
            is_gone = is_certain and report is None
            after = self.record_attempt(*place, lambda one, now: one.not_found(now, is_certain=is_gone), seen=there)
            return after.call if after else None
        return there.call

    def _look_up(
        self, there: AttemptedCall, use_case: UseCase | None, number: Number | None
    ) -> tuple[Report | None, bool]:
        """What the carrier says, and whether it said anything."""
        call, attempt = there.call, there.attempt
        carrier = self.carriers(attempt.carrier)
        if carrier is None or use_case is None or number is None:
            return None, False
        order = order_of(call, attempt, use_case, number)
        try:
            return carrier.look_up(order, attempt.carrier_call_id, attempt.claimed_at), True
        except (CarrierRefused, CarrierUnknownError):
            return None, False
