"""A carrier says how a call goes on. It says it twice, late, and in any order."""

from dataclasses import dataclass

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Report
from slotline.usecases.dialing.record_attempt import RecordAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCarrierStatus:
    """The use case, with what it uses."""

    record_attempt: RecordAttempt

    def __call__(self, organization_id: str, call_id: str, attempt: int, report: Report) -> DialCall | None:
        """The call as it is then; None where there is no such attempt. Raises StoreBusyError: it may be said again."""
        return self.record_attempt.report(organization_id, call_id, attempt, report)
