"""An attempt from its claim to its end, and what each step makes of its call.

The rule guarded here: a phone rings at most once for an attempt. It is claimed before the carrier is asked, and asked
for once. Where the answer is lost nobody knows whether a phone rang: the attempt is Unknown until the carrier, asked
again and again, says what became of it. Only where the carrier still knows of no such call when it would long have
been placed was it never made, and is withdrawn.
"""

from dataclasses import replace
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


def claimed(call: DialCall, carrier: CarrierName, now: datetime) -> tuple[DialCall, DialAttempt]:
    """The call with its next attempt, before the carrier is asked."""
    after = _changed(
        call,
        now,
        status=DialStatus.QUEUED,
        attempted_at=(*call.attempted_at, now),
        due_at=now + LEASE,
        carrier_call_id=None,
        reason=None,
    )
    attempt = DialAttempt(
        call_id=call.id,
        number=after.last_attempt,
        status=DialStatus.QUEUED,
        carrier=carrier,
        claimed_at=now,
        updated_at=now,
    )
    return after, attempt


def withdrawn(
    call: DialCall, attempt: DialAttempt, then: Later | Over, now: datetime
) -> tuple[DialCall, DialAttempt] | None:
    """An attempt that came to nothing before a phone could ring: it counts for no rule. What follows is given.

    None where it is over by now.
    """
    if not _is_current(call, attempt):
        return None
    gone = replace(attempt.reported(DialStatus.FAILED, now), reason=then.reason)
    before = replace(
        call,
        status=call.last_outcome or DialStatus.SCHEDULED,
        attempted_at=call.attempted_at[:-1],
        withdrawn=call.withdrawn + 1,
        carrier_call_id=None,
    )
    if isinstance(then, Later) and before.is_called_off:
        then = Over(reason="called_off")
    return (before.put_off(then, now) if isinstance(then, Later) else before.ended(then, now)), gone


def refused(
    call: DialCall, attempt: DialAttempt, reason: str, *, may_pass: bool, now: datetime
) -> tuple[DialCall, DialAttempt] | None:
    """The carrier did not take it: for now, and the attempt is withdrawn; or for good, and the call has failed."""
    if not _is_current(call, attempt):
        return None
    if may_pass:
        wait = REFUSED_FOR[min(call.withdrawn, len(REFUSED_FOR) - 1)]
        return withdrawn(call, attempt, _again(call, Later(at=now + wait, reason=reason)), now)
    gone = replace(attempt.reported(DialStatus.FAILED, now), reason=reason)
    return _changed(
        call, now, status=DialStatus.FAILED, last_outcome=DialStatus.FAILED, due_at=None, reason=reason
    ), gone


def reported(
    call: DialCall, attempt: DialAttempt, report: Report, use_case: UseCase | None, matches: Matches, now: datetime
) -> tuple[DialCall, DialAttempt] | None:
    """What a report makes of an attempt and its call; None where it says nothing new.

    An attempt that the call has left behind may still learn its carrier's id, and changes nothing about the call.
    """
    answered_by = {True: "machine", False: "human", None: None}[report.answered_by_machine]
    said = attempt.reported(report.status, now, carrier_call_id=report.carrier_call_id, answered_by=answered_by)
    if said.status is DialStatus.COMPLETED and not attempt.status.is_final and _hung_up_on(said, use_case):
        said = replace(said, status=DialStatus.AMD_TERMINATED)
    if said == attempt:
        return None
    if not _is_current(call, attempt):
        return _changed(call, now), said
    known = replace(call, carrier_call_id=said.carrier_call_id)
    if said.status.is_final:
        outcome = replace(known, status=said.status, last_outcome=said.status)
        after = what_follows(outcome, now, use_case, matches, now)
        return _changed(outcome, now, due_at=after.at, reason=after.stopped.value if after.stopped else None), said
    looked_at = _next_lookup_at(known, said, now)
    return _changed(known, now, status=said.status, due_at=looked_at, reason=_unresolved(looked_at)), said


def not_found(
    call: DialCall, attempt: DialAttempt, now: datetime, *, is_certain: bool
) -> tuple[DialCall, DialAttempt] | None:
    """What a question to the carrier makes of them that brought no report; None where it was settled meanwhile.

    `is_certain`: the carrier knows of no such call; else it could not be asked.
    """
    if not _is_current(call, attempt):
        return None
    nobody_knows = attempt.status in (DialStatus.QUEUED, DialStatus.UNKNOWN)
    if is_certain and nobody_knows and now >= attempt.claimed_at + NEVER_PLACED_AFTER:
        return withdrawn(call, attempt, _again(call, Later(at=now, reason="never_placed")), now)
    said = replace(attempt.reported(DialStatus.UNKNOWN, now), lookups=attempt.lookups + 1, updated_at=now)
    looked_at = _next_lookup_at(call, said, now)
    return _changed(call, now, status=said.status, due_at=looked_at, reason=_unresolved(looked_at)), said


def line_held_for(call: DialCall) -> timedelta:
    """How long an attempt may have a line at most."""
    return LEASE + _longest(call)


def _is_current(call: DialCall, attempt: DialAttempt) -> bool:
    """True while the attempt is the one that is under way."""
    return attempt.number == call.last_attempt and call.is_under_way


def _again(call: DialCall, later: Later) -> Later | Over:
    """Another attempt then, unless too many have come to nothing."""
    has_had_enough = call.withdrawn + 1 >= MOST_WITHDRAWN
    return Over(status=DialStatus.FAILED, reason=later.reason) if has_had_enough else later


def _hung_up_on(attempt: DialAttempt, use_case: UseCase | None) -> bool:
    is_machine = attempt.answered_by == "machine"
    return use_case is not None and heard_by(use_case, is_machine=is_machine) is Heard.NOTHING


def _next_lookup_at(call: DialCall, attempt: DialAttempt, now: datetime) -> datetime | None:
    """When the carrier is asked about the attempt next; None where it has been asked often enough."""
    if attempt.lookups >= len(LOOKUPS_AFTER):
        return None
    if attempt.status is DialStatus.QUEUED:
        return attempt.claimed_at + LEASE
    after = attempt.claimed_at + LOOKUPS_AFTER[attempt.lookups]
    return max(after if attempt.status is DialStatus.UNKNOWN else after + _longest(call), now + LOOKUPS_AFTER[0])


def _unresolved(looked_at: datetime | None) -> str | None:
    return None if looked_at else Stop.UNRESOLVED.value


def _longest(call: DialCall) -> timedelta:
    return RINGS_FOR + timedelta(minutes=call.max_duration_mins) + REPORTED_WITHIN


def _changed(call: DialCall, now: datetime, **changes: object) -> DialCall:
    return replace(call, revision=call.revision + 1, updated_at=now, **changes)  # type: ignore[arg-type] # its own fields
