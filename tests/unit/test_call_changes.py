"""Changes of a call as decisions: what becomes of the call, of its timeline, and of its agents' time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotline.domain.apps import Agent, CustomerLimit, Period
from slotline.domain.booking import CallUpdate
from slotline.domain.calls import AssignmentMethod, Call, CallStatus, Guest
from slotline.domain.claims import Claim, ClaimKind
from slotline.domain.errors import (
    AppNotFound,
    CallIsFinal,
    Conflict,
    DomainError,
    InvalidRequest,
    NoAgentAvailable,
    NotFound,
    SlotTaken,
    Unavailable,
)
from slotline.domain.intervals import Interval
from slotline.domain.ledger import AgentDay, DayChange, Ledger, move, release
from slotline.domain.working_hours import Window
from slotline.usecases.book_call import BookCall
from slotline.usecases.call_changes import CancelCall, ClaimCall, ConfirmCall, UpdateCall
from slotline.usecases.change_call import MAX_TRIES, Change, ChangeCall, Decide
from tests.support.bookings import (
    AGENT,
    APP_ID,
    CLIENT,
    JANE,
    OTHER_APP_ID,
    TOMORROW,
    a_key,
    a_request,
    an_app,
    minutes,
)
from tests.support.memory import Fault, Faults, MemoryLines, MemoryStore, NumberedIds, RecordedBackoff
from tests.support.properties import tried
from tests.support.scheduling import NOW, SetClock

AGENTS = (AGENT, "agent-2", "agent-3")
ALWAYS = tuple(Window(weekday=day, start="00:00", end="24:00", zone="UTC") for day in range(7))
MIDNIGHT = datetime(2026, 4, 24, tzinfo=UTC)


class House:
    """An app with three agents in memory, and the use cases on it."""

    def __init__(self, **preset: Any) -> None:
        self.clock, self.ids, self.backoff, self.faults = SetClock(), NumberedIds(), RecordedBackoff(), Faults()
        self.store = MemoryStore(self.clock, faults=self.faults)
        self.store.apps[APP_ID] = an_app(APP_ID, **preset)
        for agent_id in AGENTS:
            self.store.agents[APP_ID, agent_id] = Agent(agent_id=agent_id, name="A", working_hours=ALWAYS)
        ports: dict[str, Any] = {
            "bookings": self.store,
            "clock": self.clock,
            "ids": self.ids,
            "backoff": self.backoff,
        }
        self._book, self._change = BookCall(**ports, lines=MemoryLines()), ChangeCall(**ports)

    def book(self, **changes: Any) -> Call:
        return self._book(a_request(**changes), None, lambda: None).call

    def change(self, call: Call, decide: Decide, app_id: str = APP_ID) -> Call:
        return self._change(app_id, call.id, decide, CLIENT, None, lambda: None).call

    def update(self, call: Call, **changes: Any) -> Call:
        return self.change(call, UpdateCall(bookings=self.store, update=CallUpdate(**changes)))

    def claim(self, call: Call, agent_id: str) -> Call:
        return self.change(call, ClaimCall(bookings=self.store, agent_id=agent_id))

    def put(self, call: Call, **changes: Any) -> Call:
        """Write another state of a call over it, as other parts of the system would."""
        changed = replace(self.store.calls[APP_ID, call.id], **changes)
        self.store.calls[APP_ID, call.id] = changed
        return changed

    def events(self, call: Call) -> list[tuple[int, str]]:
        return [(event.revision, event.event_type.value) for event in self.store.events[APP_ID, call.id]]

    def payload(self, call: Call) -> Any:
        return dict(self.store.events[APP_ID, call.id][-1].payload)

    def time_of(self, agent_id: str) -> dict[date, set[Claim]]:
        """What stands in the agent's days."""
        return {
            day: set(there.claims)
            for (_, owner, day), there in self.store.days.items()
            if owner == agent_id and there.claims
        }

    def check_time(self) -> None:
        """Every agent's days hold exactly the claims of the calls that take their time."""
        for agent_id in AGENTS:
            expected: dict[date, set[Claim]] = {}
            for call in self.store.calls.values():
                if call.agent_with_time == agent_id and not call.is_final:
                    for day in call.claim.padded.utc_days():
                        expected.setdefault(day, set()).add(call.claim)
            assert self.time_of(agent_id) == expected


def final(house: House, status: CallStatus) -> Call:
    call = house.book()
    if status is CallStatus.CANCELLED:
        return house.change(call, CancelCall())
    return house.put(call, status=status)


# --- Giving and taking time ----------------------------------------------------------------------

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
changes = st.one_of(
    st.tuples(st.just("move"), picks, starts),
    st.tuples(st.just("reassign"), picks, st.sampled_from(AGENTS)),
    st.tuples(st.just("both"), picks, starts, st.sampled_from(AGENTS)),
    st.tuples(st.just("claim"), picks, st.sampled_from(AGENTS)),
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

    def ledger(self, agent_id: str, claim: Claim) -> Ledger:
        days = list(claim.padded.utc_days())
        return Ledger(
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
        taken = days.ledger(agent_id, claim).take(claim, NOW)
        days.apply(taken if last is None else move(release(*last), taken))
        last = (agent_id, claim)
        assert days.standing == {(agent_id, day): {claim.id: claim} for day in claim.padded.utc_days()}
    assert last
    days.apply(release(*last))
    assert days.standing == {}


def test_a_move_within_a_day_is_one_write_and_moves_the_guards_of_the_new_time_alone() -> None:
    before, after = a_claim(TOMORROW, 30), a_claim(TOMORROW + minutes(120), 30)
    writes = move(release(AGENT, before), Days().ledger(AGENT, after).take(after, NOW))
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


# --- Update --------------------------------------------------------------------------------------


def test_each_kind_of_change_is_its_own_event_of_one_revision() -> None:
    house = House()
    call = house.book()
    after = house.update(
        call,
        scheduled_at=TOMORROW + minutes(60),
        assigned_agent_id="agent-2",
        guest={"name": "Joe", "phone": "+573005550100"},
        reason="as asked",
    )
    assert after.revision == 2
    assert house.events(call) == [(1, "created"), (2, "rescheduled"), (2, "assigned"), (2, "updated")]
    rescheduled, assigned, updated = (event.payload for event in house.store.events[APP_ID, call.id][1:])
    assert rescheduled == {
        "old_scheduled_at": TOMORROW,
        "new_scheduled_at": TOMORROW + minutes(60),
        "reason": "as asked",
    }
    assert assigned == {"old_agent_id": AGENT, "new_agent_id": "agent-2", "reason": "as asked", "decision": None}
    assert updated == {"fields": ["guest_name", "guest_phone"], "reason": "as asked"}
    assert (after.guest.name, after.guest.phone_e164, after.guest.email) == ("Joe", "+573005550100", JANE.email)
    assert len(house.store.committed) == 2, "one transaction for the booking, one for all of the change"


def test_values_that_are_there_already_change_nothing() -> None:
    house = House()
    call = house.book()
    same = house.update(
        call, scheduled_at=TOMORROW, assigned_agent_id=AGENT, guest={"name": "Jane Doe"}, reason="no reason"
    )
    assert (same, house.events(call), len(house.store.committed)) == (call, [(1, "created")], 1)


def test_a_call_may_move_into_its_own_time() -> None:
    house = House()
    call = house.book()
    moved = house.update(call, scheduled_at=TOMORROW + minutes(15))
    assert moved.scheduled_at == TOMORROW + minutes(15)
    house.check_time()


def test_a_call_keeps_its_time_where_the_new_one_is_taken() -> None:
    house = House()
    call = house.book()
    house.book(scheduled_at=TOMORROW + minutes(60))
    with pytest.raises(SlotTaken):
        house.update(call, scheduled_at=TOMORROW + minutes(45))
    assert house.store.calls[APP_ID, call.id] == call
    house.check_time()


def test_an_unassigned_call_takes_no_time_until_it_is_assigned() -> None:
    house = House()
    call = house.book(assigned_agent_id=None)
    moved = house.update(call, scheduled_at=TOMORROW + minutes(60))
    assert house.store.days == {}
    assigned = house.update(moved, assigned_agent_id=AGENT)
    assert house.time_of(AGENT) == {TOMORROW.date(): {assigned.claim}}


def test_a_call_whose_agent_left_may_move_but_nobody_may_be_given_one() -> None:
    house = House()
    call = house.book()
    house.store.agents[APP_ID, AGENT] = replace(house.store.agents[APP_ID, AGENT], active=False)
    assert house.update(call, scheduled_at=TOMORROW + minutes(60)).revision == 2
    other = house.book(assigned_agent_id="agent-2")
    for nobody in (AGENT, "nobody"):
        with pytest.raises(InvalidRequest) as refused:
            house.update(other, assigned_agent_id=nobody)
        assert (refused.value.details[0].field, refused.value.details[0].code) == ("assignedAgentId", "unknown_agent")


def test_a_guest_keeps_one_way_to_be_reached() -> None:
    house = House()
    call = house.book(guest=Guest.reachable(name="Jane", phone="+573005550100", email="jane@example.com"))
    without = house.update(call, guest={"phone": None})
    assert (without.guest.phone, without.guest.phone_e164) == (None, None)
    with pytest.raises(InvalidRequest):
        house.update(call, guest={"email": None})
    with pytest.raises(InvalidRequest):
        house.update(call, guest={"email": ""})


STARTS: list[tuple[str, datetime, str]] = [
    ("past", NOW - minutes(1), "past"),
    ("now", NOW, "past"),
    ("within the notice", NOW + minutes(59), "minimum_notice"),
    ("beyond the horizon", NOW + timedelta(days=10, minutes=1), "horizon"),
    ("off the minute", TOMORROW + timedelta(seconds=1), "whole_minute"),
]


@pytest.mark.parametrize(("start", "code"), [row[1:] for row in STARTS], ids=[row[0] for row in STARTS])
def test_a_new_time_obeys_the_rules_of_a_first_one(start: datetime, code: str) -> None:
    house = House(minimum_notice_minutes=60, horizon_days=10)
    call = house.book()
    with pytest.raises(InvalidRequest) as refused:
        house.update(call, scheduled_at=start)
    assert refused.value.details[0].code == code


def test_the_rules_do_not_bind_a_call_that_does_not_move() -> None:
    house = House()
    call = house.book()
    house.clock.advance(days=3)
    assert house.update(call, scheduled_at=TOMORROW, guest={"name": "Joe"}).guest.name == "Joe"


@pytest.mark.parametrize(
    "status", [CallStatus.CANCELLED, CallStatus.COMPLETED, CallStatus.NO_SHOW, CallStatus.RESCHEDULED]
)
def test_a_final_call_does_not_change(status: CallStatus) -> None:
    house = House()
    call = final(house, status)
    for attempt in (
        lambda: house.update(call, guest={"name": "Joe"}),
        lambda: house.update(call, scheduled_at=TOMORROW),
        lambda: house.change(call, ConfirmCall()),
    ):
        with pytest.raises(CallIsFinal):
            attempt()


# --- Cancel and confirm --------------------------------------------------------------------------


def test_cancelling_gives_the_time_back_and_twice_is_once() -> None:
    house = House()
    call = house.book(scheduled_at=MIDNIGHT - minutes(10))
    cancelled = house.change(call, CancelCall(reason="changed plans"))
    assert (cancelled.status, cancelled.cancelled_at, cancelled.cancellation_reason) == (
        "cancelled",
        NOW,
        "changed plans",
    )
    assert house.time_of(AGENT) == {}
    assert house.change(call, CancelCall(reason="other")) == cancelled
    assert house.events(call) == [(1, "created"), (2, "cancelled")]
    house.book(scheduled_at=MIDNIGHT - minutes(10))


@pytest.mark.parametrize("status", [CallStatus.COMPLETED, CallStatus.NO_SHOW])
def test_what_is_over_cannot_be_cancelled(status: CallStatus) -> None:
    house = House()
    with pytest.raises(CallIsFinal):
        house.change(final(house, status), CancelCall())


@pytest.mark.parametrize("counts", [True, False])
def test_a_cancelled_booking_counts_for_its_customer_unless_the_preset_says_otherwise(counts: bool) -> None:
    limits = (CustomerLimit(max_bookings=1, per=Period.DAY),)
    house = House(customer_limits=limits, cancelled_bookings_count=counts)
    house.change(house.book(), CancelCall())
    if counts:
        with pytest.raises(DomainError) as refused:
            house.book()
        assert refused.value.code == "customer_limit"
    else:
        assert house.book()


def test_a_move_does_not_count_for_the_customer() -> None:
    house = House(customer_limits=(CustomerLimit(max_bookings=2, per=Period.DAY),))
    call = house.book()
    for hour in (1, 2, 3):
        house.update(call, scheduled_at=TOMORROW + timedelta(hours=hour))
    assert house.book(scheduled_at=TOMORROW)


def test_confirming_moves_on_from_pending_and_twice_is_once() -> None:
    house = House()
    call = house.book(require_confirmation=True)
    confirmed = house.change(call, ConfirmCall())
    assert (confirmed.status, confirmed.revision) == ("confirmed", 2)
    assert house.change(call, ConfirmCall()) == confirmed
    assert house.events(call) == [(1, "created"), (2, "confirmed")]
    with pytest.raises(Conflict) as refused:
        house.change(house.put(call, status=CallStatus.STARTED), ConfirmCall())
    assert refused.value.details[0].code == "already_started"


# --- The pool ------------------------------------------------------------------------------------


def pool_call(house: House, **more: Any) -> Call:
    return house.book(assigned_agent_id=None, assignment_method=AssignmentMethod.POOL, **more)


def test_the_held_agent_claims_in_place_and_another_takes_the_time_along() -> None:
    for taker in (AGENT, "agent-2"):
        house = House()
        call = pool_call(house)
        assert (call.held_agent_id, call.assigned_agent_id) == (AGENT, None)
        claimed = house.claim(call, taker)
        assert (claimed.assigned_agent_id, claimed.held_agent_id, claimed.revision) == (taker, None, 2)
        assert {agent for agent in AGENTS if house.time_of(agent)} == {taker}
        assert house.claim(call, taker) == claimed, "twice is once"
        house.check_time()


def test_what_cannot_be_claimed() -> None:
    house = House()
    call = pool_call(house)
    house.book(assigned_agent_id="agent-2")
    with pytest.raises(SlotTaken):
        house.claim(call, "agent-2")
    with pytest.raises(InvalidRequest) as unknown:
        house.claim(call, "nobody")
    assert unknown.value.details[0].field == "agentId"
    house.claim(call, "agent-3")
    with pytest.raises(Conflict) as late:
        house.claim(call, AGENT)
    assert late.value.details[0].code == "already_claimed"
    with pytest.raises(Conflict) as none:
        house.claim(house.book(), AGENT)
    assert none.value.details[0].code == "not_in_pool"
    with pytest.raises(CallIsFinal):
        house.claim(house.change(pool_call(house, scheduled_at=MIDNIGHT), CancelCall()), AGENT)
    house.check_time()


def test_a_call_of_the_pool_that_moves_stays_with_who_is_held_for_it_or_goes_to_the_next() -> None:
    house = House()
    call = pool_call(house)
    later = TOMORROW + minutes(120)
    assert house.update(call, scheduled_at=later).held_agent_id == AGENT
    house.book(scheduled_at=TOMORROW)
    moved = house.update(call, scheduled_at=TOMORROW)
    assert moved.held_agent_id == "agent-2"
    house.check_time()
    house.book(scheduled_at=MIDNIGHT)
    house.book(scheduled_at=MIDNIGHT, assigned_agent_id="agent-2")
    house.book(scheduled_at=MIDNIGHT, assigned_agent_id="agent-3")
    with pytest.raises(NoAgentAvailable):
        house.update(call, scheduled_at=MIDNIGHT)
    house.check_time()


# --- The loop ------------------------------------------------------------------------------------


def test_there_is_no_such_call_or_no_such_app() -> None:
    house = House()
    call = house.book()
    with pytest.raises(AppNotFound):
        house.change(call, ConfirmCall(), app_id="no-app")
    house.store.apps[OTHER_APP_ID] = an_app(OTHER_APP_ID)
    with pytest.raises(NotFound):
        house.change(call, ConfirmCall(), app_id=OTHER_APP_ID)


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
def test_a_change_is_made_once_whatever_happens_to_its_first_answers(fault: Fault) -> None:
    house = House()
    call = house.book()
    house.faults.commits.extend([fault, None])
    after = house.update(call, scheduled_at=TOMORROW + minutes(60))
    assert after.revision == 2
    assert house.events(call) == [(1, "created"), (2, "rescheduled")]
    assert house.backoff.pauses == [1]
    house.check_time()


def test_a_change_that_never_gets_through_is_unavailable_and_writes_nothing() -> None:
    house = House()
    call = house.book()
    house.faults.commits.extend([Fault.BUSY] * MAX_TRIES)
    with pytest.raises(Unavailable):
        house.update(call, scheduled_at=TOMORROW + minutes(60))
    assert house.store.calls[APP_ID, call.id] == call
    house.check_time()


def test_who_loses_a_race_decides_again_on_what_the_winner_left() -> None:
    house = House()
    call = house.book()

    def meanwhile(winner: Decide) -> Callable[[Call, Any, datetime], Change | None]:
        loser = UpdateCall(bookings=house.store, update=CallUpdate(scheduled_at=TOMORROW + minutes(60)))
        rivals = [winner]

        def decide(seen: Call, app: Any, now: datetime) -> Change | None:
            change = loser(seen, app, now)
            if rivals:
                house.change(call, rivals.pop())
            return change

        return decide

    moved = house.change(call, meanwhile(ConfirmCall()))
    assert (moved.status, moved.revision, moved.scheduled_at) == ("confirmed", 3, TOMORROW + minutes(60))
    with pytest.raises(CallIsFinal):
        house.change(house.update(moved, scheduled_at=TOMORROW), meanwhile(CancelCall()))
    house.check_time()


def test_a_key_makes_a_change_once_and_answers_it_again() -> None:
    house = House()
    call = house.book()
    decide = CancelCall(reason="once")
    first = house._change(APP_ID, call.id, decide, CLIENT, a_key(), lambda: None)
    house.clock.advance(hours=1)
    again = house._change(APP_ID, call.id, decide, CLIENT, a_key(), lambda: None)
    assert (again.call, again.answered_at) == (first.call, first.answered_at)
    assert (first.replayed, again.replayed) == (False, True)
