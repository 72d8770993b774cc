"""An attempt from its claim to its end, and what each step makes of its call."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from slotline.domain.dialing.attempted_calls import (
    LEASE,
    LOOKUPS_AFTER,
    MOST_WITHDRAWN,
    NEVER_PLACED_AFTER,
    REFUSED_FOR,
    REPORTED_WITHIN,
    AttemptedCall,
    line_held_for,
)
from slotline.domain.dialing.calls import DialCall, Later, Over
from slotline.domain.dialing.campaigns import CampaignState
from slotline.domain.dialing.carrier_orders import RINGS_FOR, Report
from slotline.domain.dialing.numbers import CarrierName, Number
from slotline.domain.dialing.retry_rules import RetryRule
from slotline.domain.dialing.rulings import (
    CREATED_WITHIN,
    CREATING_AGAIN,
    PAUSED_AT_MOST,
    Facts,
    Go,
    carrier_not_set_up,
    ruling,
)
from slotline.domain.dialing.statuses import DialStatus
from slotline.domain.dialing.use_cases import AmdBehavior
from tests.support.builders.dialing import MONDAY, a_campaign, a_dial_call, a_use_case

NOON = MONDAY + timedelta(hours=12)
MINUTE = timedelta(minutes=1)
NUMBER = Number(id="number", organization_id="org", phone_number="+15005550006", carrier=CarrierName.TWILIO)
RULES = (RetryRule(query="Busy", retry_period=30, max_retry_per_day=1),)
ALWAYS = a_use_case(callee_start="00:00", callee_end="24:00")


def no_condition(_query: str, _call: Any) -> bool:
    raise AssertionError("the rules of these tests list statuses")


def fewer_than_three_attempts(query: str, call: Any) -> bool:
    assert query == "attempt < `3`"
    return bool(call["attempt"] < 3)


def facts(**more: Any) -> Facts:
    said = {"campaign": None, "use_case": ALWAYS, "number": NUMBER, "is_granted": True, "is_listed": False}
    return Facts(**{**said, **more})


def rule(call: DialCall, now: Any = NOON, *, is_barred: bool = False, **more: Any) -> Go | Later | Over:
    return ruling(call, facts(**more), no_condition, now, is_barred=is_barred)


def under_way(**more: Any) -> AttemptedCall:
    call = a_dial_call(due_at=NOON, rules=RULES, max_retries=2, **more)
    return AttemptedCall.claimed(call, CarrierName.TWILIO, "claim", NOON)


def told(attempted: AttemptedCall, status: DialStatus, now: Any = NOON, **more: Any) -> Any:
    use_case = more.pop("use_case", ALWAYS)
    return attempted.reported(Report(status=status, **more), use_case, no_condition, now)


def test_a_call_that_is_due_goes_out() -> None:
    assert rule(a_dial_call()) == Go(use_case=ALWAYS, number=NUMBER)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"is_listed": True}, "do_not_call"),
        ({"is_barred": True}, "number_barred"),
        ({"use_case": None}, "use_case_gone"),
        ({"number": None}, "number_gone"),
    ],
)
def test_a_call_is_over_where_it_may_not_be_made_any_more(more: dict[str, Any], reason: str) -> None:
    assert rule(a_dial_call(), **more) == Over(reason=reason)


def test_a_call_that_was_called_off_is_over_before_anything_else_is_looked_at() -> None:
    assert rule(a_dial_call(is_called_off=True), is_listed=True) == Over(reason="called_off")


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


def test_a_call_of_a_campaign_that_is_being_written_looks_again_soon_and_not_for_ever() -> None:
    call = a_dial_call(campaign_id="campaign")
    begun = a_campaign(CampaignState.CREATING, created_at=NOON - MINUTE)
    assert rule(call, campaign=begun) == Later(at=NOON + CREATING_AGAIN, reason="campaign_creating")
    given_up = a_campaign(CampaignState.CREATING, created_at=NOON - CREATED_WITHIN)
    assert rule(call, campaign=given_up) == Over(reason="campaign_creating")


def test_outside_hours_a_call_waits_for_the_next_opening() -> None:
    use_case = a_use_case(work_start="14:00", work_end="17:00")
    assert rule(a_dial_call(), use_case=use_case) == Later(at=NOON + 120 * MINUTE, reason="outside_hours")


def test_the_hours_are_those_of_the_callee_too() -> None:
    early = rule(a_dial_call(zones=("America/Bogota",)), use_case=a_use_case())
    assert early == Later(at=NOON + 60 * MINUTE, reason="outside_hours"), "it is seven in Bogota"


def test_a_call_whose_hours_never_meet_its_callees_is_over() -> None:
    use_case = a_use_case(work_start="09:00", work_end="10:00")  # four to five in the morning over there
    assert rule(a_dial_call(zones=("America/Bogota",)), use_case=use_case) == Over(reason="never_open")


def test_a_retry_that_was_put_off_into_a_full_day_waits_for_the_next() -> None:
    tried = (NOON - 180 * MINUTE, NOON - 120 * MINUTE)
    call = a_dial_call(
        rules=RULES, max_retries=5, attempted_at=tried, status=DialStatus.BUSY, last_outcome=DialStatus.BUSY
    )
    assert rule(call) == Later(at=MONDAY + timedelta(days=1), reason="daily_limit")


def a_retry(*minutes_ago: int, **more: Any) -> DialCall:
    tried = tuple(NOON - ago * MINUTE for ago in minutes_ago)
    said = {"rules": (RetryRule(query="Busy", retry_period=30),), "max_retries": 5, "status": DialStatus.BUSY}
    return a_dial_call(**{**said, "last_outcome": DialStatus.BUSY, "attempted_at": tried, **more})


def test_a_retry_goes_out_once_its_period_since_the_last_attempt_is_over() -> None:
    assert isinstance(rule(a_retry(180, 40)), Go)
    assert isinstance(rule(a_retry(180, 30)), Go)
    assert rule(a_retry(180, 10)) == Later(at=NOON + 20 * MINUTE, reason="daily_limit")


def test_a_retry_whose_rules_allow_no_more_is_over_as_its_last_attempt_ended() -> None:
    assert rule(a_retry(40, rules=())) == Over(reason="no_rule", status=DialStatus.BUSY)
    assert rule(a_retry(80, 40, max_retries=1)) == Over(reason="max_retries", status=DialStatus.BUSY)


def test_a_retry_follows_the_rule_of_what_came_of_its_last_attempt_and_not_of_where_it_waits() -> None:
    waits = a_retry(40, status=DialStatus.SCHEDULED)
    assert isinstance(rule(waits), Go)


def test_conditions_of_rules_are_asked_about_the_call() -> None:
    rules = (RetryRule(query="attempt < `3`", retry_period=30),)
    held = [
        ruling(a_retry(*ago, rules=rules), facts(), fewer_than_three_attempts, NOON, is_barred=False)
        for ago in ((90, 40), (90, 60, 40))
    ]
    assert held == [Go(use_case=ALWAYS, number=NUMBER), Over(reason="no_rule", status=DialStatus.BUSY)]
    first = AttemptedCall.claimed(a_dial_call(rules=rules, max_retries=5), CarrierName.TWILIO, "claim", NOON)
    after: Any = first.reported(Report(status=DialStatus.BUSY), ALWAYS, fewer_than_three_attempts, NOON)
    assert after.call.due_at == NOON + 30 * MINUTE


def test_a_retry_is_planned_into_the_hours_of_the_callee() -> None:
    in_bogota = under_way(zones=("America/Bogota",))  # it is seven in the morning there
    after = told(in_bogota, DialStatus.BUSY, use_case=a_use_case())
    assert after.call.due_at == NOON + 60 * MINUTE


def test_without_its_use_case_there_is_no_retry() -> None:
    after = told(under_way(), DialStatus.BUSY, use_case=None).call
    assert (after.is_over, after.status, after.reason) == (True, DialStatus.BUSY, "no_rule")


def test_a_call_that_is_put_off_or_ended_says_why_and_when_it_changed() -> None:
    call = a_dial_call(due_at=MONDAY, revision=7)
    later = call.put_off(Later(at=NOON + MINUTE, reason="pace"), NOON)
    assert later == replace(call, due_at=NOON + MINUTE, reason="pace", updated_at=NOON, revision=8)
    over = call.ended(Over(reason="do_not_call"), NOON)
    status = DialStatus.CANCELED
    assert over == replace(call, status=status, due_at=None, reason="do_not_call", updated_at=NOON, revision=8)


def test_a_claim_is_written_before_anybody_is_asked_and_ends_by_itself() -> None:
    claimed = under_way(carrier_call_id="CA0", reason="pace", revision=7)
    call, attempt = claimed.call, claimed.attempt
    assert (call.status, call.due_at, call.attempts) == (DialStatus.QUEUED, NOON + LEASE, 1)
    assert (attempt.number, attempt.status, attempt.claimed_at) == (1, DialStatus.QUEUED, NOON)
    assert (attempt.call_id, attempt.carrier, attempt.updated_at) == (call.id, CarrierName.TWILIO, NOON)
    assert (call.carrier_call_id, call.reason) == (None, None), "of the attempt before"
    assert (call.updated_at, call.revision) == (NOON, 8)


def test_an_attempt_that_reached_nobody_is_followed_by_the_rules_next_one() -> None:
    after = told(under_way(), DialStatus.BUSY)
    assert (after.call.status, after.call.last_outcome) == (DialStatus.BUSY, DialStatus.BUSY)
    assert after.call.due_at == NOON + 30 * MINUTE
    assert after.attempt.ended_at == NOON


def test_an_attempt_that_reached_somebody_ends_the_call() -> None:
    after = told(under_way(), DialStatus.COMPLETED).call
    assert (after.status, after.is_over, after.reason) == (DialStatus.COMPLETED, True, "reached")


def test_a_phone_that_rings_is_asked_about_after_its_longest_call() -> None:
    claimed = under_way(revision=7)
    now = NOON + timedelta(seconds=3)
    ringing = told(claimed, DialStatus.RINGING, now, carrier_call_id="CA1")
    after, said = ringing.call, ringing.attempt
    longest = RINGS_FOR + 10 * MINUTE + REPORTED_WITHIN
    assert after.due_at == NOON + LOOKUPS_AFTER[0] + longest
    assert (after.status, after.reason, after.carrier_call_id) == (DialStatus.RINGING, None, "CA1")
    assert (after.updated_at, after.revision) == (now, claimed.call.revision + 1)
    assert (said.status, said.carrier_call_id) == (DialStatus.RINGING, "CA1")


@pytest.mark.parametrize(("is_machine", "kept"), [(True, "machine"), (False, "human"), (None, None)])
def test_who_answered_is_kept_with_the_attempt(is_machine: bool | None, kept: str | None) -> None:
    answered = told(under_way(), DialStatus.IN_PROGRESS, answered_by_machine=is_machine)
    assert answered.attempt.answered_by == kept


def test_a_line_is_held_until_the_longest_call_would_have_been_reported() -> None:
    assert line_held_for(a_dial_call(max_duration_mins=7)) == LEASE + RINGS_FOR + 7 * MINUTE + REPORTED_WITHIN


def test_what_was_said_before_says_nothing_new() -> None:
    ringing = told(under_way(), DialStatus.RINGING)
    assert told(ringing, DialStatus.RINGING) is None
    assert told(ringing, DialStatus.INITIATED) is None


def test_a_report_about_an_attempt_that_is_over_changes_nothing_about_its_call() -> None:
    busy = told(under_way(), DialStatus.BUSY)
    assert told(busy, DialStatus.COMPLETED) is None
    later = told(busy, DialStatus.RINGING, carrier_call_id="CA1")
    assert replace(later.call, revision=busy.call.revision) == busy.call


def test_a_machine_that_is_hung_up_on_is_not_somebody() -> None:
    use_case = replace(ALWAYS, amd=True, amd_behavior=AmdBehavior.HANGUP)
    after = told(under_way(), DialStatus.COMPLETED, answered_by_machine=True, use_case=use_case)
    assert (after.call.status, after.attempt.status) == (DialStatus.AMD_TERMINATED, DialStatus.AMD_TERMINATED)


def test_what_nobody_knows_is_asked_about_again_and_again_and_never_dialled() -> None:
    attempted: Any = under_way()
    now = NOON
    for n in range(len(LOOKUPS_AFTER)):
        attempted = attempted.not_found(now, is_certain=False)
        call, attempt = attempted.call, attempted.attempt
        assert (call.status, attempt.lookups) == (DialStatus.UNKNOWN, n + 1)
        assert (call.updated_at, attempt.updated_at) == (now, now)
        if n + 1 < len(LOOKUPS_AFTER):
            assert (call.reason, call.due_at) == (None, max(NOON + LOOKUPS_AFTER[n + 1], now + LOOKUPS_AFTER[0]))
        now = call.due_at or now
    assert (call.is_over, call.reason) == (True, "unresolved")
    late = told(attempted, DialStatus.BUSY, now).call
    assert late.due_at == now + 30 * MINUTE, "a report that comes after all still counts"
    late = told(attempted, DialStatus.RINGING, now).call
    assert (late.status, late.due_at, late.reason) == (DialStatus.RINGING, None, "unresolved")


def test_a_question_that_was_late_is_not_asked_again_at_once() -> None:
    late = NOON + NEVER_PLACED_AFTER - MINUTE
    after: Any = under_way().not_found(late, is_certain=False)
    assert after.call.due_at == late + LOOKUPS_AFTER[0]


def test_what_the_carrier_never_heard_of_is_withdrawn_and_dialled_anew() -> None:
    early: Any = under_way().not_found(NOON + 2 * MINUTE, is_certain=True)
    assert early.call.status is DialStatus.UNKNOWN
    now = NOON + NEVER_PLACED_AFTER
    withdrawn = early.not_found(now, is_certain=True)
    after, gone = withdrawn.call, withdrawn.attempt
    assert (after.status, after.due_at, after.attempts, after.last_attempt) == (DialStatus.SCHEDULED, now, 0, 1)
    assert (gone.status, gone.reason) == (DialStatus.FAILED, "never_placed")
    assert AttemptedCall.claimed(after, CarrierName.TWILIO, "claim", now).attempt.number == 2


def test_what_is_withdrawn_leaves_the_attempts_before_it_as_they_were() -> None:
    second = under_way(attempted_at=(MONDAY,), last_outcome=DialStatus.BUSY)
    known = replace(second, call=replace(second.call, carrier_call_id="CA2"))
    withdrawn: Any = known.withdrawn(Later(at=NOON + MINUTE, reason="pace"), NOON)
    after, gone = withdrawn.call, withdrawn.attempt
    assert (after.attempted_at, after.status, after.carrier_call_id) == ((MONDAY,), DialStatus.BUSY, None)
    assert (after.due_at, after.updated_at, gone.reason) == (NOON + MINUTE, NOON, "pace")


def test_a_question_that_an_attempt_under_claim_has_outlived_is_asked_when_the_claim_ends() -> None:
    after = told(under_way(), DialStatus.QUEUED, NOON + timedelta(seconds=1), carrier_call_id="CA1")
    assert after.call.due_at == NOON + LEASE


def test_a_call_that_is_known_to_ring_is_not_withdrawn_because_the_carrier_forgot_it() -> None:
    after = told(under_way(), DialStatus.RINGING).not_found(NOON + timedelta(hours=2), is_certain=True)
    assert (after.call.status, after.attempt.status) == (DialStatus.RINGING, DialStatus.RINGING)


def test_a_carrier_that_is_busy_is_asked_again_for_another_attempt_that_counts_as_the_first() -> None:
    refused: Any = under_way().refused("twilio_429", may_pass=True, now=NOON)
    after, gone = refused.call, refused.attempt
    assert (after.status, after.attempts, after.withdrawn) == (DialStatus.SCHEDULED, 0, 1)
    assert after.due_at == NOON + timedelta(seconds=30)
    assert gone.reason == "twilio_429"


@pytest.mark.parametrize(("before", "waits"), [*enumerate(REFUSED_FOR), (20, REFUSED_FOR[-1])])
def test_it_is_asked_later_and_later(before: int, waits: timedelta) -> None:
    after: Any = under_way(withdrawn=before).refused("twilio_429", may_pass=True, now=NOON)
    assert (after.call.due_at, after.call.reason) == (NOON + waits, "twilio_429")


def test_a_call_that_is_refused_again_and_again_is_given_up() -> None:
    first: Any = under_way(withdrawn=MOST_WITHDRAWN - 2).refused("twilio_429", may_pass=True, now=NOON)
    assert not first.call.is_over
    second = AttemptedCall.claimed(first.call, CarrierName.TWILIO, "claim", NOON)
    after = second.refused("twilio_429", may_pass=True, now=NOON).call  # type: ignore[union-attr]
    assert (after.status, after.is_over, after.reason) == (DialStatus.FAILED, True, "twilio_429")


def test_a_number_without_a_carrier_is_asked_for_again_later() -> None:
    assert carrier_not_set_up(NOON) == Later(at=NOON + 15 * MINUTE, reason="carrier_not_set_up")


def test_a_number_that_is_refused_for_good_is_not_dialled_again() -> None:
    refused: Any = under_way().refused("twilio_21211", may_pass=False, now=NOON)
    after, gone = refused.call, refused.attempt
    assert (after.status, after.is_over, after.reason) == (DialStatus.FAILED, True, "twilio_21211")
    assert (after.last_outcome, after.updated_at) == (DialStatus.FAILED, NOON)
    assert (gone.status, gone.reason) == (DialStatus.FAILED, "twilio_21211")


def test_a_call_that_is_called_off_is_over_or_will_be_after_this_attempt() -> None:
    never = a_dial_call(due_at=NOON).called_off(NOON)
    assert (never.is_over, never.is_called_off, never.reason, never.updated_at) == (True, True, "called_off", NOON)
    claimed = under_way()
    off = claimed.call.called_off(NOON + MINUTE)
    assert (off.is_over, off.is_called_off, off.updated_at) == (False, True, NOON + MINUTE)
    assert off.called_off(NOON) is off
    still_under_way = replace(claimed, call=off)
    after = told(still_under_way, DialStatus.BUSY).call
    assert (after.is_over, after.reason) == (True, "canceled")
    gone = still_under_way.withdrawn(Later(at=NOON, reason="pace"), NOON).call  # type: ignore[union-attr]
    assert (gone.status, gone.is_over, gone.reason) == (DialStatus.CANCELED, True, "called_off")
    assert gone.updated_at == NOON
    assert after.called_off(NOON) is after


class CustomersFault(Exception):
    """Something that no list of errors names."""


@pytest.mark.parametrize(
    "error", [TypeError, ValueError, OverflowError, RecursionError, MemoryError, KeyError, CustomersFault]
)
def test_whatever_a_rule_raises_the_outcome_is_kept_and_the_attempt_says_so(error: type[Exception]) -> None:
    def raises(_query: str, _call: Any) -> bool:
        raise error

    rules = (RetryRule(query="attempt < `3`", retry_period=30),)
    call = a_dial_call(due_at=NOON, rules=rules, max_retries=2)
    claimed = AttemptedCall.claimed(call, CarrierName.TWILIO, "claim", NOON)
    found = claimed.reported(Report(status=DialStatus.NO_ANSWER), ALWAYS, raises, NOON)
    assert found is not None
    assert (found.attempt.status, found.attempt.reason) == (DialStatus.NO_ANSWER, "rule_failed")
    assert (found.call.status, found.call.last_outcome, found.call.due_at) == (*[DialStatus.NO_ANSWER] * 2, None)
    assert found.call.reason == "rule_failed"
    retried = replace(call, attempted_at=(NOON - 40 * MINUTE,), last_outcome=DialStatus.BUSY)
    assert ruling(retried, facts(), raises, NOON, is_barred=False) == Over(reason="rule_failed", status=DialStatus.BUSY)


def test_a_zone_that_nobody_knows_any_more_keeps_the_outcome_too() -> None:
    found = told(under_way(zones=("Atlantis/Poseidonis",)), DialStatus.BUSY)
    assert (found.attempt.status, found.attempt.reason, found.call.due_at) == (DialStatus.BUSY, "rule_failed", None)
