"""The judge of campaigns sees what is wrong: too soon, too often, at night, not at all."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.support.oracles.campaigns import Ring, Rule, Terms, judge

HOUR = timedelta(hours=1)
NEW_YORK, LONDON = "America/New_York", "Europe/London"
TERMS = Terms(
    rules=[Rule(query="Busy", applies=lambda ended, _: ended == "Busy", period=HOUR, most_a_day=1)],
    max_retries=3,
    opens=time(9),
    closes=time(19),
    zone=NEW_YORK,
)


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """In UTC, in November: New York is five hours behind, London is not."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def busy(at: datetime, outcome: str = "Busy") -> Ring:
    return Ring(at=at, ended_at=at + timedelta(minutes=1), outcome=outcome)


FIRST, RETRY, TOMORROW = busy(on(23, 14)), busy(on(23, 15, 1)), busy(on(24, 14))
LAST = busy(on(25, 14), "Completed")
END = on(25, 23)


def judged(*rings: Ring, zone: str = LONDON, until: datetime = END) -> list[timedelta]:
    return judge(rings, TERMS, planned_at=on(23, 6), callee_zone=zone, until=until)


def test_what_keeps_every_rule_passes_and_is_as_late_as_it_was():
    late = busy(RETRY.at + timedelta(seconds=7))
    assert judged(TOMORROW, LAST, FIRST, late) == [timedelta(0), timedelta(seconds=7), timedelta(0), timedelta(0)]
    assert judged(FIRST, RETRY, TOMORROW, busy(LAST.at)) == [timedelta(0)] * 4, "the fourth attempt was the last"


@pytest.mark.parametrize(
    "rings",
    [
        [busy(on(23, 13, 59)), RETRY, TOMORROW, LAST],
        [FIRST, busy(on(23, 15)), TOMORROW, LAST],
        [FIRST, RETRY, busy(on(23, 18)), TOMORROW, LAST],
        [FIRST, RETRY, busy(on(25, 0)), LAST],
        [FIRST, RETRY, TOMORROW],
        [FIRST, RETRY, TOMORROW, busy(LAST.at), busy(on(25, 16))],
        [busy(FIRST.at, "Completed"), RETRY],
        [busy(FIRST.at, "Failed"), RETRY],
        [],
    ],
    ids=[
        "before the use case's hours",
        "before the period is over",
        "twice on a day that has room for one",
        "after the use case's evening",
        "a retry that never came",
        "more often than the limit",
        "again after somebody was reached",
        "again after an end that no rule follows",
        "never",
    ],
)
def test_what_breaks_a_rule_does_not(rings: list[Ring]):
    with pytest.raises(AssertionError):
        judged(*rings)


def test_nobody_is_called_before_eight_or_after_nine_on_their_own_clock():
    in_los_angeles = busy(on(23, 16), "Completed")
    assert judged(in_los_angeles, zone="America/Los_Angeles") == [timedelta(0)]
    with pytest.raises(AssertionError):
        judged(busy(on(23, 14), "Completed"), zone="America/Los_Angeles")
    with pytest.raises(AssertionError):
        judged(busy(on(23, 21, 30), "Completed"), zone=LONDON)


def test_what_is_not_due_yet_may_be_missing():
    assert judged(FIRST, RETRY, until=on(24, 13)) == [timedelta(0)] * 2
