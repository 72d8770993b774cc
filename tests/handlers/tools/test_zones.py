"""`zones check` on a stack in memory: what it lists, what it does, and what it says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.domain.booking.apps import OnZoneChange
from slotline.domain.booking.calls import Call
from slotline.domain.booking.promises import PromisedTime
from slotline.domain.booking.zone_walks import ZonePhase, ZoneWalk
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.zone_walks import DynamoZoneWalks
from slotline.store.dynamodb import keys
from slotline.store.dynamodb.client import to_values
from tests.handlers.tools.conftest import Ran
from tests.support.builders.apps import NOW, SetClock
from tests.support.builders.bookings import a_call, write_call
from tools import zones
from tools.target import Target

Run = Callable[..., Ran]
WINTER = datetime(2027, 1, 12, 17, 0, tzinfo=UTC)
CLOCK = SetClock(NOW)


@pytest.fixture(autouse=True)
def _begins_anew(target: Target) -> None:
    """Each test walks for the first time."""
    client = target.client("dynamodb")
    client.delete_item(TableName=target.access_table, Key=to_values(keys.walk("zones")))


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's clock shows the present of these calls, whatever day it is: only calls to come are looked at."""
    monkeypatch.setattr("tools.provision.SystemClock", lambda: CLOCK)


@pytest.fixture
def bookings(target: Target) -> DynamoBookings:
    return DynamoBookings(target.client("dynamodb"), target.scheduling_table, target.access_table, CLOCK)


def promised(bookings: DynamoBookings, app_id: str, app_time: str | None, **changes: Any) -> Call:
    """A call of nobody, with what was promised under the rules of 2025b."""
    call = a_call(
        app_id=app_id,
        assigned_agent_id=None,
        **{"scheduled_at": WINTER, "app_timezone": "America/Vancouver", "created_at": NOW, **changes},
    )
    promise = PromisedTime(app_time=app_time, guest_time=None, zone_data="2025b") if app_time else None
    return write_call(bookings, replace(call, promised=promise))


def test_a_dry_run_lists_and_a_run_does_what_was_listed(run: Run, app_id: str, bookings: DynamoBookings) -> None:
    call = promised(bookings, app_id, "2027-01-12T09:00")
    promised(bookings, app_id, "2027-01-12T10:00")
    promised(bookings, app_id, "2027-01-12T17:00", app_timezone="Europe/London")
    listed = run("zones", "check", "--dry-run").json
    assert listed["by_zone"] == {"America/Vancouver": {"told": 1}}
    assert [(row["id"], row["old_app_time"], row["new_app_time"]) for row in listed["calls"]] == [
        (call.id, "2027-01-12T09:00", "2027-01-12T10:00")
    ]
    assert "Jane" not in str(listed)
    ran = run("zones", "check").json
    assert (ran["found"], ran["by_zone"]) == (1, listed["by_zone"])
    assert run("zones", "check").json["found"] == 0
    assert run("zones", "check", "--dry-run").json["would_find"] == 0


def test_a_preset_that_keeps_wall_times_has_its_calls_moved(
    run: Run, app_id: str, bookings: DynamoBookings, target: Target
) -> None:
    client = target.client("dynamodb")
    client.update_item(
        TableName=target.scheduling_table,
        Key=to_values(keys.app(app_id)),
        UpdateExpression="SET preset.on_zone_change = :keeps",
        ExpressionAttributeValues=to_values({":keeps": OnZoneChange.KEEP_WALL_TIME.value}),
    )
    call = promised(bookings, app_id, "2027-01-12T09:00")
    assert run("zones", "check").json["by_zone"] == {"America/Vancouver": {"moved": 1}}
    there = bookings.read_for_change(app_id, call.id, None).call
    assert there is not None
    assert there.scheduled_at == WINTER.replace(hour=16)


def test_a_walk_that_another_is_at_is_left_to_it(run: Run, target: Target) -> None:
    walks = DynamoZoneWalks(target.client("dynamodb"), target.scheduling_table, target.access_table)
    walks.write(ZoneWalk(release="2026f", seen_at=NOW, phase=ZonePhase.LISTING).held("another", NOW))
    ran = run("zones", "check")
    assert (ran.status, ran.out) == (1, "")
    assert "under way" in ran.err


def test_rules_that_are_older_than_what_was_walked_are_refused(run: Run, target: Target) -> None:
    walks = DynamoZoneWalks(target.client("dynamodb"), target.scheduling_table, target.access_table)
    walks.write(ZoneWalk(release="2099a", seen_at=NOW))
    ran = run("zones", "check")
    assert ran.status == 1
    assert "2099a" in ran.err


def test_whoever_stops_it_is_told_that_it_goes_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(DynamoZoneWalks, "apps_with_calls", stopped)
    ran = run("zones", "check")
    assert ran.status == 1
    assert zones.GO_ON in ran.err
