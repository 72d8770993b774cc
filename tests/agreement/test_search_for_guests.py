"""The booking page's search shows what the API's offers, of however few days it reads.

Random teams on a store in memory. PAGE_SEARCHES_SLOW says how many teams the slow run asks.
"""

import os
import random
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.agent_time import ExceptionKind, ScheduleException
from slotline.domain.booking.apps import Agent, AssignmentMode
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.slots import SlotQuery, Slots
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.working_hours import Window
from slotline.ports.booking import Taken
from slotline.usecases.booking.search_for_guests import search_for_guests
from slotline.usecases.booking.search_slots import search_slots
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import APP_ID, an_app
from tests.support.memory.calendars import MemoryCalendars
from tests.support.memory.store import MemoryStore

TEAMS = int(os.environ.get("PAGE_SEARCHES_SLOW", "2000"))
FEW = 60
ZONES = ("UTC", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Asia/Kathmandu", "Pacific/Kiritimati")
HOURS = (("09:00", "17:00"), ("00:00", "24:00"), ("22:00", "24:00"), ("00:00", "02:30"), ("10:05", "10:50"))
DAYS = 9


class Team:
    """An app with some agents, drawn by a seed: they share hours more often than not, and are busy."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        month, day = self.chance.choice([(3, 26), (10, 22), (5, 4)])
        self.day = datetime(2026, month, day, tzinfo=UTC)
        self.clock = SetClock(self.day + timedelta(seconds=self.chance.randrange(86_400)))
        self.store = MemoryStore(self.clock)
        self.mode = self.chance.choice(list(AssignmentMode))
        self.store.apps[APP_ID] = an_app(
            APP_ID,
            assignment_mode=self.mode,
            public=True,
            minimum_notice_minutes=self.chance.choice([0, 0, 240]),
            horizon_days=self.chance.choice([3, 60]),
            duration_minutes=self.chance.choice([15, 30, 50, 480]),
            buffer_before_minutes=self.chance.choice([0, 0, 10, 240]),
            buffer_after_minutes=self.chance.choice([0, 0, 10, 240]),
            required_tags=self.chance.choice([(), (), ("vip",)]),
        )
        weeks = [self._week() for _ in range(2)]
        self.ids = [f"agent-{number:02d}" for number in range(self.chance.randrange(1, 12))]
        for agent_id in self.ids:
            self.store.agents[APP_ID, agent_id] = self._agent(agent_id, self.chance.choice(weeks))
            self._fill(agent_id)

    def _week(self) -> tuple[Window, ...]:
        zone, hours = self.chance.choice(ZONES), self.chance.sample(HOURS, 2)
        days = self.chance.sample(range(7), self.chance.randrange(1, 8))
        times = sorted(hours) if hours[0][1] <= hours[1][0] or hours[1][1] <= hours[0][0] else hours[:1]
        return tuple(Window(weekday=day, start=start, end=end, zone=zone) for day in days for start, end in times)

    def _agent(self, agent_id: str, week: tuple[Window, ...]) -> Agent:
        extra = ScheduleException(
            id="extra",
            kind=ExceptionKind.AVAILABLE_EXTRA,
            first=self.day.date() + timedelta(days=1),
            last=self.day.date() + timedelta(days=2),
            zone=self.chance.choice(ZONES),
            start="18:00",
            end="20:00",
        )
        return Agent(
            agent_id=agent_id,
            name=agent_id.title(),
            timezone=self.chance.choice([None, None, *ZONES]),
            active=self.chance.random() < 0.9,
            tags=self.chance.choice([(), ("vip",)]),
            max_calls_per_day=self.chance.choice([None, None, 0, 1, 2]),
            working_hours=week,
            exceptions=(extra,) if self.chance.random() < 0.2 else (),
        )

    def _fill(self, agent_id: str) -> None:
        for number in range(self.chance.choice([0, 5, 60])):
            kind = self.chance.choice([ClaimKind.CALL] * 4 + [ClaimKind.HOLD, ClaimKind.DO_NOT_DISTURB])
            before, after = (self.chance.choice([0, 0, 5, 240]) for _ in range(2))
            claim = Claim(
                id=f"{kind.value}-{number}",
                kind=kind,
                meeting=Interval.starting(
                    self.day + timedelta(minutes=self.chance.randrange(-1440, DAYS * 1440)),
                    self.chance.choice([5, 30, 60, 480]) * MINUTE,
                ),
                before=before * MINUTE if kind is ClaimKind.CALL else 0 * MINUTE,
                after=after * MINUTE if kind is ClaimKind.CALL else 0 * MINUTE,
                expires_at=self.clock.instant + timedelta(seconds=60) if kind is ClaimKind.HOLD else None,
            )
            for day in claim.padded.utc_days():
                there = self.store.days.get((APP_ID, agent_id, day), AgentDay(day=day))
                self.store.days[APP_ID, agent_id, day] = AgentDay(day=day, claims=(*there.claims, claim))

    def query(self, agent_id: str | None) -> SlotQuery:
        start = self.day + timedelta(minutes=self.chance.randrange(-1440, 3000))
        return SlotQuery(
            app_id=APP_ID,
            start=start,
            end=start + timedelta(minutes=self.chance.randrange(60, DAYS * 1440)),
            agent_id=agent_id if self.mode is AssignmentMode.URL_FORCED else None,
            for_guests=True,
        )


class Counted(MemoryCalendars):
    """Says how many days were read."""

    days = 0

    def taken(self, app_id: str, days: Sequence[tuple[Agent, Collection[date]]], now: datetime) -> list[Taken]:
        """As ever."""
        self.days += sum(len(of_agent) for _, of_agent in days)
        return super().taken(app_id, days, now)


def of_one(offered: Slots, agent_id: str | None) -> list[tuple[int, int]]:
    """What the API offers, but of agents who are not chosen their first times alone."""
    ids = list(offered.agent_ids)
    if offered.shown_to_guests == () or not offered.starts:
        return list(offered.starts)
    place = ids.index(agent_id) if agent_id in ids else offered.starts[0][1]
    first = {place: start for start, place in reversed(offered.starts)}
    return [(start, by) for start, by in offered.starts if by == place or first[by] == start]


def check(seed: int) -> bool:
    """Whether anything was free."""
    team = Team(seed)
    active = [agent_id for agent_id in team.ids if team.store.agents[APP_ID, agent_id].active]
    if not active:
        return False
    chosen = team.chance.choice(active if team.mode is AssignmentMode.URL_FORCED else [None, "nobody", *active])
    query, calendars = team.query(chosen), Counted(team.store)
    offered = search_slots(calendars, team.clock, query)
    found = search_for_guests(calendars, team.clock, team.store.apps[APP_ID], query)(chosen)(query.start, query.end)
    assert list(found.starts) == of_one(offered, chosen), seed
    assert found.shown_to_guests == offered.shown_to_guests, seed
    assert (found.agent_ids, found.length_minutes) == (offered.agent_ids, offered.length_minutes), seed
    return bool(offered.starts)


def test_a_page_shows_the_times_that_the_api_offers() -> None:
    assert sum(check(seed) for seed in range(FEW)) > FEW / 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_same_for_two_thousand_teams() -> None:
    assert sum(check(seed) for seed in range(TEAMS)) > TEAMS / 4


@pytest.mark.parametrize(
    ("mode", "times", "days"),
    [
        (AssignmentMode.ANY_AVAILABLE, 20 * 16, 20 * 2),  # two agents' whole month
        (AssignmentMode.PICK_FROM_OPTIONS, 20 * 16 + 49, 50 + 19),  # everybody's first day, and the month of one
    ],
)
def test_of_a_team_of_fifty_few_days_are_read(mode: AssignmentMode, times: int, days: int) -> None:
    clock = SetClock(datetime(2026, 5, 4, 7, tzinfo=UTC))
    store = MemoryStore(clock)
    store.apps[APP_ID] = an_app(APP_ID, assignment_mode=mode, public=True, duration_minutes=30)
    week = tuple(Window(weekday=day, start="09:00", end="17:00", zone="UTC") for day in range(5))
    for number in range(50):
        agent_id = f"agent-{number:02d}"
        store.agents[APP_ID, agent_id] = Agent(agent_id=agent_id, name="A", working_hours=week)
    query = SlotQuery(app_id=APP_ID, start=clock.instant, end=clock.instant + timedelta(days=28), for_guests=True)
    calendars = Counted(store)
    found = search_for_guests(calendars, clock, store.apps[APP_ID], query)(None)(query.start, query.end)
    assert (len(found.starts), calendars.days) == (times, days)
