"""The slot lock, as a pure decision: the days of one agent, what stands in them, and the write that takes time.

Each agent has one item per UTC day. It holds the day's claims and, for each hour, a guard: a counter that every
claim reaching into the hour moves by one. A booking reads the days, decides here, and writes on condition that the
guards of the hours it reaches into still stand as read. Two claims that collide share an instant, so an hour, so a
guard: of two that decided on the same reading, the second finds its guard moved and decides again. Claims of different
hours do not touch each other's guards, so a busy day is no bottleneck (docs/decisions/0003).

An agent who takes at most so many calls on a local day has one guard more: the row of that date counts the claims ever
put on the local day. A claim is written on condition that no more were put there since the reading than the day has
room for besides it. So none is one too many, and none fails while there is room (docs/decisions/0053).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from slotline.domain.booking.claims import Claim, ClaimKind, collision, find_collision
from slotline.domain.booking.local_days import DayCap
from slotline.domain.shared.errors import AgentDayFull
from slotline.domain.shared.intervals import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDay:
    """One agent's UTC day as it was read. `guards`: hour (0-23) to counter; an hour never claimed has none.

    `local_guard` is the guard of the agent's local day of the same date. `ended` has the calls of the UTC day that took
    place or were missed, by id, with their starts: their time is given back, and they count on the local day still.
    """

    day: date
    claims: tuple[Claim, ...] = ()
    guards: Mapping[int, int] = field(default_factory=dict)
    local_guard: int = 0
    ended: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChange:
    """What to write to one agent's day: on condition that each hour's guard is as given (0: never claimed).

    `local_guard_at_most`: the local day's guard moves, too, on condition that it has not moved beyond this. `ended`
    notes a call that is over, with its start.
    """

    agent_id: str
    day: date
    guards: Mapping[int, int]
    put: Claim | None = None
    drop: tuple[str, ...] = ()
    local_guard_at_most: int | None = None
    ended: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDays:
    """The days of one agent that a decision needs: all that the padded time could touch.

    `cap`: how many calls the agent takes on a local day, if there is a limit; then all of that day is here.
    """

    agent_id: str
    days: Mapping[date, AgentDay]
    cap: DayCap | None = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim once; one over midnight stands in two days."""
        return tuple({claim.id: claim for day in self.days.values() for claim in day.claims}.values())

    def collision(self, wanted: Claim, now: datetime, *, spending: str | None = None) -> Claim | None:
        """The active claim that stands in the way, or None; the hold that is spent does not.

        Raises KeyError for a day that was not read.
        """
        near = (claim for claim in self._claims_near(wanted.padded) if claim.id != spending)
        return find_collision(wanted, near, now)

    def check_free(self, wanted: Claim, now: datetime, *, spending: str | None = None) -> None:
        """Raises the fact that stands against this claim: what it collides with, or AgentDayFull."""
        if (found := self.collision(wanted, now, spending=spending)) is not None:
            raise collision(found)
        if self.is_full_for(wanted, now, spending=spending):
            raise AgentDayFull("The agent has as many calls on this day as they take in one.")

    def is_full_for(self, wanted: Claim, now: datetime, *, spending: str | None = None) -> bool:
        """True if the claim would be one call too many on its local day. A call that moves within the day is none."""
        room = self._room_besides(wanted, now, spending)
        return room is not None and room < 0

    def hold(self, hold_id: str, now: datetime) -> Claim | None:
        """The hold of this id, while it lasts."""
        held = (claim for claim in self.claims if claim.id == hold_id and claim.kind is ClaimKind.HOLD)
        return next((claim for claim in held if claim.is_active(now)), None)

    def take(self, claim: Claim, now: datetime, *, spent: str | None = None) -> tuple[DayChange, ...]:
        """The writes that give the claim its time, one per UTC day it touches, and one that counts it on its local day.

        Holds that ran out go in passing, and so does the hold that this booking spends.
        """
        room = self._room_besides(claim, now, spent)
        counted_on = self.cap.date_of(claim.meeting.start) if self.cap and room is not None else None
        touched = list(claim.padded.utc_days())
        return tuple(
            DayChange(
                agent_id=self.agent_id,
                day=day,
                guards={hour: self.days[day].guards.get(hour, 0) for hour in claim.padded.utc_hours_of(day)},
                put=claim if day in touched else None,
                drop=tuple(old.id for old in self.days[day].claims if old.id == spent or not old.is_active(now)),
                local_guard_at_most=self.days[day].local_guard + room
                if room is not None and day == counted_on
                else None,
            )
            for day in dict.fromkeys([*touched, *([counted_on] if counted_on else [])])
        )

    def _room_besides(self, wanted: Claim, now: datetime, spending: str | None) -> int | None:
        """How many calls fit on the claim's local day besides it and all that are there; less than none: not even it.

        None if nothing is counted: the agent takes any number, or the call has its place on that day already.
        """
        if self.cap is None:
            return None
        span = self.cap.span_of(self.cap.date_of(wanted.meeting.start))
        days = [self.days[day] for day in span.utc_days()]
        live = {
            claim.id
            for day in days
            for claim in day.claims
            if claim.kind.is_counted and claim.is_active(now) and span.start <= claim.meeting.start < span.end
        }
        if wanted.id in live:
            return None
        over = {call_id for day in days for call_id, start in day.ended.items() if span.start <= start < span.end}
        return self.cap.most - 1 - len((live | over) - {spending})

    def _claims_near(self, padded: Interval) -> Iterable[Claim]:
        return {claim.id: claim for day in padded.utc_days() for claim in self.days[day].claims}.values()


def release(agent_id: str, claim: Claim, *, is_over: bool = False) -> tuple[DayChange, ...]:
    """The writes that give a claim's time back. No guard moves: freeing time can make no two claims collide.

    `is_over`: the call took place or was missed, so that it still counts on its day.
    """
    begins = claim.meeting.start.date()
    return tuple(
        DayChange(
            agent_id=agent_id,
            day=day,
            guards={},
            drop=(claim.id,),
            ended=(claim.id, claim.meeting.start) if is_over and day == begins else None,
        )
        for day in claim.padded.utc_days()
    )


def shorten(agent_id: str, claim: Claim) -> tuple[DayChange, ...]:
    """The writes that leave a claim less of the time that it has. No guard moves, as none does for time given back."""
    return tuple(DayChange(agent_id=agent_id, day=day, guards={}, put=claim) for day in claim.padded.utc_days())


def move(old: tuple[DayChange, ...], new: tuple[DayChange, ...]) -> tuple[DayChange, ...]:
    """Give time back and take other time at once. A day in both is one write, in which a claim that stays is put."""
    given_back = {(change.agent_id, change.day): change for change in old}
    taken = [_with_drops_of(given_back.pop((change.agent_id, change.day), None), change) for change in new]
    return (*taken, *given_back.values())


def _with_drops_of(given_back: DayChange | None, change: DayChange) -> DayChange:
    if given_back is None:
        return change
    put = {change.put.id} if change.put else set()
    return replace(
        change, drop=tuple(dict.fromkeys(each for each in (*change.drop, *given_back.drop) if each not in put))
    )
