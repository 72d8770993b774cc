"""The walk over upcoming calls after a change of zone rules."""

from functools import cache
from typing import TYPE_CHECKING

from slotline import zone_rules
from slotline.ports.booking import ZoneWalks
from slotline.store.booking.zone_walks import DynamoZoneWalks
from slotline.usecases.booking.wake_zone_walk import WakeZoneWalk
from slotline.wiring import common
from slotline.wiring.shared import queues

if TYPE_CHECKING:
    from slotline.usecases.booking.walk_zone_rules import FollowDials, WalkZoneRules


@cache
def zone_walks() -> ZoneWalks:
    """How far the walk is, and what it goes through."""
    settings = common.settings()
    return DynamoZoneWalks(common.dynamodb(), settings.scheduling_table, settings.access_table)


@cache
def wake_zone_walk() -> WakeZoneWalk:
    """Whether there is one to be done."""
    return WakeZoneWalk(walks=zone_walks(), queues=queues.queues(), clock=common.clock(), release=zone_rules.RELEASE)


@cache
def walk_zone_rules(follow_dials: "FollowDials") -> "WalkZoneRules":
    """A walker under the rules of this release, which is handed what follows them in dialing.

    Hardly a process is one, so what it needs comes with it.
    """
    from slotline.usecases.booking.follow_zone_rules import FollowZoneRules
    from slotline.usecases.booking.walk_zone_rules import WalkZoneRules
    from slotline.wiring.booking.bookings import bookings, change_call
    from slotline.wiring.shared import phones
    from slotline.zones_changed import ZONES

    rules = FollowZoneRules(
        bookings=bookings(), screen=phones.refusal_of, release=zone_rules.RELEASE, changed_zones=ZONES
    )
    return WalkZoneRules(
        walks=zone_walks(),
        bookings=bookings(),
        change_call=change_call(),
        rules=rules,
        clock=common.clock(),
        ids=common.ids(),
        follow_dials=follow_dials,
    )
