"""Ask the carrier what became of an attempt: nobody said what it answered, or that it is over."""

from collections.abc import Callable
from dataclasses import dataclass

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Report, order_of
from slotline.domain.dialing.numbers import CarrierName
from slotline.ports.dialing import Carrier, CarrierRefused, CarrierUnknownError, DialCalls, Numbers, UseCases
from slotline.usecases.dialing.record_attempt import RecordAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpAttempt:
    """Asks the carrier what became of an attempt."""

    calls: DialCalls
    use_cases: UseCases
    numbers: Numbers
    carriers: Callable[[CarrierName], Carrier | None]
    record_attempt: RecordAttempt

    def __call__(self, call: DialCall) -> DialCall | None:
        """The call afterwards. Nothing is ever dialled here. Raises StoreBusyError: it may be asked again."""
        place = (call.organization_id, call.id, call.last_attempt)
        attempt = self.calls.attempt(*place)
        if attempt is None:
            return None
        report, is_certain = self._look_up(call, attempt)
        if report is not None:
            self.record_attempt.report(*place, report)
        # A call that is still going on is looked at again, like one that was not found.
        if report is None or not report.status.is_final:
            is_gone = is_certain and report is None
            return self.record_attempt(*place, lambda one, now: one.not_found(now, is_certain=is_gone))
        return call

    def _look_up(self, call: DialCall, attempt: DialAttempt) -> tuple[Report | None, bool]:
        """What the carrier says, and whether it said anything."""
        use_case = self.use_cases.get(call.organization_id, call.use_case_id)
        number = self.numbers.get(call.organization_id, call.number_id)
        carrier = self.carriers(attempt.carrier)
        if carrier is None or use_case is None or number is None:
            return None, False
        order = order_of(call, attempt, use_case, number)
        try:
            return carrier.look_up(order, attempt.carrier_call_id, attempt.claimed_at), True
        except (CarrierRefused, CarrierUnknownError):
            return None, False
