"""Calls whose wall time is another since the rules of time zones changed: listed, or followed as their presets say.

The system does it by itself (`slotline.usecases.booking.wake_zone_walk`). This is for whoever wants to see first, or
does not want to wait for the hour until nobody runs the former release.
"""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slotline import zone_rules
from slotline.clock import FullJitter, RandomIds
from slotline.domain.booking.calls import Call
from slotline.domain.booking.promises import ZoneChange
from slotline.domain.booking.zone_walks import ZonePhase
from slotline.domain.dialing.use_cases import UseCase
from slotline.http.booking.shown_calls import shown_zone_change
from slotline.ports.shared import Clock, RaceLost, StoreBusyError
from slotline.store.booking.bookings import DynamoBookings
from slotline.store.booking.zone_walks import DynamoZoneWalks
from slotline.store.dialing.calls import DynamoDialCalls
from slotline.store.dialing.settings import USE_CASES, DynamoDialSettings
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.change_call import ChangeCall
from slotline.usecases.booking.follow_zone_rules import FollowZoneRules
from slotline.usecases.booking.walk_zone_rules import WalkZoneRules
from slotline.usecases.dialing.follow_zone_rules import FollowDialZoneRules
from slotline.zones_changed import ZONES
from tools.errors import ToolError
from tools.target import Target

MOST_SHOWN = 1_000
"""Calls that a dry run names; it counts all."""
GO_ON = "the system goes on from there by itself, and so does `zones check` in a minute"


def walker_of(target: Target, clock: Clock) -> WalkZoneRules:
    """A walker under the rules of this checkout, which must be those that the system runs."""
    client = target.client("dynamodb")
    bookings = DynamoBookings(client, target.scheduling_table, target.access_table, clock)
    ids = RandomIds()
    use_cases: DynamoDialSettings[UseCase] = DynamoDialSettings(
        client, target.dialing_table, target.access_table, clock, USE_CASES
    )
    return WalkZoneRules(
        walks=DynamoZoneWalks(client, target.scheduling_table, target.access_table),
        bookings=bookings,
        change_call=ChangeCall(bookings=bookings, clock=clock, ids=ids, backoff=FullJitter()),
        rules=FollowZoneRules(bookings=bookings, screen=refusal_of, release=zone_rules.RELEASE, changed_zones=ZONES),
        clock=clock,
        ids=ids,
        follow_dials=FollowDialZoneRules(
            calls=DynamoDialCalls(client, target.dialing_table),
            use_cases=use_cases,
            clock=clock,
            backoff=FullJitter(),
        ),
    )


def check(walker: WalkZoneRules) -> dict[str, Any]:
    """Follow the rules for every upcoming call. Raises ToolError if it is stopped, or another walker is at it."""
    try:
        walker.begin()
        walk = walker(lambda: True)
    except KeyboardInterrupt as stopped:
        raise ToolError(f"stopped; {GO_ON}") from stopped
    except RaceLost as overtaken:
        raise ToolError("another walk has begun meanwhile; it goes on by itself") from overtaken
    except (StoreBusyError, BotoCoreError, ClientError) as failure:
        raise ToolError(f"AWS: {failure}; {GO_ON}") from failure
    if walk is None or walk.phase not in (ZonePhase.WAITING, ZonePhase.OVER):
        raise ToolError("another walk has begun meanwhile; it goes on by itself")
    by_zone = {zone: dict(outcomes) for zone, outcomes in sorted(walk.found.items())}
    return {"zone_rules": walk.release, "found": sum(map(_sum, by_zone.values())), "by_zone": by_zone}


def dry_run(walker: WalkZoneRules) -> dict[str, Any]:
    """What `check` would do, and nothing is written."""
    by_zone: dict[str, Counter[str]] = {}
    calls: list[dict[str, Any]] = []
    for call, found in walker.findings():
        by_zone.setdefault(call.app_timezone, Counter())[found.outcome.value] += 1
        if len(calls) < MOST_SHOWN:
            calls.append(_shown(call, found))
    counted = {zone: dict(outcomes) for zone, outcomes in sorted(by_zone.items())}
    return {
        "zone_rules": walker.rules.release,
        "would_find": sum(map(_sum, counted.values())),
        "by_zone": counted,
        "calls": calls,
    }


def check_options(parser: ArgumentParser) -> None:
    """Of `zones check`."""
    parser.add_argument("--dry-run", action="store_true", help="list the calls, and what would be done; do nothing")


def _shown(call: Call, found: ZoneChange) -> dict[str, Any]:
    """Without whose call it is: ids lead there."""
    return {"app_id": call.app_id, "id": call.id, "app_timezone": call.app_timezone, **shown_zone_change(found)}


def _sum(outcomes: dict[str, int]) -> int:
    return sum(outcomes.values())
