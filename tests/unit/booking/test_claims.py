"""The rule of the slot lock: when two claims of an agent collide."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given

from slotline.domain.booking.claims import Claim, ClaimKind, collision, find_collision
from slotline.domain.shared.errors import Conflict, DoNotDisturb, SlotTaken, TimeBlocked
from slotline.domain.shared.intervals import Interval
from tests.support.builders.strategies import MIDNIGHT, claims, minutes_of

MINUTE = timedelta(minutes=1)


def claim(start: int, length: int, before: int = 0, after: int = 0, **changes: object) -> Claim:
    """A claim by its minutes from midnight."""
    made = Claim(
        id=f"{start}-{length}",
        kind=ClaimKind.CALL,
        meeting=Interval.starting(MIDNIGHT + start * MINUTE, length * MINUTE),
        before=before * MINUTE,
        after=after * MINUTE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@given(claims(), claims())
def test_collision_is_mutual(one: Claim, other: Claim) -> None:
    assert one.collides(other) == other.collides(one)


@given(claims())
def test_a_claim_collides_with_its_like(one: Claim) -> None:
    assert one.collides(one)


@given(claims(), claims())
def test_two_collide_where_a_minute_of_one_meeting_is_in_the_others_padded_time(one: Claim, other: Claim) -> None:
    expected = minutes_of(one.meeting) & minutes_of(other.padded) or minutes_of(one.padded) & minutes_of(other.meeting)
    assert one.collides(other) == bool(expected)


@given(claims(), claims())
@example(claim(0, 30, after=10), claim(40, 30, before=10))
@example(claim(0, 30, after=10), claim(39, 30))
def test_the_gap_is_at_least_the_larger_of_the_firsts_after_and_the_seconds_before(one: Claim, other: Claim) -> None:
    first, second = sorted((one, other), key=lambda claim: claim.meeting)
    gap = second.meeting.start - first.meeting.end
    assert first.collides(second) == (gap < max(first.after, second.before))


@given(claims(), claims())
def test_two_that_collide_share_an_hour_of_a_day(one: Claim, other: Claim) -> None:
    """The lock rests on this: a collision always has a guard in common."""
    shared = {
        (day, hour)
        for day in one.padded.utc_days()
        for hour in set(one.padded.utc_hours_of(day)) & set(other.padded.utc_hours_of(day))
    }
    assert shared or not one.collides(other)


def test_buffers_may_share_time() -> None:
    assert not claim(0, 30, after=10).collides(claim(40, 30, before=10))


class TestFindingWhatStandsInTheWay:
    def test_the_earliest_is_told(self) -> None:
        late, early = claim(50, 30), claim(10, 30)
        assert find_collision(claim(0, 90), [late, early], MIDNIGHT) == early

    def test_nothing_stands_in_its_own_way(self) -> None:
        assert find_collision(claim(0, 30), [claim(0, 30)], MIDNIGHT) is None

    def test_a_hold_stands_until_its_last_moment(self) -> None:
        hold = claim(5, 30, kind=ClaimKind.HOLD, expires_at=MIDNIGHT)
        assert find_collision(claim(0, 30), [hold], MIDNIGHT - timedelta(microseconds=1)) == hold
        assert find_collision(claim(0, 30), [hold], MIDNIGHT) is None


@pytest.mark.parametrize(
    ("kind", "fact", "code"),
    [
        (ClaimKind.CALL, SlotTaken, "slot_taken"),
        (ClaimKind.HOLD, SlotTaken, "slot_taken"),
        (ClaimKind.DO_NOT_DISTURB, DoNotDisturb, "dnd"),
        (ClaimKind.BLOCKED, TimeBlocked, "blocked"),
    ],
)
def test_each_kind_of_claim_is_a_fact_of_its_own(kind: ClaimKind, fact: type[Conflict], code: str) -> None:
    error = collision(claim(0, 30, kind=kind))
    assert type(error) is fact
    assert [detail.code for detail in error.details] == [code]
    assert "0-30" not in error.message
