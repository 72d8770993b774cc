"""What must hold of every phone that rang, worked out anew from what the carrier saw and not from the code."""

from collections import Counter, defaultdict
from datetime import datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.statuses import DialStatus
from tests.support.worlds.dial_world import ORGANIZATION, DialWorld, Ring

IN_FLIGHT = timedelta(seconds=3)
"""What was pressed this shortly before a phone rang may have been too late for it."""


def judge(world: DialWorld, *, opens: time, closes: time) -> None:
    """Every invariant. The callee's hours are Bogota's, on every day of the week."""
    rang_once(world)
    by_call: dict[str, list[Ring]] = defaultdict(list)
    for ring in sorted(world.carrier.rings, key=lambda ring: ring.asked_at):
        by_call[ring.call_id].append(ring)
        in_hours(ring, opens, closes)
        wanted(world, ring)
    for call_id, rings in by_call.items():
        in_order(world, call_id, rings)
    events_rise(world)


def rang_once(world: DialWorld) -> None:
    """A phone rings at most once for an attempt; and the carrier is not even asked twice."""
    rings = Counter(ring.token for ring in world.carrier.rings)
    assert all(times == 1 for times in rings.values()), "a phone rang twice for one attempt"
    asked = Counter(token for token, _ in world.carrier.asked)
    assert all(times == 1 for times in asked.values()), "the carrier was asked twice for one attempt"


def in_hours(ring: Ring, opens: time, closes: time) -> None:
    local = ring.asked_at.astimezone(ZoneInfo("America/Bogota")).time()
    assert opens <= local < closes, f"rang at {local}"


def wanted(world: DialWorld, ring: Ring) -> None:
    """Nothing rings for a campaign that is paused or over, for who is listed, or for a call that was called off."""
    call = world.dials.calls[ORGANIZATION, ring.call_id]
    assert call.campaign_id is not None
    before = ring.asked_at - IN_FLIGHT
    states = world.states[call.campaign_id]
    then = {state for at, state in states if before <= at <= ring.asked_at}
    earlier = [state for at, state in states if at <= before]
    assert CampaignState.RUNNING in then | set(earlier[-1:]), "rang for a campaign that did not run"
    assert world.listed_at.get(call.e164, ring.asked_at) >= before, "rang for somebody who is listed"
    assert world.called_off_at.get(call.id, ring.asked_at) >= before, "rang for a call that was called off"


def in_order(world: DialWorld, call_id: str, rings: list[Ring]) -> None:
    """One after the other, no sooner than the rule says, and no more often than the limits do."""
    call = world.dials.calls[ORGANIZATION, call_id]
    (rule,) = call.rules
    assert len(rings) <= 1 + call.max_retries
    for before, after in pairwise(rings):
        assert before.outcome in (DialStatus.BUSY, DialStatus.NO_ANSWER), "dialled again after an outcome without rule"
        assert after.asked_at >= before.ends_at + timedelta(minutes=rule.retry_period), "dialled again too soon"
    days = Counter(ring.asked_at.astimezone(ZoneInfo(call.zones[0])).date() for ring in rings[1:])
    assert rule.max_retry_per_day is None or all(times <= rule.max_retry_per_day for times in days.values())


def events_rise(world: DialWorld) -> None:
    """The events of a call rise, and the last one says what the call says."""
    last: dict[str, int] = {}
    status: dict[str, DialStatus] = {}
    for event in world.dials.events:
        assert event.sequence > last.get(event.call_id, 0)
        last[event.call_id], status[event.call_id] = event.sequence, event.status
    for (_, call_id), call in world.dials.calls.items():
        assert status.get(call_id, DialStatus.SCHEDULED) is call.status


def fullest_second(starts: list[datetime]) -> int:
    """The most starts that any second has, wherever it begins."""
    ordered, most, first = sorted(starts), 0, 0
    for last, at in enumerate(ordered):
        while ordered[first] <= at - timedelta(seconds=1):
            first += 1
        most = max(most, last - first + 1)
    return most


def most_at_once(rings: list[Ring]) -> int:
    """The most lines that were taken at any moment."""
    steps = sorted([(ring.asked_at, 1) for ring in rings] + [(ring.ends_at, -1) for ring in rings])
    now = most = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most
