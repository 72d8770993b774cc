"""How a campaign comes to its end: a walk through its calls, in order of their planned time.

A campaign that runs is completed once all of its calls are over. A call that is over stays so, thus the walk never
turns back: it stops before the first call that is not over, and goes on from there later. The list that it goes through
may miss what was written just now, so the campaign is completed only where as many calls were seen as it has.

A canceled campaign is walked through at once, and what has not been dialled is ended; and once more a while later, for
calls that were being written when it was canceled, or were not listed yet.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from slotline.domain.dialing.call_lists import position_of
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.campaigns import Campaign, Walk

AGAIN_AFTER = timedelta(minutes=1)
"""How soon a walk that waits for a call looks again, at the earliest."""

UNDER_WAY_FOR = timedelta(minutes=5)
"""How long a walk waits for a call that is under way before it looks again: most are over long before they must be."""

WAITS_AT_MOST = timedelta(hours=1)
"""How long it waits for a call that waits for its own time: that may be called off meanwhile."""

SETTLED_AFTER = timedelta(minutes=5)
"""By then whatever was being written is written, and listed."""


def past_those_over(walk: Walk, calls: Sequence[DialCall]) -> tuple[Walk, DialCall | None]:
    """The walk behind all of these calls, or before the first one that is not over, and that one."""
    for call in calls:
        if not call.is_over:
            return walk, call
        walk = replace(walk, seen=walk.seen + 1, after=position_of(call))
    return walk, None


def next_walk_at(waits_for: DialCall, now: datetime) -> datetime:
    """When a walk goes on that stands before a call which is not over."""
    at_most = UNDER_WAY_FOR if waits_for.is_under_way else WAITS_AT_MOST
    return min(max(waits_for.due_at or now, now + AGAIN_AFTER), now + at_most)


def walked_once_more(canceled: Campaign, walk: Walk, now: datetime) -> datetime | None:
    """When a canceled campaign is walked through again that was to its end; None where that was the last time."""
    settled_at = canceled.updated_at + SETTLED_AFTER
    return None if walk.began_at >= settled_at else max(settled_at, now)
