"""How many calls agents have today and in this week, on their own clocks, and their share of the engine's turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.shared.intervals import DAY, Interval
from slotline.domain.shared.wall_time import day_start
from slotline.ports.booking import Calendars, Taken

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Calls that are booked, took place or were missed; those that were cancelled are none."""

    today: int
    week: int
    """From Monday to Sunday."""


def loads(calendars: Calendars, app_id: str, agents: Sequence[Agent], now: datetime) -> Sequence[Load]:
    """The load of each: of a hundred agents, eight requests at the same time. Raises StoreBusyError."""
    spans = [_today_and_week(agent, now) for agent in agents]
    days = [(agent, [*week.utc_days()]) for agent, (_, week) in zip(agents, spans, strict=True)]
    taken = calendars.taken(app_id, days, now)
    return [_counted(of, *of_agent) for of, of_agent in zip(taken, spans, strict=True)]


def shares(agents: Sequence[Agent]) -> dict[str, float]:
    """What part of the turns each active agent gets, as far as calls may go to anybody: their weight in that of all."""
    active = [agent for agent in agents if agent.active]
    whole = sum(agent.weight for agent in active)
    return {agent.agent_id: agent.weight / whole for agent in active}


def _today_and_week(agent: Agent, now: datetime) -> tuple[Interval, Interval]:
    zone = agent.local_zone
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())

    def since(first: date, days: int) -> Interval:
        return Interval(day_start(first, zone), day_start(first + days * DAY, zone))

    return since(today, 1), since(monday, 7)


def _counted(taken: Taken, today: Interval, week: Interval) -> Load:
    starts = [*(one.start for one in taken.busy if one.kind is ClaimKind.CALL), *taken.ended]
    instants = [_EPOCH + timedelta(minutes=start) for start in starts]

    def within(span: Interval) -> int:
        return sum(span.start <= start < span.end for start in instants)

    return Load(today=within(today), week=within(week))
