"""A walk through a campaign's calls: a page of them at a time, and many of them changed at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from slotline.domain.dialing.call_lists import DialPage
from slotline.domain.dialing.calls import DialCall, DialPosition
from slotline.domain.dialing.campaigns import Campaign
from slotline.domain.dialing.events import event_of
from slotline.ports.dialing import DialCalls, DialWrite
from slotline.ports.shared import Backoff, Clock
from slotline.usecases.dialing.read_calls import query_of
from slotline.usecases.shared.retrying import retry

LEASE = timedelta(minutes=2)
"""How long one page may take. Whoever takes longer is taken for dead, and another goes on."""

Decide = Callable[[DialCall, datetime], DialCall | None]
"""What becomes of a call, now; None if there is nothing to change about it."""


def page_of(calls: DialCalls, campaign: Campaign, after: DialPosition | None, limit: int | None = None) -> DialPage:
    """The calls of a campaign that follow, in the order in which they were planned; `limit`: at most so many."""
    query = query_of(campaign)
    if query is None:
        return DialPage(calls=(), next=None)
    return calls.find(replace(query, after=after, limit=limit or query.limit))


def change_each(port: DialCalls, calls: Sequence[DialCall], decide: Decide, clock: Clock, backoff: Backoff) -> None:
    """Change each call by itself, many in a write. What somebody else has just changed is decided on as it is now."""

    def written(call: DialCall) -> DialWrite | None:
        after = decide(call, clock.now())
        return DialWrite(call=after, replaces=call.revision, event=event_of(call, after)) if after else None

    organizations = {call.id: call.organization_id for call in calls}
    for call_id in port.write_all([write for call in calls if (write := written(call))]):

        def act(call_id: str = call_id) -> None:
            found = port.get(organizations[call_id], call_id)
            if write := written(found[0]) if found else None:
                port.write(write)

        retry(act, backoff)
