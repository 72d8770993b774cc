"""Somebody, or a machine, has answered: what is said, and what that makes of the attempt."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Heard, Report, heard_by, status_of
from slotline.domain.dialing.use_cases import UseCase, with_transfers_screened
from slotline.domain.shared.errors import NotFound
from slotline.domain.shared.phones import Screen
from slotline.ports.dialing import DialCalls, UseCases
from slotline.usecases.dialing.record_attempt import RecordAttempt

WORDS_FAILED = "words_failed"
"""Why an attempt said nothing: its words could not be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDial:
    """Says what somebody who answered hears. `words` are for the carrier, and so is `silence`, which ends the call."""

    calls: DialCalls
    use_cases: UseCases
    record_attempt: RecordAttempt
    screen: Screen
    words: Callable[[DialCall, UseCase, Heard], str]
    silence: str

    def __call__(self, organization_id: str, call_id: str, attempt: int, report: Report) -> str:
        """What the carrier is to say. Asked again, it says the same.

        Raises NotFound where there is no such attempt, or StoreBusyError: it may be asked again.
        """
        call, attempts = self.calls.get(organization_id, call_id) or (None, ())
        use_case = self.use_cases.get(organization_id, call.use_case_id) if call else None
        if call is None or use_case is None:
            raise NotFound("There is no such call.")
        answered = next((one for one in attempts if one.number == attempt), None)
        seen = AttemptedCall(call=call, attempt=answered) if answered else None
        use_case = with_transfers_screened(use_case, self.screen)
        heard = heard_by(use_case, is_machine=report.answered_by_machine is True)
        said = replace(report, status=status_of(use_case, heard))
        after = self.record_attempt.report(organization_id, call_id, attempt, said, seen, use_case)
        if after is None:
            raise NotFound("There is no such attempt.")
        try:
            return self.words(after.call, use_case, heard)
        except Exception:  # noqa: BLE001 - customers wrote them; the call goes on, and its attempt says what happened
            place = (organization_id, call_id, attempt)
            self.record_attempt(*place, lambda attempted, now: attempted.noted(WORDS_FAILED, now), seen=after)
            return self.silence
