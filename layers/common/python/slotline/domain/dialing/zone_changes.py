"""What a change of zone rules does to calls that have their own time: they wait for it, or are planned again."""

from dataclasses import replace
from datetime import datetime

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.hours import Hours

ZONE_RULES_CHANGED = "zone_rules_changed"
"""Why a call waits whose own time is another instant by now."""


def waits_for_own_time(call: DialCall, now: datetime) -> datetime | None:
    """The instant of its own time, if rules that changed have put that off beyond now; else None."""
    if call.own_time is None or call.attempts:
        return None
    at = call.own_time.by_present_rules()
    return at if at > max(now, call.own_time.at) else None


def planned_again(call: DialCall, hours: Hours, now: datetime) -> DialCall | None:
    """The call at the instant that its own time is by present rules; None if it stays.

    What has been dialled, or waits for something else, is judged when it is due.
    """
    own = call.own_time
    if own is None or call.due_at is None or call.due_at <= now or call.attempts or call.is_called_off:
        return None
    if call.reason not in (None, ZONE_RULES_CHANGED) or not call.is_undialled:
        return None
    asked_at = own.by_present_rules()
    at = hours.next_opening(max(asked_at, now))
    if asked_at == own.at or at is None:
        return None
    changed = replace(call, own_time=replace(own, at=asked_at), due_at=at, reason=ZONE_RULES_CHANGED)
    return changed.revised(now)
