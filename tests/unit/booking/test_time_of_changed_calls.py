"""Whatever is done to calls, their agents' days hold exactly the time that they take."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.booking.agent_days import AgentDay, AgentDays, DayChange, move, release
from slotline.domain.booking.calls import AssignmentMethod, Call
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.errors import Conflict, InvalidRequest
from slotline.domain.shared.intervals import Interval
from slotline.usecases.booking.call_changes import CancelCall, ConfirmCall
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, TOMORROW, minutes
from tests.support.properties import tried
from tests.support.worlds.house import AGENTS, MIDNIGHT, House

starts = st.one_of(
    st.integers(0, 3 * 24 * 4 - 1).map(lambda quarter: MIDNIGHT - timedelta(days=1, minutes=-15 * quarter)),
    st.integers(-40, 40).map(lambda minute: MIDNIGHT + minutes(minute)),
).filter(lambda start: start > NOW)
books = st.builds(
    lambda start, length, before, after, agent: (
        "book",
        {
            "scheduled_at": start,
            "duration_minutes": length,
            "buffer_before_minutes": before,
            "buffer_after_minutes": after,
            **agent,
        },
    ),
    starts,
    st.sampled_from([5, 30, 90, 480]),
    st.sampled_from([0, 10, 240]),
    st.sampled_from([0, 10, 240]),
    st.sampled_from(
        [
            *({"assigned_agent_id": agent_id} for agent_id in AGENTS),
            {"assigned_agent_id": None},
            {"assigned_agent_id": None, "assignment_method": AssignmentMethod.ROUND_ROBIN},
            {"assigned_agent_id": None, "assignment_method": AssignmentMethod.POOL},
        ]
    ),
)
picks = st.integers(0, 30)
lengths = st.fixed_dictionaries(
    {},
    optional={
        "duration_minutes": st.sampled_from([5, 30, 90, 480]),
        "buffer_before_minutes": st.sampled_from([0, 10, 240]),
        "buffer_after_minutes": st.sampled_from([0, 10, 240]),
    },
)
changes = st.one_of(
    st.tuples(st.just("move"), picks, starts),
    st.tuples(st.just("reassign"), picks, st.sampled_from(AGENTS)),
    st.tuples(st.just("both"), picks, starts, st.sampled_from(AGENTS)),
    st.tuples(st.just("claim"), picks, st.sampled_from(AGENTS)),
    st.tuples(st.just("lengths"), picks, lengths),
    st.tuples(st.just("all"), picks, starts, lengths, st.one_of(st.none(), st.sampled_from(AGENTS))),
    st.tuples(st.just("unassign"), picks),
    st.tuples(st.just("cancel"), picks),
    st.tuples(st.just("confirm"), picks),
)


@tried(150)
@given(st.lists(st.one_of(books, changes), max_size=25))
def test_after_any_changes_each_agents_days_hold_exactly_the_claims_of_their_calls(steps: list[Any]) -> None:
    house, calls = House(), list[Call]()
    for step in steps:
        try:
            if step[0] == "book":
                calls.append(house.book(**step[1]))
            elif calls:
                change(house, calls[step[1] % len(calls)], step)
        except (Conflict, InvalidRequest):
            pass
        house.check_time()
    standing = [call for call in house.store.calls.values() if not call.is_final]
    for one in standing:
        for other in standing:
            if one.id < other.id and one.agent_with_time and one.agent_with_time == other.agent_with_time:
                assert not one.claim.collides(other.claim)


def change(house: House, call: Call, step: tuple[Any, ...]) -> None:
    kind, _, *values = step
    match kind:
        case "move":
            house.update(call, scheduled_at=values[0])
        case "reassign":
            house.update(call, assigned_agent_id=values[0])
        case "both":
            house.update(call, scheduled_at=values[0], assigned_agent_id=values[1])
        case "lengths":
            house.update(call, fields=values[0])
        case "all":
            start, fields, agent = values
            house.update(call, scheduled_at=start, fields=fields, assigned_agent_id=agent, unassign=agent is None)
        case "unassign":
            house.update(call, unassign=True)
        case "claim":
            house.claim(call, values[0])
        case "cancel":
            house.change(call, CancelCall())
        case "confirm":
            house.change(call, ConfirmCall())


def a_claim(start: datetime, length: int, before: int = 0, after: int = 0, name: str = "call") -> Claim:
    return Claim(
        id=name,
        kind=ClaimKind.CALL,
        meeting=Interval.starting(start, minutes(length)),
        before=minutes(before),
        after=minutes(after),
    )


class Days:
    """Agents' days that writes are applied to, guards and all."""

    def __init__(self) -> None:
        self.claims: dict[tuple[str, date], dict[str, Claim]] = {}

    def agent_days(self, agent_id: str, claim: Claim) -> AgentDays:
        days = list(claim.padded.utc_days())
        return AgentDays(
            agent_id=agent_id,
            days={day: AgentDay(day=day, claims=tuple(self.claims.get((agent_id, day), {}).values())) for day in days},
        )

    def apply(self, writes: tuple[DayChange, ...]) -> None:
        places = [(write.agent_id, write.day) for write in writes]
        assert len(set(places)) == len(places), "a transaction may not touch an item twice"
        for write in writes:
            day = self.claims.setdefault((write.agent_id, write.day), {})
            for name in write.drop:
                day.pop(name, None)
            if write.put:
                day[write.put.id] = write.put

    @property
    def standing(self) -> dict[tuple[str, date], dict[str, Claim]]:
        return {place: claims for place, claims in self.claims.items() if claims}


claims = st.builds(
    a_claim, starts, st.sampled_from([5, 30, 480]), st.sampled_from([0, 30, 240]), st.sampled_from([0, 30, 240])
)


@tried(200)
@given(st.lists(st.tuples(st.sampled_from(AGENTS), claims), min_size=1, max_size=8))
def test_a_claim_that_is_moved_stands_where_it_was_moved_to_and_nowhere_else(stops: list[tuple[str, Claim]]) -> None:
    days, last = Days(), None
    for agent_id, claim in stops:
        taken = days.agent_days(agent_id, claim).take(claim, NOW)
        days.apply(taken if last is None else move(release(*last), taken))
        last = (agent_id, claim)
        assert days.standing == {(agent_id, day): {claim.id: claim} for day in claim.padded.utc_days()}
    assert last
    days.apply(release(*last))
    assert days.standing == {}


def test_a_move_within_a_day_is_one_write_and_moves_the_guards_of_the_new_time_alone() -> None:
    before, after = a_claim(TOMORROW, 30), a_claim(TOMORROW + minutes(120), 30)
    writes = move(release(AGENT, before), Days().agent_days(AGENT, after).take(after, NOW))
    assert len(writes) == 1
    assert (writes[0].put, writes[0].drop) == (after, ())
    assert list(writes[0].guards) == [17]


def test_giving_time_back_asks_for_nothing() -> None:
    over_midnight = a_claim(MIDNIGHT - minutes(10), 20)
    writes = release(AGENT, over_midnight)
    assert [(write.day, dict(write.guards), write.put, write.drop) for write in writes] == [
        (date(2026, 4, 23), {}, None, ("call",)),
        (date(2026, 4, 24), {}, None, ("call",)),
    ]
