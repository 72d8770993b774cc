"""Time taken from an agent whatever already stands in it: blocked exceptions and do-not-disturb windows.

A booking asks whether its time is free; a block does not. It leaves the calls that are there, and names them. So it is
written without a condition, and still moves the guard of every hour it reaches into: a booking that was decided on an
earlier reading loses its race, reads again, and finds the time blocked.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from slotline.domain.booking.agent_days import AgentDays, DayChange
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.intervals import Interval

LISTED_CALLS = 500
"""Calls that an answer names; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBlock:
    """What blocks one agent's UTC day: several claims where a window's ends fall on the same day."""

    agent_id: str
    day: date
    claims: tuple[Claim, ...]

    @property
    def hours(self) -> tuple[int, ...]:
        """The hours (0-23) of the day that it reaches into."""
        return tuple(sorted({hour for claim in self.claims for hour in claim.padded.utc_hours_of(self.day)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedCall:
    """A call inside blocked time."""

    id: str
    scheduled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Affects:
    """The calls whose padded time a block reaches, in order of their start. They stay."""

    count: int
    calls: tuple[AffectedCall, ...] = ()

    @property
    def shown(self) -> "Affects":
        """As an answer has it: all are counted, the first ones named."""
        return replace(self, calls=self.calls[:LISTED_CALLS])


def block(agent_id: str, claims: Iterable[Claim]) -> tuple[DayBlock, ...]:
    """The writes that block this time, one per UTC day, in order."""
    days = _by_day(claims)
    return tuple(DayBlock(agent_id=agent_id, day=day, claims=tuple(days[day])) for day in sorted(days))


def unblock(agent_id: str, claims: Iterable[Claim]) -> tuple[DayChange, ...]:
    """The writes that give it back. No guard moves: freeing time can make no two claims collide."""
    days = _by_day(claims)
    return tuple(
        DayChange(agent_id=agent_id, day=day, guards={}, drop=tuple(claim.id for claim in days[day]))
        for day in sorted(days)
    )


def span_of(claims: Sequence[Claim]) -> Interval:
    """From the first start to the last end. Raises ValueError where there is no claim."""
    return Interval(min(claim.padded.start for claim in claims), max(claim.padded.end for claim in claims))


def affected(agent_days: AgentDays, claims: Sequence[Claim], now: datetime) -> Affects:
    """The calls in the agent's days that collide with a block and are not over."""
    blocked = _by_day(claims)
    hit = {
        call.id: call.meeting.start
        for day, there in agent_days.days.items()
        for call in there.claims
        if call.kind is ClaimKind.CALL
        and call.meeting.end > now
        and any(claim.collides(call) for claim in blocked.get(day, ()))
    }
    calls = sorted((AffectedCall(id=call_id, scheduled_at=start) for call_id, start in hit.items()), key=_order)
    return Affects(count=len(calls), calls=tuple(calls))


def _by_day(claims: Iterable[Claim]) -> dict[date, list[Claim]]:
    days: defaultdict[date, list[Claim]] = defaultdict(list)
    for claim in claims:
        for day in claim.padded.utc_days():
            days[day].append(claim)
    return days


def _order(call: AffectedCall) -> tuple[datetime, str]:
    return call.scheduled_at, call.id
