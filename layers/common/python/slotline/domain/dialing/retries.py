"""Whether a call is dialled again, and when.

After an attempt that reached nobody, the first rule whose query matches decides. The next attempt is its period later,
in hours, and on a day of the callee that has room. A callee who may be in several zones has a day in each, and all must
have room. What is Unknown is never dialled again: the phone may have rung.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.hours import Hours, hours_of
from slotline.domain.dialing.retry_rules import LONGEST_QUERY, Reach, RetryRule
from slotline.domain.dialing.statuses import RETRIABLE, DialStatus
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.shared.closest import did_you_mean
from slotline.domain.shared.errors import Detail, InvalidRequest
from slotline.domain.shared.wall_time import first_instant_from

MOST_RULES = 20
MOST_RETRIES = 200
DEFAULT_RETRIES = 3
"""Retries of a call whose request has rules and does not say how many."""
LONGEST_PERIOD_MINUTES = 30 * 24 * 60
CONTEXT = ("status", "attempt", "metadata", "params")
"""What a query's condition may speak of."""

Matches = Callable[[str, Mapping[str, object]], bool]
"""Whether a JMESPath condition holds for a call. It may raise anything: what customers write is run."""
Flaw = Callable[[str, Reach], str | None]
"""Why a text is no JMESPath condition that holds for some call, in words for its sender; None if it is one."""

_LIST = re.compile(r"[^=<>!&|()\[\]{}.`'\"@*?:]+")
"""What has none of JMESPath's signs is a list of statuses."""


class Stop(StrEnum):
    """Why a call is not dialled again."""

    REACHED = "reached"
    CANCELED = "canceled"
    UNRESOLVED = "unresolved"
    NO_RULE = "no_rule"
    MAX_RETRIES = "max_retries"
    NEVER_OPEN = "never_open"
    RULE_FAILED = "rule_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAttempt:
    """When a call is dialled again, or why it is not. `rule`: the position of the rule that decided."""

    at: datetime | None = None
    stopped: Stop | None = None
    rule: int | None = None


def statuses_of(query: str) -> frozenset[DialStatus] | None:
    """The statuses that a query lists with commas, as people write them; None where it is no such list."""
    found = [DialStatus.named(name) for name in _listed(query)]
    statuses = frozenset(status for status in found if status)
    return statuses if statuses and None not in found else None


def check_rules(rules: Sequence[RetryRule], max_retries: int, flaw: Flaw) -> None:
    """Raises InvalidRequest where a rule could not be kept, or could never match."""
    reach = Reach(attempts=max_retries or MOST_RETRIES)
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
        if wrong := flaw_of(rule.query, flaw, reach):
            raise InvalidRequest.of_field(f"{place}.query", wrong, "query")


def warnings_of(
    rules: Sequence[RetryRule], max_retries: int, calls: Iterable[Mapping[str, object]], flaw: Flaw
) -> list[Detail]:
    """Rules that are good, and hold for none of these calls, which have these parameters."""
    kinds: dict[str, set[str]] = {}
    for params in calls:
        for name, value in params.items():
            kinds.setdefault(name, set()).add(_kind_of(value))
    parameters = {name: frozenset(found) for name, found in kinds.items()}
    reach = Reach(attempts=max_retries or MOST_RETRIES, parameters=parameters)
    found = ((n, flaw_of(rule.query, flaw, reach)) for n, rule in enumerate(rules))
    return [
        Detail(f"holds for none of these calls: {wrong}", "no_call", f"retry_logic[{n}].query")
        for n, wrong in found
        if wrong
    ]


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

    Nothing does if the call was called off, if its use case is gone, or if the rules cannot be gone through. Whatever
    they raise, the outcome of the attempt must be kept: a carrier reports it once.
    """
    if call.is_called_off:
        return NextAttempt(stopped=Stop.CANCELED)
    if use_case is None:
        return NextAttempt(stopped=Stop.NO_RULE)
    try:
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
    except Exception:  # noqa: BLE001 - customers' conditions and the zones of stored rows are run here
        return NextAttempt(stopped=Stop.RULE_FAILED)


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


def flaw_of(query: str, flaw: Flaw, reach: Reach) -> str | None:
    """Why no call within this reach would be dialled again by this query; None if one would."""
    if not query.strip() or len(query) > LONGEST_QUERY:
        return f"must be a JMESPath condition or statuses with commas, of 1 to {LONGEST_QUERY} characters"
    if not _LIST.fullmatch(query) or query.strip() in CONTEXT:
        return flaw(query, reach)
    for name in _listed(query):
        status = DialStatus.named(name)
        if status is None:
            there_are = ", ".join(sorted(RETRIABLE))
            return f"there is no status {name[:60] or '(empty)'}{did_you_mean(name, DialStatus)}; there are {there_are}"
        if status not in RETRIABLE:
            return f"calls that are {status} are never dialled again"
    return None


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number"


def _listed(query: str) -> list[str]:
    return [name.strip() for name in query.rstrip(" ,").split(",")]
