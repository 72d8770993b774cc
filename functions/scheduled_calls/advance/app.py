"""The queue of what time changes: calls (the pool's hand-over, no-show, completion), holds that end, and rooms, which
somebody looks into as long as anybody is in them.

And what governments do to time: upcoming calls are walked over, a piece a message, after the rules of zones changed.
"""

from datetime import timedelta
from typing import Any

from slotline import observability
from slotline.domain.instant.seats import Seats
from slotline.domain.shared.due import Due, DueKind
from slotline.queues.batches import consume
from slotline.wiring import common
from slotline.wiring.booking import lifecycle, zone_walks
from slotline.wiring.dialing import zone_rules
from slotline.wiring.instant import recordings, rooms
from slotline.wiring.shared import queues

A_CALL = timedelta(seconds=6)
"""The longest try of a request to the store, and a second for those that are answered as usual."""
A_PAGE = timedelta(seconds=20)
"""What a page of the walk may take if the store is slow, and the messages behind it in a batch."""


def _advance(due: Due) -> None:
    if due.kind is DueKind.ZONE_RULES:
        _walk_on()
    elif due.kind is DueKind.HOLD:
        lifecycle.end_hold()(due)
    elif due.kind is DueKind.ROOM:
        rooms.settle_room(_complete_left)(due)
    elif due.kind is DueKind.RECORDING:
        recordings.delete_recording()(due)
    else:
        lifecycle.advance_call(rooms.who_missed)(due)


def _complete_left(call_id: str, seats: Seats) -> None:
    recordings.complete_recordings().left(call_id, seats)


def _walk_on() -> None:
    """For some seconds; the next piece is the next message's."""
    walk = zone_walks.walk_zone_rules(zone_rules.follow_dials)(lambda: common.deadline().left() > A_PAGE)
    if walk is None:
        return
    observability.logger.info("zone rules followed", release=walk.release, phase=walk.phase.value, found=walk.found)
    zone_walks.wake_zone_walk()()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """The Lambda's entry point."""
    common.begin(context)
    return consume(event, _advance, queues.queues(), common.clock(), common.deadline(), A_CALL)
