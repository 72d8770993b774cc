"""Changes of a call as decisions: what becomes of the call, of its timeline, and of its agents' time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.apps import CustomerLimit, Period
from slotline.domain.booking.call_json import call_from_json, call_to_json
from slotline.domain.booking.calls import AssignmentMethod, Call, CallStatus, Guest
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.errors import (
    AppNotFound,
    CallIsFinal,
    Conflict,
    DomainError,
    InvalidRequest,
    NoAgentAvailable,
    NotEligible,
    NotFound,
    SlotTaken,
    Unavailable,
)
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.call_changes import CancelCall, ConfirmCall, StartCall, UpdateCall
from slotline.usecases.booking.change_call import Change, Decide
from slotline.usecases.shared.retrying import MAX_TRIES
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import AGENT, APP_ID, CLIENT, JANE, OTHER_APP_ID, TOMORROW, a_key, an_app, minutes
from tests.support.builders.phones import BARRED
from tests.support.memory.faults import Fault
from tests.support.worlds.house import AGENTS, MIDNIGHT, House


def final(house: House, status: CallStatus) -> Call:
    call = house.book()
    if status is CallStatus.CANCELLED:
        return house.change(call, CancelCall())
    return house.put(call, status=status)


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
    for nobody, code in ((AGENT, "agent_inactive"), ("nobody", "unknown_agent")):
        with pytest.raises(InvalidRequest) as refused:
            house.update(other, assigned_agent_id=nobody)
        assert (refused.value.details[0].field, refused.value.details[0].code) == ("assignedAgentId", code)


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


def test_a_call_that_has_started_stays_at_its_time_and_its_guest_can_be_corrected() -> None:
    house = House()
    call = house.book()
    house.clock.instant = TOMORROW - minutes(60)
    house.change(call, StartCall())
    with pytest.raises(Conflict) as refused:
        house.update(call, scheduled_at=TOMORROW + timedelta(hours=1))
    assert refused.value.details[0].code == "already_started"
    assert house.update(call, scheduled_at=TOMORROW, guest={"name": "Jane Roe"}).guest.name == "Jane Roe"


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


def test_the_held_agent_claims_only_while_they_are_eligible() -> None:
    house = House()
    call = pool_call(house)
    held = house.store.agents[APP_ID, AGENT]
    call = house.put(call, required_tags=("spanish",))
    with pytest.raises(NotEligible):
        house.claim(call, AGENT)
    house.store.agents[APP_ID, AGENT] = replace(held, tags=("spanish",), active=False)
    for take in (lambda: house.claim(call, AGENT), lambda: house.update(call, assigned_agent_id=AGENT)):
        with pytest.raises(InvalidRequest) as inactive:
            take()
        assert inactive.value.details[0].code == "agent_inactive"
    house.check_time()


def test_a_partner_who_names_the_held_agent_passes_over_what_they_lack_and_the_timeline_says_so() -> None:
    house = House()
    call = house.put(pool_call(house), required_tags=("spanish",))
    assert house.update(call, assigned_agent_id=AGENT).assigned_agent_id == AGENT
    assert house.payload(call)["passed_over"] == ["required_tags"]
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


@pytest.mark.parametrize("number", BARRED)
def test_no_guest_is_given_a_number_that_nobody_dials_or_texts(number: str) -> None:
    house = House()
    call = house.book()
    with pytest.raises(InvalidRequest) as refused:
        house.update(call, guest={"phone": number})
    (detail,) = refused.value.details
    assert (detail.field, detail.code) == ("guestPhone", BARRED[number])
    assert house.store.calls[APP_ID, call.id] == call


@pytest.mark.parametrize("number", [*BARRED, "+9991234567", "+4402079460960"])
def test_a_guest_whose_number_would_not_be_taken_any_more_can_still_be_changed_and_keeps_it(number: str) -> None:
    house = House()
    call = house.book()
    kept = replace(call, guest=replace(call.guest, phone=number, phone_e164=number))
    house.store.calls[APP_ID, call.id] = kept
    assert house.update(kept, guest={"name": "Joe"}).guest == replace(kept.guest, name="Joe")


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
        loser = UpdateCall(
            screen=refusal_of, bookings=house.store, update=CallUpdate(scheduled_at=TOMORROW + minutes(60))
        )
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


def test_a_call_that_grows_while_somebody_books_the_time_after_it_finds_it_taken() -> None:
    house = House()
    call = house.book()
    grow = UpdateCall(screen=refusal_of, bookings=house.store, update=CallUpdate(fields={"duration_minutes": 60}))
    rivals = [TOMORROW + minutes(30)]

    def decide(seen: Call, app: Any, now: datetime) -> Change | None:
        change = grow(seen, app, now)
        if rivals:
            house.book(scheduled_at=rivals.pop())
        return change

    with pytest.raises(SlotTaken):
        house.change(call, decide)
    assert house.store.calls[APP_ID, call.id] == call
    house.check_time()


def test_a_call_that_is_given_back_to_nobody_gives_its_turn_back_once() -> None:
    house = House()
    call = house.book(assigned_agent_id=None, assignment_method=AssignmentMethod.ROUND_ROBIN)
    first = call.assigned_agent_id or ""
    assert house.store.agents[APP_ID, first].turns == 1
    house.update(call, unassign=True)
    assert house.store.agents[APP_ID, first].turns == 0
    stored = call_from_json(call_to_json(house.update(call, assigned_agent_id="agent-2")))
    assert stored.turn_agent_id is None, "who is named by a person takes no turn, also once the row is read again"
    house.change(call, CancelCall())
    assert {agent.turns for agent in house.store.agents.values()} == {0}
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
