"""What of dial calls comes back from a backup: a phone rings at most once for an attempt, all the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.dialing.attempted_calls import NEVER_PLACED_AFTER, AttemptedCall
from slotline.domain.dialing.calls import DialCall, Later
from slotline.domain.dialing.campaigns import Campaign, CampaignState, Resumption
from slotline.domain.dialing.carrier_orders import Report
from slotline.domain.dialing.numbers import CarrierName
from slotline.domain.dialing.restoring import UNSEEN, Backup, RestoredCall, restored_call, restored_campaign
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.statuses import DialStatus
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call, a_use_case

MINUTE = timedelta(minutes=1)
CUT = MONDAY + timedelta(hours=9)
STOPPED = CUT + 30 * MINUTE
NOW = CUT + timedelta(hours=2)
RULES = (RetryRule(query="status == 'Busy'", retry_period="PT1H", max_retry_per_day=3),)


def _restored(kept: DialCall, there: DialCall | None = None, **more: Any) -> RestoredCall | None:
    said = {"campaign": a_campaign(CampaignState.RUNNING), "carrier": CarrierName.TWILIO, "claim_id": "c", "now": NOW}
    return restored_call(kept, there, Backup(cut=CUT, stopped=STOPPED), **{**said, **more})


def _back(kept: DialCall, there: DialCall | None = None, **more: Any) -> RestoredCall:
    back = _restored(kept, there, **more)
    assert back is not None
    return back


def test_a_call_that_was_not_due_before_the_stop_comes_back_as_it_was():
    kept = a_dial_call(due_at=STOPPED + MINUTE)
    assert _back(kept) == RestoredCall(call=replace(kept, revision=kept.revision + UNSEEN, updated_at=NOW))


def test_a_call_that_may_have_been_dialled_since_is_taken_for_dialled_and_never_dialled_again():
    kept = a_dial_call(due_at=CUT + MINUTE, campaign_id="campaign", rules=RULES, max_retries=3)
    back = _back(kept)
    assert back.attempt is not None
    assert (back.attempt.number, back.attempt.status) == (1, DialStatus.UNKNOWN)
    assert (back.attempt.claimed_at, back.call.due_at) == (CUT, NOW)
    assert back.call.is_under_way, "who is woken for it looks it up, and places nothing"
    attempted = AttemptedCall(call=back.call, attempt=back.attempt)
    for status in (DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.FAILED, DialStatus.COMPLETED):
        then = attempted.reported(Report(status=status), a_use_case(), lambda *_: True, NOW)
        assert then is not None
        assert then.call.is_over, "the outcome is kept, and nothing follows"
        assert then.call.status is status
    never = attempted.not_found(CUT + NEVER_PLACED_AFTER, is_certain=True)
    assert never is not None
    assert never.call.is_over, "an earlier attempt may have come to nothing, and a later one have rung"


@pytest.mark.parametrize("lookups", range(7))
def test_nobody_who_can_say_what_became_of_it_never_leads_to_a_second_ring(lookups: int):
    back = _back(a_dial_call(due_at=CUT))
    assert back.attempt is not None
    after: AttemptedCall | None = AttemptedCall(call=back.call, attempt=replace(back.attempt, lookups=lookups))
    while after and not after.call.is_over:
        assert after.call.is_under_way
        after = after.not_found(NOW + timedelta(days=2), is_certain=False)
    assert after is not None
    assert after.call.last_attempt == 1


def test_a_call_under_way_at_the_cut_is_looked_up_and_not_tried_again():
    kept = a_dial_call(status=DialStatus.RINGING, attempted_at=(CUT - MINUTE,), due_at=NOW + MINUTE)
    assert _back(kept).call == replace(kept, is_called_off=True, revision=1 + UNSEEN, updated_at=NOW)


@pytest.mark.parametrize(
    "campaign",
    [
        a_campaign(CampaignState.PAUSED),
        a_campaign(CampaignState.RUNNING, resumption=Resumption(at=CUT)),
    ],
)
def test_what_waited_for_its_campaign_may_have_been_brought_forward_and_dialled(campaign: Campaign):
    assert _back(a_dial_call(due_at=NOW + MINUTE), campaign=campaign).attempt is not None


def test_without_a_carrier_to_ask_the_call_is_over():
    back = _back(a_dial_call(due_at=CUT), carrier=None)
    assert (back.call.is_over, back.attempt, back.call.reason) == (True, None, "restored")


def test_a_call_that_was_over_comes_back_as_it_ended():
    kept = a_dial_call(status=DialStatus.COMPLETED, attempted_at=(CUT,), due_at=None)
    assert _back(kept).call.is_over


KEPT = a_dial_call(due_at=CUT + MINUTE, campaign_id="campaign", revision=3)


@pytest.mark.parametrize(
    "there",
    [
        replace(KEPT, status=DialStatus.COMPLETED, attempted_at=(CUT,), due_at=None, revision=6),
        replace(KEPT, status=DialStatus.QUEUED, attempted_at=(CUT,), revision=4),
        replace(KEPT, withdrawn=1, revision=5),
        replace(KEPT, revision=9),
    ],
    ids=["rang", "is being dialled", "came to nothing", "came back in an earlier run"],
)
def test_a_call_that_knows_of_a_later_attempt_stays(there: DialCall):
    assert _restored(KEPT, there) is None


def test_a_call_that_was_only_canceled_since_goes_back_with_a_revision_that_nobody_was_told_of():
    canceled = replace(KEPT, status=DialStatus.CANCELED, due_at=None, revision=8)
    assert _back(KEPT, canceled).call == replace(KEPT, revision=8 + UNSEEN, updated_at=NOW)


def test_a_call_without_a_campaign_that_is_over_stays_over():
    alone = replace(KEPT, campaign_id=None)
    assert _restored(alone, replace(alone, status=DialStatus.CANCELED, due_at=None, revision=8), campaign=None) is None


def test_a_call_under_way_at_the_cut_stays_as_it_went_on():
    ringing = replace(KEPT, status=DialStatus.RINGING, attempted_at=(CUT,))
    over = replace(ringing, status=DialStatus.BUSY, due_at=NOW, revision=7)
    assert _restored(ringing, over) is None


@pytest.mark.parametrize("there", [None, a_campaign(CampaignState.CANCELED, revision=4)])
def test_a_running_campaign_comes_back_paused(there: Campaign | None):
    back = restored_campaign(a_campaign(CampaignState.RUNNING), there, NOW)
    assert back is not None
    assert (back.state, back.reason) == (CampaignState.PAUSED, "restored")
    assert back.revision == (4 if there else 1) + UNSEEN


@pytest.mark.parametrize("state", [CampaignState.CREATING, CampaignState.IMPORTING])
def test_a_campaign_whose_calls_were_being_created_is_not_created_twice(state: CampaignState):
    back = restored_campaign(a_campaign(state), None, NOW)
    assert back is not None
    assert back.state is CampaignState.CANCELED
    assert restored_campaign(a_campaign(state), a_campaign(CampaignState.RUNNING), NOW) is None


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.COMPLETED, CampaignState.CANCELED])
def test_a_campaign_that_dials_nothing_comes_back_in_its_state(state: CampaignState):
    back = restored_campaign(a_campaign(state), None, NOW)
    assert back is not None
    assert back.state is state


def test_what_was_put_off_before_the_cut_and_is_due_before_the_stop_is_in_doubt_too():
    assert _back(a_dial_call(due_at=CUT).put_off(Later(at=STOPPED, reason="pace"), CUT)).attempt is not None
