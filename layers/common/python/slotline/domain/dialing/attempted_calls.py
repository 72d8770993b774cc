"""A call with one attempt at it, from the claim of the attempt to its end.

The rule guarded here: a phone rings at most once for an attempt. It is claimed before the carrier is asked, and asked
for once. If the answer is lost nobody knows whether a phone rang: the attempt is Unknown until the carrier, asked
again and again, says what became of it. Only if the carrier still knows of no such call when it would long have been
placed was it never made, and is withdrawn.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.dialing.attempts import DialAttempt
from slotline.domain.dialing.calls import DialCall, Later, Over
from slotline.domain.dialing.carrier_orders import RINGS_FOR, Heard, Report, heard_by
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.retries import Matches, Stop, what_follows
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import UseCase

LEASE = timedelta(minutes=2)
"""How long whoever claimed an attempt may take to say what the carrier answered. After that it is taken for dead."""

LOOKUPS_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""When the carrier is asked what became of an attempt: after its claim, or after it should have ended."""

NEVER_PLACED_AFTER = timedelta(minutes=15)
"""A call that the carrier does not know by then was never placed: no request stays on its way for so long."""

REPORTED_WITHIN = timedelta(minutes=5)
"""How long after its longest duration the end of a call is normally reported."""

REFUSED_FOR = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""How long to wait after a carrier that cannot take a call now; the last one again and again."""

MOST_WITHDRAWN = 30
"""Attempts of one call that may come to nothing before it is given up: about a day of refusals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptedCall:
    """A call with one attempt at it: the one that is under way, or one that the call has left behind."""

    call: DialCall
    attempt: DialAttempt

    @classmethod
    def claimed(cls, call: DialCall, carrier: CarrierName, claim_id: str, now: datetime) -> "AttemptedCall":
        """The call with its next attempt, before the carrier is asked. `claim_id`: an id of this claimer's own."""
        after = replace(
            call,
            status=DialStatus.QUEUED,
            attempted_at=(*call.attempted_at, now),
            due_at=now + LEASE,
            carrier_call_id=None,
            reason=None,
        ).revised(now)
        attempt = DialAttempt(
            call_id=call.id,
            number=after.last_attempt,
            status=DialStatus.QUEUED,
            carrier=carrier,
            claimed_at=now,
            updated_at=now,
            claim_id=claim_id,
        )
        return cls(call=after, attempt=attempt)

    @property
    def is_current(self) -> bool:
        """True while the attempt is the one that is under way."""
        return self.attempt.number == self.call.last_attempt and self.call.is_under_way

    def withdrawn(self, then: Later | Over, now: datetime) -> "AttemptedCall | None":
        """The attempt came to nothing before a phone could ring: it counts for no rule. What follows is given.

        None if it is over by now.
        """
        if not self.is_current:
            return None
        before = replace(
            self.call,
            status=self.call.last_outcome or DialStatus.SCHEDULED,
            attempted_at=self.call.attempted_at[:-1],
            withdrawn=self.call.withdrawn + 1,
            carrier_call_id=None,
        )
        gone = self._failed(then.reason, now)
        if isinstance(then, Later) and before.is_called_off:
            then = Over(reason="called_off")
        after = before.put_off(then, now) if isinstance(then, Later) else before.ended(then, now)
        return AttemptedCall(call=after, attempt=gone)

    def refused(self, reason: str, *, may_pass: bool, now: datetime) -> "AttemptedCall | None":
        """The carrier did not take it: for now, and the attempt is withdrawn; or for good, and the call has failed.

        None if it is over by now.
        """
        if not self.is_current:
            return None
        if may_pass:
            wait = REFUSED_FOR[min(self.call.withdrawn, len(REFUSED_FOR) - 1)]
            return self.withdrawn(self._again(Later(at=now + wait, reason=reason)), now)
        failed = replace(self.call, last_outcome=DialStatus.FAILED)
        over = Over(status=DialStatus.FAILED, reason=reason)
        return AttemptedCall(call=failed.ended(over, now), attempt=self._failed(reason, now))

    def reported(
        self, report: Report, use_case: UseCase | None, matches: Matches, now: datetime
    ) -> "AttemptedCall | None":
        """What a report makes of both; None if it says nothing new.

        An attempt that the call has left behind may still learn its carrier's id, and changes nothing about the call.
        """
        call, attempt = self.call, self.attempt
        answered_by = {True: "machine", False: "human", None: None}[report.answered_by_machine]
        said = attempt.reported(report.status, now, carrier_call_id=report.carrier_call_id, answered_by=answered_by)
        if said.status is DialStatus.COMPLETED and not attempt.status.is_final and _hung_up_on(said, use_case):
            said = replace(said, status=DialStatus.AMD_TERMINATED)
        if said == attempt:
            return None
        if not self.is_current:
            return AttemptedCall(call=call.revised(now), attempt=said)
        known = replace(call, carrier_call_id=said.carrier_call_id)
        if said.status.is_final:
            outcome = replace(known, status=said.status, last_outcome=said.status)
            then = what_follows(outcome, now, use_case, matches, now)
            after = replace(outcome, due_at=then.at, reason=then.stopped.value if then.stopped else None)
            if then.stopped is Stop.RULE_FAILED:
                said = replace(said, reason=then.stopped.value)
            return AttemptedCall(call=after.revised(now), attempt=said)
        return _asked_about_again(known, said, now)

    def noted(self, reason: str, now: datetime) -> "AttemptedCall":
        """The attempt with a word about what went wrong in it."""
        return AttemptedCall(
            call=self.call.revised(now), attempt=replace(self.attempt, reason=self.attempt.reason or reason)
        )

    def not_found(self, now: datetime, *, is_certain: bool) -> "AttemptedCall | None":
        """What a question to the carrier makes of both that brought no report; None if it was settled meanwhile.

        `is_certain`: the carrier knows of no such call; else nobody could ask it.
        """
        attempt = self.attempt
        if not self.is_current:
            return None
        nobody_knows = attempt.status in (DialStatus.QUEUED, DialStatus.UNKNOWN)
        if is_certain and nobody_knows and now >= attempt.claimed_at + NEVER_PLACED_AFTER:
            return self.withdrawn(self._again(Later(at=now, reason="never_placed")), now)
        said = replace(attempt.reported(DialStatus.UNKNOWN, now), lookups=attempt.lookups + 1, updated_at=now)
        return _asked_about_again(self.call, said, now)

    def _again(self, later: Later) -> Later | Over:
        """Another attempt then, unless too many have come to nothing."""
        has_had_enough = self.call.withdrawn + 1 >= MOST_WITHDRAWN
        return Over(status=DialStatus.FAILED, reason=later.reason) if has_had_enough else later

    def _failed(self, reason: str, now: datetime) -> DialAttempt:
        return replace(self.attempt.reported(DialStatus.FAILED, now), reason=reason)


def line_held_for(call: DialCall) -> timedelta:
    """How long an attempt may have a line at most."""
    return LEASE + _longest(call)


def _hung_up_on(attempt: DialAttempt, use_case: UseCase | None) -> bool:
    is_machine = attempt.answered_by == "machine"
    return use_case is not None and heard_by(use_case, is_machine=is_machine) is Heard.NOTHING


def _asked_about_again(call: DialCall, attempt: DialAttempt, now: datetime) -> AttemptedCall:
    """The call is due when the carrier is asked about the attempt next, or over and unresolved."""
    at = _next_lookup_at(call, attempt, now)
    after = replace(call, status=attempt.status, due_at=at, reason=None if at else Stop.UNRESOLVED.value)
    return AttemptedCall(call=after.revised(now), attempt=attempt)


def _next_lookup_at(call: DialCall, attempt: DialAttempt, now: datetime) -> datetime | None:
    """When the carrier is asked about the attempt next; None if it has been asked often enough."""
    if attempt.lookups >= len(LOOKUPS_AFTER):
        return None
    if attempt.status is DialStatus.QUEUED:
        return attempt.claimed_at + LEASE
    after = attempt.claimed_at + LOOKUPS_AFTER[attempt.lookups]
    return max(after if attempt.status is DialStatus.UNKNOWN else after + _longest(call), now + LOOKUPS_AFTER[0])


def _longest(call: DialCall) -> timedelta:
    return RINGS_FOR + timedelta(minutes=call.max_duration_mins) + REPORTED_WITHIN
