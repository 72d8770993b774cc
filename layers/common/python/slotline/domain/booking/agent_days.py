"""The slot lock, as a pure decision: the days of one agent, what stands in them, and the write that takes time.

Each agent has one item per UTC day. It holds the day's claims and, for each hour, a guard: a counter that every
claim reaching into the hour moves by one. A booking reads the days, decides here, and writes on condition that the
guards of the hours it reaches into still stand as read. Two claims that collide share an instant, so an hour, so a
guard: of two that decided on the same reading, the second finds its guard moved and decides again. Claims of different
hours do not touch each other's guards, so a busy day is no bottleneck (docs/decisions/0003).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from slotline.domain.booking.claims import Claim, ClaimKind, find_collision
from slotline.domain.shared.intervals import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """One agent's UTC day as it was read. `guards`: hour (0-23) to counter; an hour never claimed has none."""

    day: date
    claims: tuple[Claim, ...] = ()
    guards: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """What to write to one agent's day: on condition that each hour's guard is as given (0: never claimed)."""

    agent_id: str
    day: date
    guards: Mapping[int, int]
    put: Claim | None = None
    drop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDays:
    """The days of one agent that a decision needs: all that the padded time could touch."""

    agent_id: str
    days: Mapping[date, AgentDay]

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim once; one over midnight stands in two days."""
        return tuple({claim.id: claim for day in self.days.values() for claim in day.claims}.values())

    def find(self, claim_id: str) -> Claim | None:
        """This claim as it is written, if it is: how a retry after a lost answer knows its own write."""
        return next((claim for claim in self.claims if claim.id == claim_id), None)

    def collision(self, wanted: Claim, now: datetime, *, spending: str | None = None) -> Claim | None:
        """The active claim that stands in the way, or None; the hold that is spent does not.

        Raises KeyError for a day that was not read.
        """
        near = (claim for claim in self._claims_near(wanted.padded) if claim.id != spending)
        return find_collision(wanted, near, now)

    def hold(self, hold_id: str, now: datetime) -> Claim | None:
        """The hold of this id, while it lasts."""
        held = (claim for claim in self.claims if claim.id == hold_id and claim.kind is ClaimKind.HOLD)
        return next((claim for claim in held if claim.is_active(now)), None)

    def take(self, claim: Claim, now: datetime, *, spent: str | None = None) -> tuple[DayChange, ...]:
        """The writes that give the claim its time, one per UTC day it touches.

        Holds that ran out go in passing, and so does the hold that this booking spends.
        """
        return tuple(
            DayChange(
                agent_id=self.agent_id,
                day=day,
                guards={hour: self.days[day].guards.get(hour, 0) for hour in claim.padded.utc_hours_of(day)},
                put=claim,
                drop=tuple(old.id for old in self.days[day].claims if old.id == spent or not old.is_active(now)),
            )
            for day in claim.padded.utc_days()
        )

    def _claims_near(self, padded: Interval) -> Iterable[Claim]:
        return {claim.id: claim for day in padded.utc_days() for claim in self.days[day].claims}.values()


def release(agent_id: str, claim: Claim) -> tuple[DayChange, ...]:
    """The writes that give a claim's time back. No guard moves: freeing time can make no two claims collide."""
    return tuple(DayChange(agent_id=agent_id, day=day, guards={}, drop=(claim.id,)) for day in claim.padded.utc_days())


def shorten(agent_id: str, claim: Claim) -> tuple[DayChange, ...]:
    """The writes that leave a claim less of the time that it has. No guard moves, as none does for time given back."""
    return tuple(DayChange(agent_id=agent_id, day=day, guards={}, put=claim) for day in claim.padded.utc_days())


def move(old: tuple[DayChange, ...], new: tuple[DayChange, ...]) -> tuple[DayChange, ...]:
    """Give time back and take other time at once. A day in both is one write: the claim there is put anew."""
    taken = {(change.agent_id, change.day) for change in new}
    return (*new, *(change for change in old if (change.agent_id, change.day) not in taken))
