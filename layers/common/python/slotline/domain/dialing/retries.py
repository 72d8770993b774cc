"""Whether a call is dialled again, and when.

After an attempt that reached nobody, the first rule whose query matches decides. The next attempt is its period later,
in hours, and on a day of the callee that has room. A callee who may be in several zones has a day in each, and all must
have room. What is Unknown is never dialled again: the phone may have rung.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.hours import Hours, hours_of
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import RETRIABLE, DialStatus
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.wall_time import first_instant_from

MOST_RULES = 20
MOST_RETRIES = 200
DEFAULT_RETRIES = 3
"""Retries of a call whose request has rules and does not say how many."""
LONGEST_PERIOD_MINUTES = 30 * 24 * 60
LONGEST_QUERY = 500
CONTEXT = ("status", "attempt", "metadata", "params")
"""What a query's condition may speak of."""

Matches = Callable[[str, Mapping[str, object]], bool]
"""Whether a JMESPath condition holds for a call."""
Flaw = Callable[[str], str | None]
"""What keeps a text from being a JMESPath condition, in words for its sender; None where nothing does."""

_WORDS = re.compile(r"[A-Za-z ]+(,[A-Za-z ]+)*,?")
_BY_NAME = {status.value.casefold(): status for status in DialStatus}


class Stop(StrEnum):
    """Why a call is not dialled again."""

    REACHED = "reached"
    CANCELED = "canceled"
    UNRESOLVED = "unresolved"
    NO_RULE = "no_rule"
    MAX_RETRIES = "max_retries"
    NEVER_OPEN = "never_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAttempt:
    """When a call is dialled again, or why it is not. `rule`: the position of the rule that decided."""

    at: datetime | None = None
    stopped: Stop | None = None
    rule: int | None = None


def statuses_of(query: str) -> frozenset[DialStatus] | None:
    """The statuses that a query lists with commas, in whatever case; None where it is no such list."""
    names = [name.strip().casefold() for name in query.rstrip(" ,").split(",")]
    return frozenset(_BY_NAME[name] for name in names) if all(name in _BY_NAME for name in names) else None


def check_rules(rules: Sequence[RetryRule], max_retries: int, flaw: Flaw) -> None:
    """Raises InvalidRequest where a rule could not be kept, or could never match."""
    if len(rules) > MOST_RULES:
        raise InvalidRequest.of_field("retry_logic", f"must have at most {MOST_RULES} rules", "too_many")
    if not 0 <= max_retries <= MOST_RETRIES:
        raise InvalidRequest.of_field("max_retries", f"must be 0 to {MOST_RETRIES}", "range")
    for n, rule in enumerate(rules):
        place = f"retry_logic[{n}]"
        if not 1 <= rule.retry_period <= LONGEST_PERIOD_MINUTES:
            message = f"must be 1 to {LONGEST_PERIOD_MINUTES} minutes"
            raise InvalidRequest.of_field(f"{place}.retry_period", message, "range")
        if rule.max_retry_per_day is not None and not 1 <= rule.max_retry_per_day <= MOST_RETRIES:
            message = f"must be 1 to {MOST_RETRIES}"
            raise InvalidRequest.of_field(f"{place}.max_retry_per_day", message, "range")
        if wrong := _flaw_of(rule.query, flaw):
            raise InvalidRequest.of_field(f"{place}.query", wrong, "query")


def next_attempt(
    call: DialCall,
    *,
    ended_at: datetime,
    rules: Sequence[RetryRule],
    max_retries: int,
    hours: Hours,
    zones: Sequence[str],
    matches: Matches,
    now: datetime,
) -> NextAttempt:
    """What follows an attempt that ended so: `call.status` is its outcome, `call.attempted_at` has it as the last.

    `zones`: whose days count; the callee's, or the use case's where nobody knows them. The first attempt of a call is
    no retry.
    """
    if stopped := _stopped(call, max_retries):
        return NextAttempt(stopped=stopped)
    context = {
        "status": call.status.value,
        "attempt": call.attempts,
        "metadata": call.metadata,
        "params": call.params,
    }
    rule = next((n for n, rule in enumerate(rules) if _applies(rule, call.status, context, matches)), None)
    if rule is None:
        return NextAttempt(stopped=Stop.NO_RULE)
    earliest = max(ended_at + timedelta(minutes=rules[rule].retry_period), now)
    days = [ZoneInfo(name) for name in zones]
    at = _first_room(earliest, hours, days, call.attempted_at[1:], rules[rule].max_retry_per_day)
    return NextAttempt(at=at, rule=rule) if at else NextAttempt(stopped=Stop.NEVER_OPEN, rule=rule)


def what_follows(
    call: DialCall, ended_at: datetime, use_case: UseCase | None, matches: Matches, now: datetime
) -> NextAttempt:
    """What follows an attempt that ended then, by the call's own rules: `call.status` is its outcome.

    Nothing does if the call was called off, or if its use case is gone.
    """
    if call.is_called_off:
        return NextAttempt(stopped=Stop.CANCELED)
    if use_case is None:
        return NextAttempt(stopped=Stop.NO_RULE)
    return next_attempt(
        call,
        ended_at=ended_at,
        rules=call.rules,
        max_retries=call.max_retries,
        hours=hours_of(use_case, call.zones),
        zones=call.zones or (use_case.timezone,),
        matches=matches,
        now=now,
    )


def _stopped(call: DialCall, max_retries: int) -> Stop | None:
    if call.status is DialStatus.CANCELED:
        return Stop.CANCELED
    if call.status is DialStatus.COMPLETED:
        return Stop.REACHED
    if not call.status.is_retriable:
        return Stop.UNRESOLVED
    return Stop.MAX_RETRIES if call.attempts - 1 >= max_retries else None


def _applies(rule: RetryRule, status: DialStatus, context: Mapping[str, object], matches: Matches) -> bool:
    listed = statuses_of(rule.query)
    return matches(rule.query, context) if listed is None else status in listed


def _first_room(
    earliest: datetime, hours: Hours, days: Sequence[ZoneInfo], retries: Sequence[datetime], most: int | None
) -> datetime | None:
    """The first instant in hours, from the earliest on, whose day has room in every zone."""
    at = hours.next_opening(earliest)
    while at is not None:
        full = [zone for zone in days if most is not None and _retries_that_day(at, zone, retries) >= most]
        if not full:
            return at
        tomorrows = (first_instant_from(at.astimezone(zone).date(), None, zone) for zone in full)
        at = hours.next_opening(max(tomorrows))
    return None


def _retries_that_day(at: datetime, zone: ZoneInfo, retries: Sequence[datetime]) -> int:
    day = at.astimezone(zone).date()
    return sum(retry.astimezone(zone).date() == day for retry in retries)


def _flaw_of(query: str, flaw: Flaw) -> str | None:
    if not query.strip() or len(query) > LONGEST_QUERY:
        return f"must be a JMESPath condition or statuses with commas, of 1 to {LONGEST_QUERY} characters"
    listed = statuses_of(query)
    if listed is not None:
        never = sorted(listed - RETRIABLE)
        return f"calls that are {never[0]} are never dialled again" if never else None
    if _WORDS.fullmatch(query) and query.strip() not in CONTEXT:
        return f"must list statuses with commas, such as {', '.join(sorted(RETRIABLE))}, or be a JMESPath condition"
    return flaw(query)
