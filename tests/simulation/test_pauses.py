"""Campaigns that are paused and resumed: order and interval are kept; nothing is lost, doubled or dialled in between.

PAUSED_CAMPAIGNS and PAUSED_CAMPAIGNS_SLOW say how many random campaigns the quick and the slow run live through, and
SIMULATION_SEED draws other ones. The judge works out when calls should ring from the plan, the pauses and the hours.
"""

import os
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from slotline.domain.dialing.campaigns import CampaignState
from tests.support.oracles.dialing import in_order, rang_once, wanted
from tests.support.worlds.dial_world import MONDAY_MORNING, ORGANIZATION, DialWorld, Ring

QUICK = int(os.environ.get("PAUSED_CAMPAIGNS", "25"))
SLOW = int(os.environ.get("PAUSED_CAMPAIGNS_SLOW", "500"))
SEED = int(os.environ.get("SIMULATION_SEED", "7"))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOON = timedelta(seconds=4)
"""How late a wake-up and the number's pace make a call at most."""

ZONES = ("America/Bogota", "America/New_York", "America/Los_Angeles", "Europe/London")


@dataclass
class Plan:
    """What was asked for: hours, calls by id with their first plan, and what people did."""

    interval: timedelta
    opens: time
    closes: time
    zones: dict[str, str] = field(default_factory=dict)
    planned: dict[str, datetime] = field(default_factory=dict)
    own_times: set[str] = field(default_factory=set)
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def is_of_one_zone(self) -> bool:
        return len(set(self.zones.values())) == 1

    def is_open(self, call_id: str, at: datetime) -> bool:
        return self.opens <= at.astimezone(ZoneInfo(self.zones[call_id])).time() < self.closes

    def next_opening(self, call_id: str, at: datetime) -> datetime:
        if self.is_open(call_id, at):
            return at
        zone = ZoneInfo(self.zones[call_id])
        local = at.astimezone(zone)
        day = local.date() + timedelta(days=local.time() >= self.opens)
        return datetime.combine(day, self.opens, zone).astimezone(at.tzinfo)


@dataclass
class Seen:
    """How often each promise was put to the test."""

    campaigns: int = 0
    calls: int = 0
    rings: int = 0
    resumes: int = 0
    gaps: int = 0
    moments: int = 0
    at_once: int = 0
    worst: timedelta = timedelta(0)


def live(seed: int, *, trouble: float = 0, store_trouble: float = 0) -> tuple[DialWorld, Plan]:
    """A campaign with random calls, hours and zones, paused and resumed by somebody who may press a button twice."""
    world = DialWorld(seed, trouble=trouble, store_trouble=store_trouble)
    drawn = world.random
    interval = drawn.choice([1, 5, 20, 60])
    opens, closes = drawn.choice([("08:00", "21:00"), ("09:00", "12:00"), ("00:00", "23:59")])
    plan = Plan(timedelta(minutes=interval), time.fromisoformat(opens), time.fromisoformat(closes))
    world.add_use_case(callee_start=opens, callee_end=closes)
    world.add_number("number", calls_per_second=20, lines=500)
    world.add_campaign("a", "number", interval_minutes=interval)
    zones = drawn.choice([ZONES[:1], ZONES[2:3], ZONES])
    turn = 0
    for n in range(drawn.randint(5, 40)):
        call_id, has_own_time = f"call-{n:02}", drawn.random() < 0.2
        plan.zones[call_id] = drawn.choice(zones)
        asked_at = MONDAY_MORNING + (drawn.random() * 24 * HOUR if has_own_time else turn * plan.interval)
        turn += not has_own_time
        plan.planned[call_id] = at = plan.next_opening(call_id, asked_at)
        if has_own_time:
            plan.own_times.add(call_id)
        world.add_call(call_id, "a", at, zones=(plan.zones[call_id],), has_own_time=has_own_time)
    at = MONDAY_MORNING
    for _ in range(drawn.randint(1, 4)):
        at += drawn.random() * drawn.choice([MINUTE, HOUR, 12 * HOUR])
        until = at + drawn.random() * drawn.choice([MINUTE, HOUR, 5 * HOUR, 40 * HOUR])
        plan.pauses.append((at, until))
        world.later(at, world.move_campaign, "a", CampaignState.PAUSED)
        for pressed in range(drawn.randint(1, 2)):
            world.later(until + pressed * 20 * timedelta(seconds=1), world.move_campaign, "a", CampaignState.RUNNING)
        at = until + MINUTE
    world.run()
    return world, plan


def judge(world: DialWorld, plan: Plan, seen: Seen) -> None:
    """In any weather nothing is lost or doubled, or rings while paused, before its plan, or out of hours."""
    rang_once(world)
    by_call: dict[str, list[Ring]] = defaultdict(list)
    for ring in sorted(world.carrier.rings, key=lambda ring: ring.asked_at):
        by_call[ring.call_id].append(ring)
        wanted(world, ring)
        assert plan.is_open(ring.call_id, ring.asked_at), f"rang out of hours, at {ring.asked_at}"
        assert ring.asked_at >= plan.planned[ring.call_id], "rang before it was first planned"
    for call_id, rings in by_call.items():
        in_order(world, call_id, rings)
    assert all(call.is_over for call in world.dials.calls.values()), "a call was forgotten"
    assert world.campaigns.kept[ORGANIZATION, "a"].state is CampaignState.COMPLETED
    seen.campaigns += 1
    seen.calls += len(plan.planned)
    seen.rings += len(world.carrier.rings)
    seen.resumes += len(plan.pauses)


def judge_moments(world: DialWorld, plan: Plan, seen: Seen) -> None:
    """What holds where wake-ups come in time: what was left goes on at once, and an interval apart."""
    first = {
        ring.call_id: ring.asked_at for ring in sorted(world.carrier.rings, key=lambda one: -one.asked_at.timestamp())
    }
    assert set(first) == set(plan.planned), "a call never rang"
    after = [until for _, until in plan.pauses]
    before = [at for at, _ in plan.pauses[1:]] + [datetime.max.replace(tzinfo=MONDAY_MORNING.tzinfo)]
    for resumed_at, paused_at in zip(after, before, strict=True):
        left = sorted(
            (call_id for call_id in plan.planned if first[call_id] > resumed_at and call_id not in plan.own_times),
            key=lambda call_id: (plan.planned[call_id], call_id),
        )
        gaps(plan, first, [call_id for call_id in left if first[call_id] < paused_at], seen)
        if plan.is_of_one_zone:
            moments(plan, first, left, resumed_at, paused_at, seen)
        at_once(plan, first, resumed_at, paused_at, seen)


def gaps(plan: Plan, first: dict[str, datetime], rang: list[str], seen: Seen) -> None:
    """A call that rang later than planned is an interval away from the one before and the one after, whatever zones."""
    in_time = sorted(rang, key=first.__getitem__)
    for one, other in pairwise(in_time):
        if any(first[call_id] > plan.planned[call_id] + SOON for call_id in (one, other)):
            seen.gaps += 1
            assert first[other] - first[one] >= plan.interval - SOON, "two calls closer than the interval"


def moments(
    plan: Plan, first: dict[str, datetime], left: list[str], resumed_at: datetime, paused_at: datetime, seen: Seen
) -> None:
    """In one zone every call's moment is known: an interval after the one before it, or its plan, in hours."""
    earliest, has_backlog = resumed_at, True
    for n, call_id in enumerate(left):
        planned = plan.planned[call_id]
        has_backlog = has_backlog and planned < plan.next_opening(call_id, earliest)
        expected = plan.next_opening(call_id, max(planned, earliest)) if has_backlog else planned
        if expected >= paused_at - MINUTE:
            return
        late = first[call_id] - expected
        assert -SOON <= late <= (MINUTE if n == 0 else SOON), f"call {n} that was left rang {late} late"
        seen.moments += 1
        seen.worst = max(seen.worst, late)
        earliest = (first[call_id] if n == 0 else expected) + plan.interval


def at_once(plan: Plan, first: dict[str, datetime], resumed_at: datetime, paused_at: datetime, seen: Seen) -> None:
    """What has its own time, and fell due in the pause, rings within a minute of the resume, or of its opening."""
    for call_id in plan.own_times:
        if plan.planned[call_id] > resumed_at or first[call_id] <= resumed_at:
            continue
        opens = plan.next_opening(call_id, resumed_at)
        if opens < paused_at - MINUTE:
            seen.at_once += 1
            assert first[call_id] - opens <= MINUTE, "a call with its own time waited on"


def lived(campaigns: int, seed: int) -> None:
    seen = Seen()
    for number in range(campaigns):
        world, plan = live(seed + number)
        judge(world, plan, seen)
        judge_moments(world, plan, seen)
    print(f"\n{seen}")  # noqa: T201 - shown by pytest -s


def test_order_and_interval_are_kept_through_any_pauses() -> None:
    lived(QUICK, SEED)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_order_and_interval_are_kept_in_five_hundred_campaigns() -> None:
    lived(SLOW, 1000 * SEED)


def test_nothing_is_lost_doubled_or_dialled_in_a_pause_in_bad_weather_either() -> None:
    seen = Seen()
    for number in range(QUICK):
        judge(*live(SEED + number, trouble=0.05, store_trouble=0.01), seen)
    print(f"\n{seen}")  # noqa: T201 - shown by pytest -s


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_nothing_is_lost_doubled_or_dialled_in_a_pause_in_the_bad_weather_of_five_hundred_campaigns() -> None:
    seen = Seen()
    for number in range(SLOW):
        judge(*live(1000 * SEED + number, trouble=0.05, store_trouble=0.01), seen)
    print(f"\n{seen}")  # noqa: T201 - shown by pytest -s
