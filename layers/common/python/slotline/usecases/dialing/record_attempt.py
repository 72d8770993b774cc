"""Write what became of an attempt, on the call as it is by then.

Whoever placed a call, whoever is told of it by its carrier and whoever asks the carrier may all be at work at once.
Each decides on what it read, and decides anew where that has changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.carrier_orders import Report
from slotline.domain.dialing.events import event_of
from slotline.domain.dialing.retries import Matches
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.dialing import DialCalls, DialWrite, UseCases
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.dialing.keep_pace import KeepPace
from slotline.usecases.shared.retrying import retry

Decide = Callable[[AttemptedCall, datetime], AttemptedCall | None]
"""What is made of a call and one attempt at it, now; None if there is nothing to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAttempt:
    """Writes what became of an attempt."""

    calls: DialCalls
    use_cases: UseCases
    keep_pace: KeepPace
    matches: Matches
    clock: Clock
    backoff: Backoff

    def __call__(
        self,
        organization_id: str,
        call_id: str,
        number: int,
        decide: Decide,
        is_about: Callable[[DialAttempt], bool] = lambda _: True,
        seen: AttemptedCall | None = None,
    ) -> AttemptedCall | None:
        """Both as they are then; None if there is no such attempt. Raises StoreBusyError: it may be done again.

        `seen`: both as they were read or written last. They are read only if somebody has changed the call since.
        """
        in_hand = [seen] if seen else []

        def act() -> AttemptedCall | None:
            there = in_hand.pop() if in_hand else self._read(organization_id, call_id, number)
            if there is None or not is_about(there.attempt):
                return None
            decided = decide(there, self.clock.now())
            if decided is None:
                return there
            call, after, said = there.call, decided.call, decided.attempt
            self.calls.write(DialWrite(call=after, replaces=call.revision, attempt=said, event=event_of(call, after)))
            if said.status.is_final:
                self.keep_pace.give_back(call, number)
            return decided

        return retry(act, self.backoff)

    def report(
        self,
        organization_id: str,
        call_id: str,
        number: int,
        report: Report,
        seen: AttemptedCall | None = None,
        use_case: UseCase | None = None,
    ) -> AttemptedCall | None:
        """What the carrier says: it says it twice, late, and in any order. Said again, or too late, it changes nothing.

        The call and its attempt as they are then; None if there is no such attempt, or the carrier knows it by another
        id: a report that was recorded for one call is nothing to another. Raises StoreBusyError: it may be said again.
        `seen`: as above. `use_case`: what the call is for, if it was read just now.
        """

        def decide(attempted: AttemptedCall, now: datetime) -> AttemptedCall | None:
            by = (use_case or self._use_case_of(attempted.call)) if report.status.is_final else None
            return attempted.reported(report, by, self.matches, now)

        place = (organization_id, call_id, number)
        return self(*place, decide, lambda one: one.is_known_as(report.carrier_call_id), seen)

    def _read(self, organization_id: str, call_id: str, number: int) -> AttemptedCall | None:
        call, attempts = self.calls.get(organization_id, call_id) or (None, ())
        attempt = next((one for one in attempts if one.number == number), None)
        return AttemptedCall(call=call, attempt=attempt) if call and attempt else None

    def _use_case_of(self, call: DialCall) -> UseCase | None:
        """What the call is for; None if it is gone, or if nobody can read its row: the outcome is kept all the same."""
        try:
            return self.use_cases.get(call.organization_id, call.use_case_id)
        except (AttributeError, LookupError, TypeError, ValueError):
            return None
