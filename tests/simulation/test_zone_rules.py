"""2,000 calls booked under the zone rules of 2025b, and followed under the pinned ones.

Both releases are the package's own, each in a process that finds it where the code looks for it. What must be found is
worked out apart, from the files of both, by an oracle that shares nothing with `zoneinfo`.
"""

import os
import pickle
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from slotline import zone_rules, zones_changed
from slotline.domain.booking.calls import Call, EventType
from slotline.domain.booking.zone_walks import ZonePhase
from slotline.ports.shared import RaceLost, StoreBusyError
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.change_call import ChangeCall
from slotline.usecases.booking.follow_zone_rules import FollowZoneRules
from slotline.usecases.booking.wake_zone_walk import WakeZoneWalk
from slotline.usecases.booking.walk_zone_rules import WalkZoneRules
from tests.support.aws.moto_tables import ROOT
from tests.support.builders.apps import SetClock
from tests.support.memory.faults import Crashed, Fault, Faults
from tests.support.memory.rows import StoreRows
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.timing import MemoryQueues
from tests.support.memory.zone_walks import MemoryZoneWalks
from tests.support.oracles.invariants import State, days_equal_their_calls, no_two_calls_collide
from tests.support.oracles.tzif import Clocks
from tests.support.worlds.former_rules import (
    BOOKED_AT,
    CALLS,
    KEEPS_INSTANT,
    KEEPS_WALL_TIME,
    UNTOUCHED,
    ZONES,
    Booked,
)
from tools.zones_changed import installed, module_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HOUR = timedelta(hours=1)
PRESENT = Path(zone_rules.FOLDER)


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of 2025b, pinned with its hash, in a folder of its own."""
    return installed("2025.2", tmp_path_factory.mktemp("former"), ROOT / "requirements" / "zones.txt")


@pytest.fixture(scope="module")
def booked(former: Path, tmp_path_factory: pytest.TempPathFactory) -> Booked:
    """What a process with those rules has booked."""
    left = tmp_path_factory.mktemp("booked") / "calls"
    path = os.pathsep.join([str(former.parent), str(ROOT / "layers" / "common" / "python"), str(ROOT)])
    command = [sys.executable, "-m", "tests.support.worlds.former_rules", str(left)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path}, cwd=ROOT)
    release, kept = pickle.loads(left.read_bytes())
    return Booked(release=release, kept=kept)


@dataclass
class Judge:
    """What must be found, by the files of both releases."""

    former: Path

    def promised(self, call: Call) -> tuple[str, str]:
        """What clocks showed in the app's zone and the guest's."""
        return self._shown(self.former / "zoneinfo", call)

    def shown(self, call: Call) -> tuple[str, str]:
        """What they show now."""
        return self._shown(PRESENT, call)

    def is_changed(self, call: Call) -> bool:
        """Whether people find the call at another time than they were told."""
        return self.promised(call) != self.shown(call)

    def _shown(self, folder: Path, call: Call) -> tuple[str, str]:
        zones = (call.app_timezone, call.guest.timezone or call.app_timezone)
        app_time, guest_time = (_clocks(folder / zone).show(call.scheduled_at) for zone in zones)
        return app_time, guest_time


@cache
def _clocks(file: Path) -> Clocks:
    return Clocks.of(file)


class Town:
    """The calls under the pinned rules, and walkers that may die."""

    def __init__(self, booked: Booked) -> None:
        self.clock = SetClock(BOOKED_AT)
        self.store = booked.store(self.clock)
        self.before = dict(self.store.calls)
        self.walks = MemoryZoneWalks(self.store, page=50)
        self.ids = NumberedIds()

    def wake(self) -> bool:
        """What the sweep does each minute."""
        queues = MemoryQueues()
        return WakeZoneWalk(walks=self.walks, queues=queues, clock=self.clock, release=zone_rules.RELEASE)()

    def walker(self, faults: Faults) -> WalkZoneRules:
        store: MemoryStore = self.store.with_faults(faults)
        rules = FollowZoneRules(
            bookings=store, screen=refusal_of, release=zone_rules.RELEASE, changed_zones=zones_changed.ZONES
        )
        return WalkZoneRules(
            walks=replace(self.walks, store=store),
            bookings=store,
            change_call=ChangeCall(bookings=store, clock=self.clock, ids=self.ids, backoff=RecordedBackoff()),
            rules=rules,
            clock=self.clock,
            ids=self.ids,
            follow_dials=lambda _: None,
        )

    def follow(self, deaths: Iterator[int | None]) -> None:
        """A minute after the other, until the walk is over. `deaths`: after how many writes a walker dies, if any."""
        while self.walks.walk is None or self.walks.walk.phase is not ZonePhase.OVER:
            self.clock.instant += timedelta(minutes=1)
            if self.wake():
                after = next(deaths)
                faults = Faults()
                if after is not None:
                    faults.commits.extend([*[None] * after, (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)[after % 2]])
                with suppress(Crashed, RaceLost, StoreBusyError):
                    self.walker(faults)(lambda: True)

    def findings(self) -> Counter[str]:
        """How often each call was found, by its timeline."""
        return Counter(
            event.call_id
            for events in self.store.events.values()
            for event in events
            if event.event_type is EventType.ZONE_RULES_CHANGED
        )

    def check_days(self) -> None:
        """No two calls of an agent collide, and days hold what calls take."""
        rows = StoreRows(self.store).rows()
        for app_id in (KEEPS_INSTANT, KEEPS_WALL_TIME):
            state = State.of(rows, app_id)
            no_two_calls_collide(state)
            days_equal_their_calls(state)


def _nobody_dies() -> Iterator[int | None]:
    while True:
        yield None


def _many_die() -> Iterator[int | None]:
    dice = random.Random(7)
    while True:
        yield dice.randrange(40)


@pytest.fixture(scope="module", params=["nobody dies", "walkers die half-way, again and again"])
def town(request: pytest.FixtureRequest, booked: Booked) -> Town:
    """After the walk."""
    town = Town(pickle.loads(pickle.dumps(booked)))
    town.follow(_nobody_dies() if request.param == "nobody dies" else _many_die())
    return town


def test_the_calls_were_booked_under_the_former_rules(booked: Booked, former: Path) -> None:
    judge = Judge(former)
    calls = booked.kept["calls"].values()
    assert (booked.release, zone_rules.RELEASE, len(calls)) == ("2025b", "2026f", CALLS)
    for call in calls:
        app_time, guest_time = judge.promised(call)
        assert call.promised.app_time == app_time
        assert call.promised.guest_time == (guest_time if call.guest.timezone else None)
        assert call.promised.zone_data == "2025b"


def test_exactly_the_calls_whose_wall_time_changed_are_found_and_each_once(town: Town, former: Path) -> None:
    judge = Judge(former)
    expected = {call.id for call in town.before.values() if judge.is_changed(call)}
    assert town.findings() == dict.fromkeys(expected, 1)
    by_zone = Counter(call.app_timezone for call in town.before.values() if call.id in expected)
    print(f"\nfound of {CALLS}: {dict(sorted(by_zone.items()))}")  # noqa: T201 - the figures of the docs
    assert by_zone.keys() == set(ZONES) - set(UNTOUCHED)
    assert len(expected) > CALLS / 5


def test_what_did_not_change_is_untouched(town: Town, former: Path) -> None:
    judge = Judge(former)
    for place, call in town.before.items():
        if not judge.is_changed(call):
            assert town.store.calls[place] == call
    assert all(not judge.is_changed(call) for call in town.before.values() if call.app_timezone in UNTOUCHED)


def test_calls_that_keep_their_instant_are_told_the_wall_time_that_clocks_show(town: Town, former: Path) -> None:
    judge = Judge(former)
    for (app_id, call_id), before in town.before.items():
        after = town.store.calls[app_id, call_id]
        if app_id != KEEPS_INSTANT or not judge.is_changed(before):
            continue
        assert after.scheduled_at == before.scheduled_at
        assert after.promised is not None
        assert after.zone_change is not None
        assert after.zone_change.outcome == "told"
        assert after.promised.app_time == judge.shown(before)[0]
        assert (after.promised.guest_time or after.promised.app_time) == judge.shown(before)[1]


def test_calls_that_keep_their_wall_time_are_moved_to_it_or_something_is_in_the_way(town: Town, former: Path) -> None:
    judge, outcomes = Judge(former), Counter[str]()
    for (app_id, call_id), before in town.before.items():
        after = town.store.calls[app_id, call_id]
        if app_id != KEEPS_WALL_TIME or not judge.is_changed(before):
            continue
        assert after.zone_change is not None
        outcomes[after.zone_change.outcome.value] += 1
        if after.zone_change.outcome == "moved":
            assert judge.shown(after)[0] == judge.promised(before)[0]
            assert abs(after.scheduled_at - before.scheduled_at) == HOUR
        else:
            assert after.scheduled_at == before.scheduled_at
            assert after.zone_change.reason in {"slot_taken", "wall_time_gap"}
    print(f"of those that keep their wall time: {dict(outcomes)}")  # noqa: T201 - as above
    assert outcomes["moved"] > 10 * outcomes["not_moved"] > 0
    assert outcomes.keys() == {"moved", "not_moved"}


def test_no_two_calls_collide_and_days_hold_what_calls_take(town: Town) -> None:
    town.check_days()


def test_the_zones_that_changed_are_written_down_as_the_packages_have_them(former: Path) -> None:
    written = (ROOT / "layers" / "common" / "python" / "slotline" / "zones_changed.py").read_text()
    assert written == module_of(former, PRESENT.parent)
    assert zones_changed.PRESENT == zone_rules.RELEASE
