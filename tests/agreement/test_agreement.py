"""Availability and booking say the same: what is offered is accepted at once, what is not is refused as explained.

Random agents, calendars and questions, through the handlers, on stores in memory. AGREED_SLOTS_SLOW says how many slots
the slow run asks about.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import available_timezones

import pytest

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.agent_time import ExceptionKind, ScheduleException
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.domain.shared.working_hours import Window
from slotline.wiring import common
from slotline.wiring.booking import availability, bookings, guest_links
from tests.support.aws.moto_tables import ENVIRONMENT
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import AGENT, APP_ID, an_app
from tests.support.builders.guest_links import KEYS
from tests.support.handlers import Endpoint, Reply, forget_wiring, partner
from tests.support.memory.calendars import MemoryCalendars
from tests.support.memory.rates import MemoryRates
from tests.support.memory.store import MemoryStore

SLOTS = int(os.environ.get("AGREED_SLOTS_SLOW", "20000"))
FEW = 100
SLOTS_A_CALENDAR = 5
CALLER = partner(limit_minute="1000000", limit_hour="1000000", limit_day="1000000")
ZONES = sorted(available_timezones() - {"Factory", "localtime"})
ODD_ZONES = ("UTC", "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Berlin")
CLOCK_CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 4, 5), date(2026, 10, 4), date(2028, 2, 29))
REFUSED_AS = {"past": 400, "minimum_notice": 400, "horizon": 400, "slot_taken": 409, "dnd": 409, "blocked": 409}


class World:
    """One app with one agent, drawn by a seed, and its two handlers."""

    def __init__(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = random.Random(seed)
        self.clock = SetClock(self._a_moment())
        self.store = MemoryStore(self.clock)
        self.day = self.clock.instant.replace(hour=0, minute=0, second=0, microsecond=0)
        self.store.apps[APP_ID] = an_app(
            APP_ID,
            minimum_notice_minutes=self.chance.choice([0, 0, 0, 7, 240]),
            horizon_days=self.chance.choice([1, 2, 730, 730]),
            duration_minutes=self.chance.choice([15, 30, 50]),
            buffer_before_minutes=self.chance.choice([0, 0, 10]),
            buffer_after_minutes=self.chance.choice([0, 0, 10]),
        )
        self.store.agents[APP_ID, AGENT] = self._agent()
        for claim in self._claims():
            self._stand(claim)
        forget_wiring()
        for part, name, port in (
            (common, "clock", self.clock),
            (common, "rates", MemoryRates()),
            (bookings, "bookings", self.store),
            (availability, "calendars", MemoryCalendars(self.store)),
            (guest_links, "link_keys", lambda: KEYS),
        ):
            monkeypatch.setattr(part, name, lambda port=port: port)

    def _a_moment(self) -> datetime:
        """Now: near a change of clocks more often than not, and not on a whole minute."""
        day = self.chance.choice(CLOCK_CHANGES) - timedelta(days=self.chance.randrange(3))
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return midnight + timedelta(seconds=self.chance.randrange(86_400) + self.chance.choice([0, 0.5]))

    def _agent(self) -> Agent:
        zone = self.chance.choice([*ODD_ZONES, self.chance.choice(ZONES)])
        hours = []
        for weekday in range(7):
            ends = sorted(self.chance.sample(range(0, 1441, 5), 2 * self.chance.randrange(3)))
            if self.chance.random() < 0.15:
                ends = [0, 1440]
            clocks = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in ends]
            for start, end in zip(clocks[::2], clocks[1::2], strict=True):
                hours.append(Window(weekday=weekday, start=start, end=end, zone=zone))
        extra = ScheduleException(
            id="extra",
            kind=ExceptionKind.AVAILABLE_EXTRA,
            first=self.day.date(),
            last=self.day.date() + timedelta(days=1),
            zone=zone,
            start="10:00",
            end="12:00",
        )
        return Agent(
            agent_id=AGENT,
            name="A",
            timezone=self.chance.choice([None, *ODD_ZONES]),
            working_hours=tuple(hours),
            exceptions=(extra,) if self.chance.random() < 0.3 else (),
        )

    def _claims(self) -> Iterator[Claim]:
        for number in range(self.chance.randrange(14)):
            kind = self.chance.choice([ClaimKind.CALL] * 4 + [ClaimKind.HOLD] * 2 + [ClaimKind.DO_NOT_DISTURB])
            start = self.day + timedelta(minutes=self.chance.randrange(-600, 3 * 1440))
            before, after = (self.chance.choice([0, 0, 5, 30, 240]) for _ in range(2))
            yield Claim(
                id=f"{kind.value}-{number}",
                kind=kind,
                meeting=Interval.starting(start, self.chance.choice([5, 15, 30, 60, 480]) * MINUTE),
                before=before * MINUTE if kind is ClaimKind.CALL else 0 * MINUTE,
                after=after * MINUTE if kind is ClaimKind.CALL else 0 * MINUTE,
                expires_at=self._hold_end() if kind is ClaimKind.HOLD else None,
            )
        if self.chance.random() < 0.3:
            blocked = ScheduleException(
                id="blocked",
                kind=ExceptionKind.BLOCKED,
                first=self.day.date(),
                last=self.day.date() + timedelta(days=self.chance.randrange(2)),
                zone=self.chance.choice(ODD_ZONES),
                start=self.chance.choice(["00:00", "13:00"]),
                end=self.chance.choice(["15:30", "24:00"]),
            )
            yield from blocked.claims

    def _hold_end(self) -> datetime:
        return self.clock.instant + timedelta(seconds=self.chance.choice([-60, 0, 0.001, 60]))

    def _stand(self, claim: Claim) -> None:
        for day in claim.padded.utc_days():
            there = self.store.days.get((APP_ID, AGENT, day), AgentDay(day=day))
            self.store.days[APP_ID, AGENT, day] = replace(there, claims=(*there.claims, claim))

    def question(self) -> dict[str, Any]:
        """What is asked: any length, step and buffers, from any second of these days."""
        start = self.day + timedelta(minutes=self.chance.randrange(-60, 1800))
        start += timedelta(seconds=self.chance.choice([0, 0, 17]))
        asked = {
            "fromUtc": format_instant(start),
            "toUtc": format_instant(start + timedelta(minutes=self.chance.randrange(60, 2000))),
            "explain": "true",
            "stepMinutes": self.chance.choice([5, 7, 15, 30, 60]),
            "durationMinutes": self.chance.choice([None, 5, 30, 45, 240]),
            "bufferBeforeMinutes": self.chance.choice([None, 0, 5, 60]),
            "bufferAfterMinutes": self.chance.choice([None, 0, 5, 60]),
        }
        return {name: value for name, value in asked.items() if value is not None}

    def search(self, asked: dict[str, Any], *, bound: bool) -> Reply:
        query = {name: str(value) for name, value in asked.items()} | {"respectWorkingHours": str(bound).lower()}
        reply = Endpoint("availability/search", "GET", CALLER)(f"/api/v1/video/{APP_ID}/availability", query=query)
        assert reply.status == 200, reply.text
        return reply

    def book(self, asked: dict[str, Any], start: str, *, bound: bool) -> Reply:
        """Book it at once; what was taken is given back, so that the next question finds the same calendar."""
        shape = {name: asked[name] for name in asked.keys() & {"durationMinutes", "bufferBeforeMinutes"}}
        if "bufferAfterMinutes" in asked:
            shape["bufferAfterMinutes"] = asked["bufferAfterMinutes"]
        who = {"assignmentMethod": "round_robin"} if bound else {"assignedAgentId": AGENT}
        guest = {"guestName": "Jane Doe", "guestEmail": "jane@example.com", "appTimezone": "UTC"}
        days = dict(self.store.days)
        reply = Endpoint("scheduled_calls/create", "POST", CALLER)(
            f"/api/v1/video/{APP_ID}/scheduled-calls", {**guest, **shape, **who, "scheduledAtUtc": start}
        )
        self.store.days = days
        return reply

    def names_a_record(self, record_id: str) -> bool:
        return record_id in {claim.id.partition(".")[0] for day in self.store.days.values() for claim in day.claims}


def agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """One calendar, with its hours or without. Returns how many slots were tried, by what was said of them."""
    world, tried = World(seed, monkeypatch), Counter[str]()
    bound = seed % 2 == 0
    asked = world.question()
    found = world.search(asked, bound=bound).json["data"]
    offered = [slot["startUtc"] for slot in found["slots"]]
    refused = {one["startUtc"]: one for one in found["refused"]}
    assert not refused.keys() & set(offered)
    for start in world.chance.sample(offered, min(len(offered), SLOTS_A_CALENDAR)):
        reply = world.book(asked, start, bound=bound)
        assert reply.status == 201, (seed, start, reply.text)
        assert reply.json["data"]["call"]["assigned_agent_id"] == AGENT
        tried["offered"] += 1
    for start in world.chance.sample(sorted(refused), min(len(refused), SLOTS_A_CALENDAR)):
        check_refusal(world, refused[start], world.book(asked, start, bound=bound), bound=bound)
        tried[refused[start]["rule"]] += 1
    return tried


def check_refusal(world: World, named: dict[str, Any], reply: Reply, *, bound: bool) -> None:
    """The booking's refusal is the rule that the search named."""
    rule, code = named["rule"], reply.error["details"][0]["code"]
    if bound and REFUSED_AS.get(rule) != 400:
        assert (reply.status, code) == (409, "no_agent_available"), (named, reply.text)
    else:
        assert (reply.status, code) == (REFUSED_AS[rule], rule), (named, reply.text)
    if rule in ("slot_taken", "dnd", "blocked"):
        assert world.names_a_record(named["recordId"])
    else:
        assert named["recordId"] is None


@pytest.fixture
def endpoints(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The handlers with nothing behind them yet."""
    for name, value in (ENVIRONMENT | {"SIGNING_KEY_IDS": "none"}).items():
        monkeypatch.setenv(name, value)
    yield monkeypatch
    monkeypatch.undo()
    forget_wiring()


def run(cases: int, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """As many calendars as it takes for so many slots."""
    tried, seeds = Counter[str](), count()
    while tried.total() < cases:
        tried += agree(next(seeds), monkeypatch)
    return tried


def test_what_is_offered_is_accepted_and_what_is_not_is_refused_by_the_rule_that_was_named(
    endpoints: pytest.MonkeyPatch,
) -> None:
    assert run(FEW, endpoints)["offered"] > FEW / 4


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_same_for_twenty_thousand_slots(endpoints: pytest.MonkeyPatch) -> None:
    tried = run(SLOTS, endpoints)
    assert tried.keys() == {"offered", "outside_working_hours", *REFUSED_AS}, "every rule had its say, and no other"
    assert tried["offered"] > SLOTS / 4
