"""Whether a call that is due may be dialled, as things are now.

This is asked before an attempt is claimed, and once more just before its start. Whoever asks reads what rules over the
call and hands it in at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from slotline.domain.dialing.calls import DialCall, Later, Over
from slotline.domain.dialing.campaigns import Campaign, CampaignState
from slotline.domain.dialing.hours import hours_of
from slotline.domain.dialing.numbers import NOT_GRANTED, Number
from slotline.domain.dialing.resuming import LOOKS_AGAIN, PAUSED, RESUMED, waits_for_walk
from slotline.domain.dialing.retries import Matches, Stop, what_follows
from slotline.domain.dialing.use_cases import UseCase
from slotline.domain.dialing.zone_changes import ZONE_RULES_CHANGED, waits_for_own_time

PAUSED_AGAIN = timedelta(minutes=1)
"""How soon a call of a paused campaign looks again; later and later, by a quarter of the pause so far."""

PAUSED_AT_MOST = timedelta(hours=1)

CREATED_WITHIN = timedelta(hours=1)
"""A campaign that is being created for longer was given up, and none of its calls is dialled."""

CREATING_AGAIN = timedelta(seconds=15)
"""How soon a call looks again whose campaign is not written to its end."""

NOT_SET_UP_AGAIN = timedelta(minutes=15)
"""How soon a call looks again if its number has no carrier here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """The call may be dialled now."""

    use_case: UseCase
    number: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What rules over a call, read at once. What is not there is None.

    `number`: the one that counts, which is not always the one that the call names (`counted_as`).
    """

    campaign: Campaign | None
    use_case: UseCase | None
    number: Number | None
    is_granted: bool
    is_listed: bool


def ruling(call: DialCall, facts: Facts, matches: Matches, now: datetime, *, is_barred: bool) -> Go | Later | Over:
    """Whether a call that is due may be dialled, as things are now. `is_barred`: nobody may dial its number."""
    if call.is_called_off:
        return Over(reason="called_off")
    if facts.is_listed:
        return Over(reason="do_not_call")
    if is_barred:
        return Over(reason="number_barred")
    if facts.use_case is None:
        return Over(reason="use_case_gone")
    if facts.number is None:
        return Over(reason="number_gone")
    if not facts.is_granted:
        return _without_a_grant(call, facts.campaign, now)
    if call.campaign_id is not None and (stopped := _stopped_by(call, facts.campaign, now)):
        return stopped
    return _in_time(call, facts.use_case, matches, now) or Go(use_case=facts.use_case, number=facts.number)


def carrier_not_set_up(now: datetime) -> Later:
    """There is no carrier for the call's number here, until somebody sets it up."""
    return Later(at=now + NOT_SET_UP_AGAIN, reason="carrier_not_set_up")


def _stopped_by(call: DialCall, campaign: Campaign | None, now: datetime) -> Later | Over | None:
    """How its campaign keeps a call from being dialled now; None if it does not."""
    if campaign is None:
        return Over(reason="campaign_gone")
    if campaign.state is CampaignState.PAUSED:
        return Later(at=_again_after(now, campaign), reason=PAUSED)
    if campaign.state is CampaignState.CREATING and now < campaign.created_at + CREATED_WITHIN:
        return Later(at=now + CREATING_AGAIN, reason="campaign_creating")
    if waits_for_walk(call, campaign):
        return Later(at=now + LOOKS_AGAIN, reason=RESUMED)
    return None if campaign.state.places_calls else Over(reason=f"campaign_{campaign.state.value}")


def _without_a_grant(call: DialCall, campaign: Campaign | None, now: datetime) -> Later | Over:
    """A call whose number was revoked: its campaign waits, and may go on once the number is granted again."""
    if call.campaign_id is None:
        return Over(reason=NOT_GRANTED)
    stopped = _stopped_by(call, campaign, now)
    return stopped if isinstance(stopped, Over) else Later(at=_again_after(now, campaign), reason=NOT_GRANTED)


def _again_after(now: datetime, campaign: Campaign | None) -> datetime:
    """When a call looks again that its campaign holds up: later and later."""
    so_far = now - campaign.updated_at if campaign and campaign.state is CampaignState.PAUSED else timedelta(0)
    return now + min(max(so_far / 4, PAUSED_AGAIN), PAUSED_AT_MOST)


def _in_time(call: DialCall, use_case: UseCase, matches: Matches, now: datetime) -> Later | Over | None:
    """What its hours and the rule of its retry still say. A retry that was put off may be in another day by now."""
    if own_time := waits_for_own_time(call, now):
        return Later(at=own_time, reason=ZONE_RULES_CHANGED)
    opens = hours_of(use_case, call.zones).next_opening(now)
    if opens is None:
        return Over(reason=Stop.NEVER_OPEN.value)
    if opens > now:
        return Later(at=opens, reason="outside_hours")
    if call.last_outcome is None:
        return None
    claimed_at = call.attempted_at[-1]  # the end is later, and its period has passed: the call is due
    after = what_follows(replace(call, status=call.last_outcome), claimed_at, use_case, matches, now)
    if after.at is None:
        return Over(reason=after.stopped.value if after.stopped else "", status=call.last_outcome)
    return Later(at=after.at, reason="daily_limit") if after.at > now else None
