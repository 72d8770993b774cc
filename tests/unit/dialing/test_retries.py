"""Whether a call is dialled again and when, against an oracle that tries every quarter: nothing opens in between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.hours import Hours, hours_of
from slotline.domain.dialing.retries import (
    LONGEST_PERIOD_MINUTES,
    MOST_RETRIES,
    MOST_RULES,
    NextAttempt,
    Stop,
    check_rules,
    next_attempt,
    statuses_of,
)
from slotline.domain.dialing.retry_rules import LONGEST_QUERY, Reach, RetryRule
from slotline.domain.dialing.statuses import RETRIABLE, DialStatus
from slotline.domain.shared.errors import Detail, InvalidRequest
from slotline.domain.shared.intervals import MINUTE
from tests.support.builders.dialing import MONDAY, a_dial_call, a_use_case, is_open
from tests.support.properties import tried

NOON = MONDAY + timedelta(hours=12)
AGAIN = RetryRule(query="Busy, No answer", retry_period=30)


def never(query: str, call: object) -> bool:  # noqa: ARG001 - it stands in for a condition
    return False


def after(call: DialCall, *rules: RetryRule, **more: object) -> NextAttempt:
    said = {"ended_at": NOON, "max_retries": 3, "hours": Hours(), "zones": ("UTC",), "matches": never, "now": NOON}
    return next_attempt(call, rules=rules, **{**said, **more})  # type: ignore[arg-type]


def tried_at(*moments: datetime, status: DialStatus = DialStatus.BUSY, **more: object) -> DialCall:
    return a_dial_call(status=status, attempted_at=moments, **more)


def test_the_first_rule_that_matches_decides() -> None:
    rules = (
        RetryRule(query="Failed", retry_period=1),
        RetryRule(query="busy ,no answer", retry_period=7),
        RetryRule(query="Busy", retry_period=99),
    )
    assert after(tried_at(NOON), *rules) == NextAttempt(at=NOON + 7 * MINUTE, rule=1)


@pytest.mark.parametrize("status", DialStatus)
def test_only_a_call_that_reached_nobody_is_dialled_again(status: DialStatus) -> None:
    everything = RetryRule(query="`true`", retry_period=30)
    found = after(tried_at(NOON, status=status), everything, matches=lambda _query, _call: True)
    assert (found.at is not None) == (status in RETRIABLE)


def test_what_may_have_rung_is_never_dialled_again_blindly() -> None:
    listed = RetryRule(query="Unknown, Busy", retry_period=30)
    assert after(tried_at(NOON, status=DialStatus.UNKNOWN), listed).stopped is Stop.UNRESOLVED


@pytest.mark.parametrize(
    ("call", "rules", "stopped"),
    [
        (tried_at(NOON, status=DialStatus.COMPLETED), (AGAIN,), Stop.REACHED),
        (tried_at(NOON, status=DialStatus.CANCELED), (AGAIN,), Stop.CANCELED),
        (tried_at(NOON, status=DialStatus.IN_PROGRESS), (AGAIN,), Stop.UNRESOLVED),
        (tried_at(NOON, status=DialStatus.FAILED), (AGAIN,), Stop.NO_RULE),
        (tried_at(NOON), (), Stop.NO_RULE),
        (tried_at(*[NOON] * 4), (AGAIN,), Stop.MAX_RETRIES),
    ],
)
def test_why_a_call_is_not_dialled_again_is_told(call: DialCall, rules: tuple[RetryRule, ...], stopped: Stop) -> None:
    assert after(call, *rules) == NextAttempt(stopped=stopped)


def test_the_first_attempt_is_no_retry() -> None:
    assert after(tried_at(*[NOON] * 3), AGAIN).at is not None
    assert after(tried_at(NOON), AGAIN, max_retries=0).stopped is Stop.MAX_RETRIES
    daily = RetryRule(query="Busy", retry_period=30, max_retry_per_day=1)
    assert after(tried_at(NOON), daily).at == NOON + 30 * MINUTE


def test_a_condition_is_asked_about_status_attempt_metadata_and_params() -> None:
    asked = []

    def matches(query: str, call: object) -> bool:
        asked.append((query, call))
        return True

    call = tried_at(NOON, NOON, params={"vip": True}, metadata={"orderId": "456"})
    rule = RetryRule(query="params.vip", retry_period=1)
    assert after(call, rule, matches=matches).at == NOON + MINUTE
    assert asked == [
        ("params.vip", {"status": "Busy", "attempt": 2, "metadata": {"orderId": "456"}, "params": {"vip": True}})
    ]


def test_a_retry_waits_for_the_next_opening() -> None:
    evening = MONDAY + timedelta(hours=20, minutes=45)
    found = after(tried_at(evening), AGAIN, ended_at=evening, now=evening, hours=hours_of(a_use_case()))
    assert found.at == MONDAY + timedelta(days=1, hours=8)


def test_a_retry_in_hours_that_never_open_stops() -> None:
    use_case = a_use_case(timezone="America/New_York", work_start="09:00", work_end="17:00")
    found = after(tried_at(NOON), AGAIN, hours=hours_of(use_case, ("Asia/Tokyo",)))
    assert found == NextAttempt(stopped=Stop.NEVER_OPEN, rule=0)


def test_a_report_that_comes_late_does_not_put_the_retry_into_the_past() -> None:
    assert after(tried_at(NOON), AGAIN, now=NOON + timedelta(hours=5)).at == NOON + timedelta(hours=5)


def test_the_day_is_the_callees() -> None:
    """Ten in the evening in Bogota is the next day in UTC already."""
    night = datetime(2026, 5, 5, 3, 0, tzinfo=UTC)
    rule = RetryRule(query="Busy", retry_period=30, max_retry_per_day=1)
    call = tried_at(NOON, night)
    found = after(call, rule, ended_at=night, now=night, zones=("America/Bogota",))
    assert found.at == datetime(2026, 5, 5, 5, 0, tzinfo=UTC), "midnight in Bogota"
    assert after(call, rule, ended_at=night, now=night, zones=("UTC",)).at == datetime(2026, 5, 6, tzinfo=UTC)


moments = st.integers(0, 5 * 96).map(lambda quarter: MONDAY + quarter * 15 * MINUTE)


@tried(150)
@given(
    st.lists(moments, min_size=1, max_size=8).map(sorted),
    st.integers(1, 600),
    st.one_of(st.none(), st.integers(1, 3)),
    st.lists(st.sampled_from(["UTC", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu"]), max_size=2, unique=True),
    st.sampled_from([None, ("09:00", "17:00"), ("00:00", "24:00"), ("22:30", "23:15")]),
)
def test_the_next_attempt_is_the_first_moment_in_hours_whose_days_have_room(
    attempts: list[datetime], period: int, most: int | None, zones: list[str], work: tuple[str, str] | None
) -> None:
    start, end = work or (None, None)
    use_case = a_use_case(work_start=start, work_end=end, timezone="America/New_York", callee_start="06:00")
    hours = hours_of(use_case, tuple(zones))
    clocks = [ZoneInfo(name) for name in zones or ["America/New_York"]]
    rule = RetryRule(query="Busy", retry_period=period, max_retry_per_day=most)
    ended = attempts[-1] + MINUTE
    found = after(
        tried_at(*attempts), rule, ended_at=ended, now=ended, max_retries=50, hours=hours, zones=[c.key for c in clocks]
    )

    def has_room(at: datetime) -> bool:
        return most is None or all(
            sum(retry.astimezone(clock).date() == at.astimezone(clock).date() for retry in attempts[1:]) < most
            for clock in clocks
        )

    earliest = ended + period * MINUTE
    quarters = (MONDAY + n * 15 * MINUTE for n in range(16 * 96))
    tries = [earliest, *(at for at in quarters if at > earliest)]
    assert found.at == next((at for at in tries if has_room(at) and is_open(hours, at)), None)


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("Busy", {"Busy"}),
        (" no ANSWER , amd terminated,", {"No answer", "AMD Terminated"}),
        ("Busy, Nope", None),
        ("status == 'Busy'", None),
        ("", None),
        (",", None),
        ("Busy,,Failed", None),
    ],
)
def test_a_query_is_a_list_of_statuses_where_every_name_is_one(query: str, statuses: set[str] | None) -> None:
    assert statuses_of(query) == (None if statuses is None else {DialStatus(name) for name in statuses})


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"query": ""}, "query"),
        ({"query": "  "}, "query"),
        ({"query": "x" * 501}, "query"),
        ({"query": "Busi"}, "query"),
        ({"query": "Busy, Nope"}, "query"),
        ({"query": "Completed"}, "query"),
        ({"query": "Busy, Unknown"}, "query"),
        ({"query": "Busy, Canceled"}, "query"),
        ({"query": "status === 'Busy'"}, "query"),
        ({"retry_period": 0}, "retry_period"),
        ({"retry_period": 43_201}, "retry_period"),
        ({"max_retry_per_day": 0}, "max_retry_per_day"),
        ({"max_retry_per_day": 201}, "max_retry_per_day"),
    ],
)
def test_a_rule_that_could_not_be_kept_or_never_match_is_refused(rule: dict[str, object], field: str) -> None:
    bad = RetryRule(**{"query": "Busy", "retry_period": 30, **rule})  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest) as refused:
        check_rules([AGAIN, bad], 3, lambda query, _: "no condition" if "===" in query else None)
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == (f"retry_logic[1].{field}", "query" if field == "query" else "range")
    assert detail.message, "and it says what is wrong"


def test_good_rules_are_taken_and_so_many_only() -> None:
    def flawless(_: str, reach: Reach) -> None:  # noqa: ARG001 - it stands in for a condition
        return None

    least = RetryRule(query="params", retry_period=1, max_retry_per_day=1)
    most = RetryRule(
        query="params.".ljust(LONGEST_QUERY, "x"), retry_period=LONGEST_PERIOD_MINUTES, max_retry_per_day=MOST_RETRIES
    )
    check_rules([least, most], MOST_RETRIES, flawless)
    check_rules([AGAIN] * MOST_RULES, 0, flawless)
    with pytest.raises(InvalidRequest) as refused:
        check_rules([AGAIN] * (MOST_RULES + 1), 3, flawless)
    assert list(refused.value.details) == [Detail(f"must have at most {MOST_RULES} rules", "too_many", "retry_logic")]
    for retries in (-1, MOST_RETRIES + 1):
        with pytest.raises(InvalidRequest) as refused:
            check_rules([], retries, flawless)
        assert list(refused.value.details) == [Detail(f"must be 0 to {MOST_RETRIES}", "range", "max_retries")]
