"""Campaigns dialled in bad weather: no phone rings twice for one attempt, and every call comes to its end.

DIALED_ATTEMPTS and DIALED_ATTEMPTS_SLOW say about how many attempts the quick and the slow run make, and
SIMULATION_SEED draws other ones.
"""

import os
from datetime import time, timedelta
from itertools import count

import pytest

from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.pace import SLACK
from slotline.domain.dialing.statuses import DialStatus
from tests.support.oracles.dialing import fullest_second, judge, most_at_once
from tests.support.worlds.dial_world import MONDAY_MORNING, ORGANIZATION, DialWorld

QUICK = int(os.environ.get("DIALED_ATTEMPTS", "200"))
SLOW = int(os.environ.get("DIALED_ATTEMPTS_SLOW", "20000"))
SEED = int(os.environ.get("SIMULATION_SEED", "7"))
CALLS = 150
"""Of one world."""
DAY = timedelta(days=1)


def live(seed: int) -> DialWorld:
    """Three campaigns on two numbers, and people who pause, resume, cancel, call off and ask not to be called."""
    world = DialWorld(seed)
    world.add_use_case(work_start="09:00", work_end="17:00", timezone="America/Bogota")
    world.add_number("fast", calls_per_second=5, lines=10)
    world.add_number("slow", calls_per_second=1, lines=2)
    for campaign, number in (("a", "fast"), ("b", "fast"), ("c", "slow")):
        world.add_campaign(campaign, number)
    drawn = world.random
    for n in range(CALLS):
        at = MONDAY_MORNING + timedelta(seconds=drawn.choice([0, drawn.uniform(0, 2 * DAY.total_seconds())]))
        world.add_call(f"call-{n}", drawn.choice("abc"), at)
        if drawn.random() < 0.05:
            world.later(MONDAY_MORNING + drawn.random() * 2 * DAY, world.list_number, f"call-{n}")
        if drawn.random() < 0.05:
            world.later(MONDAY_MORNING + drawn.random() * 2 * DAY, world.call_off, f"call-{n}")
    for campaign in "abc":
        for _ in range(3):
            at = MONDAY_MORNING + drawn.random() * 2 * DAY
            world.later(at, world.move_campaign, campaign, CampaignState.PAUSED)
            world.later(at + drawn.random() * DAY, world.move_campaign, campaign, CampaignState.RUNNING)
        world.later(MONDAY_MORNING + 3 * DAY, world.move_campaign, campaign, CampaignState.RUNNING)
    if drawn.random() < 0.3:
        world.later(MONDAY_MORNING + drawn.random() * 2 * DAY, world.move_campaign, "b", CampaignState.CANCELED)
    world.run()
    return world


def came_to_its_end(world: DialWorld, campaign: str) -> None:
    """All its calls are over: it was completed, once and not before they were, unless it was canceled."""
    states = [state for _, state in world.states[campaign]]
    ends = (CampaignState.COMPLETED, CampaignState.CANCELED)
    assert [state for state in states if state in ends] == states[-1:], "a campaign ended never, twice or not for good"
    kept = world.campaigns.kept[ORGANIZATION, campaign]
    assert (kept.state, kept.due_at) == (states[-1], None)
    if states[-1] is CampaignState.COMPLETED:
        ended_at = world.states[campaign][-1][0]
        rings = [ring for ring in world.carrier.rings if world.campaign_of(ring) == campaign]
        assert all(ring.asked_at <= ended_at for ring in rings), "a phone rang for a campaign that was completed"


def made(attempts: int, seed: int) -> None:
    asked = rings = unknown = unresolved = calls = refused = 0
    for seeds in count(seed):
        world = live(seeds)
        judge(world, opens=time(9), closes=time(17))
        assert all(call.is_over for call in world.dials.calls.values()), "a call was forgotten"
        for campaign in "abc":
            came_to_its_end(world, campaign)
        for number, (rate, lines) in {"fast": (5, 10), "slow": (1, 2)}.items():
            on_it = {call.id for call in world.dials.calls.values() if call.number_id == number}
            assert (
                fullest_second([at for token, at in world.carrier.asked if token.rpartition(".")[0] in on_it]) <= rate
            )
            assert most_at_once([ring for ring in world.carrier.rings if ring.call_id in on_it]) <= lines
        asked += len(world.carrier.asked)
        rings += len(world.carrier.rings)
        refused += world.carrier.refused
        calls += len(world.dials.calls)
        unknown += len({(e.call_id, e.attempt) for e in world.dials.events if e.status is DialStatus.UNKNOWN})
        unresolved += sum(call.reason == "unresolved" for call in world.dials.calls.values())
        if asked >= attempts:
            break
    print(  # noqa: T201 - shown by pytest -s
        f"\n{asked} attempts at {calls} calls, seeds {seed}-{seeds}: {rings} phones rang, none twice;"
        f" {refused} refused, {unknown} Unknown for a while ({unknown / asked:.1%}),"
        f" {unresolved} to the end ({unresolved / asked:.2%})"
    )


def test_no_phone_rings_twice_for_an_attempt_whatever_goes_wrong() -> None:
    made(QUICK, SEED)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_phone_rings_twice_in_twenty_thousand_attempts() -> None:
    made(SLOW, 1000 * SEED)


def test_in_good_weather_every_call_that_may_be_retried_is() -> None:
    world = DialWorld(SEED, trouble=0, store_trouble=0)
    world.add_use_case(callee_start="00:00", callee_end="24:00")
    world.add_number("fast", calls_per_second=5, lines=10)
    world.add_campaign("a", "fast")
    for n in range(60):
        world.add_call(f"call-{n}", "a", MONDAY_MORNING)
    world.run()
    judge(world, opens=time.min, closes=time.max)
    for n in range(60):
        call = world.dials.calls[ORGANIZATION, f"call-{n}"]
        rings = [ring for ring in world.carrier.rings if ring.call_id == call.id]
        assert call.status is rings[-1].outcome
        tried_all = call.attempts == 1 + call.max_retries
        assert call.status in (DialStatus.COMPLETED, DialStatus.FAILED) or tried_all


@pytest.mark.parametrize("rate", [1, 5])
@pytest.mark.parametrize("oversleeps", [timedelta(0), SLACK], ids=["on the dot", "a little late"])
def test_a_number_starts_no_more_than_it_may_in_any_second_and_hardly_fewer(rate: int, oversleeps: timedelta) -> None:
    """All calls at once, wake-ups up to a second late. Every second that ends with a start is looked at."""
    world = busy(rate, lines=1000, oversleeps=oversleeps)
    starts = sorted(at for _, at in world.carrier.asked)
    fullest = fullest_second(starts)
    reached = (len(starts) - 1) / (starts[-1] - starts[0]).total_seconds()
    print(  # noqa: T201 - shown by pytest -s
        f"\n{len(starts)} starts at {reached:.2f} of {rate} a second ({reached / rate:.1%}), {fullest} in the fullest"
        f" second, {world.paced} times told to wait"
    )
    assert fullest <= rate
    assert reached >= 0.95 * rate


def test_the_fullest_second_is_found_wherever_it_begins() -> None:
    """The judge itself: a second is half-open, so two starts exactly a second apart are in none together."""
    at = [MONDAY_MORNING + timedelta(milliseconds=n) for n in (0, 900, 1100, 1899, 1900, 2099)]
    assert fullest_second(at) == 4, "from 1.1 s to just before 2.1 s; from 0.9 s there are three"
    assert fullest_second([MONDAY_MORNING, MONDAY_MORNING + timedelta(seconds=1)]) == 1


def test_a_number_holds_no_more_lines_than_it_has_and_they_are_hardly_ever_free() -> None:
    world = busy(5, lines=10)
    rings = sorted(world.carrier.rings, key=lambda ring: ring.asked_at)
    assert most_at_once(rings) <= 10
    span = (rings[-11].asked_at - rings[9].asked_at).total_seconds()
    since, until = rings[9].asked_at, rings[-11].asked_at
    taken = sum((min(r.ends_at, until) - max(r.asked_at, since)).total_seconds() for r in rings if r.ends_at > since)
    most = most_at_once(rings)
    print(f"\n{most} of 10 lines at once, taken for {taken / span / 10:.1%} of the time")  # noqa: T201 - by pytest -s
    assert taken / span / 10 >= 0.95


def busy(rate: int, *, lines: int, oversleeps: timedelta = timedelta(0)) -> DialWorld:
    """A campaign whose calls are all due at once, in good weather, without retries."""
    world = DialWorld(SEED, trouble=0, store_trouble=0)
    world.clock.oversleeps = lambda: world.random.random() * oversleeps
    world.add_use_case(callee_start="00:00", callee_end="24:00")
    world.add_number("number", calls_per_second=rate, lines=lines)
    world.add_campaign("a", "number")
    for n in range(300):
        world.add_call(f"call-{n}", "a", MONDAY_MORNING, max_retries=0)
    world.run()
    assert len(world.carrier.asked) == 300
    return world
