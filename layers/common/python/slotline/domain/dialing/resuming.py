"""How a campaign goes on after a pause: a walk through its calls, in the order in which they were planned.

The rule guarded here: calls without a time of their own keep their order and their interval. The first one that is left
goes out at once, each following one an interval later, all of them in hours and none before it was first planned. A
call whose hours are closed waits for them without keeping others waiting. What has its own time, and retries, fell due
in the pause and go out at once, at the number's pace.

Nothing is worked out in the request that resumes: 10,000 calls are 10,000 rows. The walk gives them their moments in
the background, a page at a time, and ends at the first call that keeps its plan. A call that is due before the walk
has come to it waits for a few seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.dialing.call_lists import position_of
from slotline.domain.dialing.calls import DialCall, Later
from slotline.domain.dialing.campaigns import Campaign, Resumption, Stretch
from slotline.domain.dialing.hours import Hours, hours_of
from slotline.domain.dialing.numbers import NOT_GRANTED
from slotline.domain.dialing.use_cases import UseCase

PAUSED = "campaign_paused"
"""Why a call of a paused campaign waits."""

RESUMED = "campaign_resumed"
"""Why a call waits that got its moment after a pause, or is about to get it."""

STARTS_AFTER = timedelta(seconds=15)
"""How soon the first call goes out once the walk has come to it: by then its page is written."""

LOOKS_AGAIN = timedelta(seconds=5)
"""How soon a call looks again that the walk has not come to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the walk makes of a page. `moments`: when calls go on, by id; `resumption`: None where it is done."""

    moments: Mapping[str, datetime]
    resumption: Resumption | None


def has_turn(call: DialCall, campaign: Campaign) -> bool:
    """True for a call whose moment follows from its place in the campaign: it has no own time, and is no retry."""
    return bool(campaign.interval) and not call.has_own_time and call.is_undialled


def waits_for_walk(call: DialCall, campaign: Campaign) -> bool:
    """True while the walk has not come to a call that has its turn."""
    resumption = campaign.resumption
    if resumption is None or not has_turn(call, campaign):
        return False
    return resumption.after is None or position_of(call) > resumption.after


def step(
    campaign: Campaign, resumption: Resumption, calls: Sequence[DialCall], use_case: UseCase, now: datetime
) -> Step:
    """The moments of a page's calls, and the walk behind it."""
    moments: dict[str, datetime] = {}
    taken = resumption.taken
    for call in calls:
        if not campaign.interval and call.scheduled_at > now:
            return Step(moments=moments, resumption=None)
        resumption = replace(resumption, after=position_of(call))
        if not has_turn(call, campaign) or call.is_over or call.is_called_off:
            if is_held_up(call, now):
                moments[call.id] = now
            continue
        taken = tuple(one for one in taken if one.last + campaign.interval > call.scheduled_at)
        wanted = call.scheduled_at if call.scheduled_at > now else now + STARTS_AFTER
        at = _free(taken, wanted, campaign.interval, hours_of(use_case, call.zones))
        if at is None:
            continue  # it is told so when it is due
        if at == call.scheduled_at == call.due_at and not taken:
            return Step(moments=moments, resumption=None)
        taken = _with(taken, at, campaign.interval)
        moments[call.id] = at
    return Step(moments=moments, resumption=replace(resumption, taken=taken))


def goes_on(call: DialCall, campaign: Campaign, moments: Mapping[str, datetime], now: datetime) -> DialCall | None:
    """The call with the moment that the walk gave it; None if there is nothing to change about it.

    It may have changed since the walk saw it: a call that was dialled meanwhile has lost its turn.
    """
    if call.is_over or call.is_under_way or call.is_called_off or call.id not in moments:
        return None
    if not has_turn(call, campaign):
        return call.put_off(Later(at=now, reason=RESUMED), now) if is_held_up(call, now) else None
    at = moments[call.id]
    return None if at == call.due_at else call.put_off(Later(at=at, reason=RESUMED), now)


def is_held_up(call: DialCall, now: datetime) -> bool:
    """True for a call that fell due in the pause and would look again later."""
    if call.due_at is None or call.is_under_way:
        return False
    return call.reason in (PAUSED, NOT_GRANTED) or call.due_at <= now


def _free(taken: Sequence[Stretch], wanted: datetime, interval: timedelta, hours: Hours) -> datetime | None:
    """The first moment in hours, from this one on, that is an interval away from all that is taken."""
    at = hours.next_opening(wanted)
    while at is not None:
        near = next((one for one in taken if one.first - interval < at < one.last + interval), None)
        if near is None:
            return at
        at = hours.next_opening(near.last + interval)
    return None


def _with(taken: Sequence[Stretch], at: datetime, interval: timedelta) -> tuple[Stretch, ...]:
    """What is taken with one moment more. Stretches that leave no room between them are one."""
    near = [one for one in taken if one.first - 2 * interval < at < one.last + 2 * interval]
    joined = Stretch(first=min([at, *(one.first for one in near)]), last=max([at, *(one.last for one in near)]))
    return (*(one for one in taken if one not in near), joined)
