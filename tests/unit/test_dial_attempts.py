"""An attempt from its claim to its end, and what each step makes of its call."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.dial_attempts import (
    LEASE,
    LOOKS_AFTER,
    MOST_WITHDRAWN,
    NEVER_PLACED_AFTER,
    PAUSED_AT_MOST,
    Facts,
    Go,
    Later,
    Over,
    called_off,
    claimed,
    not_found,
    refused,
    reported,
    ruling,
    withdrawn,
)
from slotline.domain.dial_orders import Report
from slotline.domain.dialing import (
    AmdBehavior,
    Attempt,
    CampaignState,
    CarrierName,
    DialCall,
    DialStatus,
    Number,
    RetryRule,
)
from tests.support.dialing import MONDAY, a_campaign, a_dial_call, a_use_case

NOON = MONDAY + timedelta(hours=12)
MINUTE = timedelta(minutes=1)
NUMBER = Number(id="number", organization_id="org", phone_number="+15005550006", carrier=CarrierName.TWILIO)
RULES = (RetryRule(query="Busy", retry_period=30, max_retry_per_day=1),)
ALWAYS = a_use_case(callee_start="00:00", callee_end="24:00")


def no_condition(_query: str, _call: Any) -> bool:
    raise AssertionError("the rules of these tests list statuses")


def facts(**more: Any) -> Facts:
    return Facts(**{"campaign": None, "use_case": ALWAYS, "number": NUMBER, "is_listed": False, **more})


def rule(call: DialCall, now: Any = NOON, **more: Any) -> Go | Later | Over:
    return ruling(call, facts(**more), no_condition, now)


def under_way(**more: Any) -> tuple[DialCall, Attempt]:
    return claimed(a_dial_call(due_at=NOON, rules=RULES, max_retries=2, **more), CarrierName.TWILIO, NOON)


def told(call: DialCall, attempt: Attempt, status: DialStatus, now: Any = NOON, **more: Any) -> Any:
    use_case = more.pop("use_case", ALWAYS)
    return reported(call, attempt, Report(status=status, **more), use_case, no_condition, now)


def test_a_call_that_is_due_goes_out() -> None:
    assert rule(a_dial_call()) == Go(use_case=ALWAYS, number=NUMBER)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"is_listed": True}, "do_not_call"),
        ({"use_case": None}, "use_case_gone"),
        ({"use_case": replace(ALWAYS, hidden=True)}, "use_case_gone"),
        ({"number": None}, "number_gone"),
    ],
)
def test_a_call_is_over_where_it_may_not_be_made_any_more(more: dict[str, Any], reason: str) -> None:
    assert rule(a_dial_call(), **more) == Over(reason=reason)


def test_a_call_of_a_campaign_that_is_over_or_gone_is_over() -> None:
    call = a_dial_call(campaign_id="campaign")
    assert rule(call) == Over(reason="campaign_gone")
    assert rule(call, campaign=a_campaign(CampaignState.CANCELED)) == Over(reason="campaign_canceled")
    assert isinstance(rule(call, campaign=a_campaign(CampaignState.IMPORTING)), Go)


@pytest.mark.parametrize(
    ("paused_for", "again_in"),
    [(0, MINUTE), (2, MINUTE), (60, 15 * MINUTE), (7 * 24 * 60, PAUSED_AT_MOST)],
)
def test_a_call_of_a_paused_campaign_looks_again_later_and_later(paused_for: int, again_in: timedelta) -> None:
    campaign = a_campaign(CampaignState.PAUSED, updated_at=NOON - paused_for * MINUTE)
    ruled = rule(a_dial_call(campaign_id="campaign"), campaign=campaign)
    assert ruled == Later(at=NOON + again_in, reason="campaign_paused")


def test_outside_hours_a_call_waits_for_the_next_opening() -> None:
    use_case = a_use_case(work_start="14:00", work_end="17:00")
    assert rule(a_dial_call(), use_case=use_case) == Later(at=NOON + 120 * MINUTE, reason="outside_hours")


def test_a_retry_that_was_put_off_into_a_full_day_waits_for_the_next() -> None:
    tried = (NOON - 180 * MINUTE, NOON - 120 * MINUTE)
    call = a_dial_call(
        rules=RULES, max_retries=5, attempted_at=tried, status=DialStatus.BUSY, last_outcome=DialStatus.BUSY
    )
    assert rule(call) == Later(at=MONDAY + timedelta(days=1), reason="daily_limit")


def test_a_claim_is_written_before_anybody_is_asked_and_ends_by_itself() -> None:
    call, attempt = under_way()
    assert (call.status, call.due_at, call.attempts) == (DialStatus.QUEUED, NOON + LEASE, 1)
    assert (attempt.number, attempt.status, attempt.claimed_at) == (1, DialStatus.QUEUED, NOON)


def test_an_attempt_that_reached_nobody_is_followed_by_the_rules_next_one() -> None:
    call, attempt = under_way()
    after, said = told(call, attempt, DialStatus.BUSY)
    assert (after.status, after.due_at, after.last_outcome) == (DialStatus.BUSY, NOON + 30 * MINUTE, DialStatus.BUSY)
    assert said.ended_at == NOON


def test_an_attempt_that_reached_somebody_ends_the_call() -> None:
    call, attempt = under_way()
    after, _ = told(call, attempt, DialStatus.COMPLETED)
    assert (after.status, after.is_over, after.reason) == (DialStatus.COMPLETED, True, "reached")


def test_what_was_said_before_says_nothing_new() -> None:
    call, attempt = under_way()
    after, said = told(call, attempt, DialStatus.RINGING)
    assert told(after, said, DialStatus.RINGING) is None
    assert told(after, said, DialStatus.INITIATED) is None


def test_a_report_about_an_attempt_that_is_over_changes_nothing_about_its_call() -> None:
    call, attempt = under_way()
    busy, said = told(call, attempt, DialStatus.BUSY)
    assert told(busy, said, DialStatus.COMPLETED) is None
    later, _ = told(busy, said, DialStatus.RINGING, carrier_call_id="CA1")
    assert replace(later, revision=busy.revision) == busy


def test_a_machine_that_is_hung_up_on_is_not_somebody() -> None:
    use_case = replace(ALWAYS, amd=True, amd_behavior=AmdBehavior.HANGUP)
    call, attempt = under_way()
    after, said = told(call, attempt, DialStatus.COMPLETED, answered_by_machine=True, use_case=use_case)
    assert (after.status, said.status) == (DialStatus.AMD_TERMINATED, DialStatus.AMD_TERMINATED)


def test_what_nobody_knows_is_asked_about_again_and_again_and_never_dialled() -> None:
    call, attempt = under_way()
    now = NOON
    for n in range(len(LOOKS_AFTER)):
        call, attempt = not_found(call, attempt, now, is_certain=False)  # type: ignore[misc]
        assert (call.status, attempt.looks) == (DialStatus.UNKNOWN, n + 1)
        now = call.due_at or now
    assert (call.is_over, call.reason) == (True, "unresolved")
    late, _ = told(call, attempt, DialStatus.BUSY, now)
    assert late.due_at == now + 30 * MINUTE, "a report that comes after all still counts"


def test_what_the_carrier_never_heard_of_is_withdrawn_and_dialled_anew() -> None:
    call, attempt = under_way()
    early, said = not_found(call, attempt, NOON + 2 * MINUTE, is_certain=True)  # type: ignore[misc]
    assert early.status is DialStatus.UNKNOWN
    now = NOON + NEVER_PLACED_AFTER
    after, gone = not_found(early, said, now, is_certain=True)  # type: ignore[misc]
    assert (after.status, after.due_at, after.attempts, after.last_attempt) == (DialStatus.SCHEDULED, now, 0, 1)
    assert (gone.status, gone.reason) == (DialStatus.FAILED, "never_placed")
    _, second = claimed(after, CarrierName.TWILIO, now)
    assert second.number == 2


def test_a_call_that_is_known_to_ring_is_not_withdrawn_because_the_carrier_forgot_it() -> None:
    call, attempt = told(*under_way(), DialStatus.RINGING)
    after, said = not_found(call, attempt, NOON + timedelta(hours=2), is_certain=True)
    assert (after.status, said.status) == (DialStatus.RINGING, DialStatus.RINGING)


def test_a_carrier_that_is_busy_is_asked_again_for_another_attempt_that_counts_as_the_first() -> None:
    call, attempt = under_way()
    after, gone = refused(call, attempt, "twilio_429", may_pass=True, now=NOON)  # type: ignore[misc]
    assert (after.status, after.attempts, after.withdrawn) == (DialStatus.SCHEDULED, 0, 1)
    assert after.due_at == NOON + timedelta(seconds=30)
    assert gone.reason == "twilio_429"


def test_a_call_that_is_refused_again_and_again_is_given_up() -> None:
    call, attempt = under_way(withdrawn=MOST_WITHDRAWN - 1)
    after, _ = refused(call, attempt, "twilio_429", may_pass=True, now=NOON)  # type: ignore[misc]
    assert (after.status, after.is_over) == (DialStatus.FAILED, True)


def test_a_number_that_is_refused_for_good_is_not_dialled_again() -> None:
    call, attempt = under_way()
    after, _ = refused(call, attempt, "twilio_21211", may_pass=False, now=NOON)  # type: ignore[misc]
    assert (after.status, after.is_over, after.reason) == (DialStatus.FAILED, True, "twilio_21211")


def test_a_call_that_is_called_off_is_over_or_will_be_after_this_attempt() -> None:
    assert called_off(a_dial_call(due_at=NOON), NOON).is_over
    call, attempt = under_way()
    off = called_off(call, NOON)
    assert not off.is_over
    after, _ = told(off, attempt, DialStatus.BUSY)
    assert (after.is_over, after.reason) == (True, "canceled")
    gone, _ = withdrawn(off, attempt, Later(at=NOON, reason="pace"), NOON)  # type: ignore[misc]
    assert (gone.status, gone.is_over) == (DialStatus.CANCELED, True)
    assert called_off(after, NOON) is after
