"""The slot lock's store: what is read, what is written, and what a refusal means."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from slotline.domain.booking.call_json import call_of_answer
from slotline.domain.booking.calls import AssignmentMethod, CallStatus
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.shared.intervals import Interval
from slotline.ports.booking import Bookings
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost, StoreBusyError
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall
from tests.contract.conftest import Backend
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    CLIENT,
    OTHER_APP_ID,
    TOMORROW,
    a_call,
    a_key,
    a_request,
    an_event,
    minutes,
    new_id,
    read_for,
    write_call,
    write_of,
)
from tests.support.memory.running import NumberedIds, RecordedBackoff

TODAY = TOMORROW.date()
MIDNIGHT = datetime(2026, 4, 24, tzinfo=UTC)


def test_looking_finds_the_app_and_the_agent_and_an_empty_day(backend: Backend) -> None:
    seen = backend.bookings.read_for_booking(APP_ID, AGENT, Interval.starting(TOMORROW, minutes(30)), None)
    assert seen.app
    assert seen.app.app_id == APP_ID
    assert seen.agent
    assert (seen.agent.agent_id, seen.agent.active, seen.agent.weight) == (AGENT, True, 1)
    assert seen.agent_days
    assert list(seen.agent_days.days) == [TODAY]
    assert seen.agent_days.claims == ()
    assert (seen.receipt, seen.listed_months) == (None, frozenset())


def test_what_is_not_there_is_none(backend: Backend) -> None:
    seen = backend.bookings.read_for_booking(new_id(), "nobody", Interval.starting(TOMORROW, minutes(30)), a_key())
    assert (seen.app, seen.agent, seen.receipt) == (None, None, None)


def test_nobodys_time_has_no_days(backend: Backend) -> None:
    seen = backend.bookings.read_for_booking(APP_ID, None, Interval.starting(TOMORROW, minutes(30)), None)
    assert seen.app
    assert (seen.agent, seen.agent_days) == (None, None)


def test_a_commit_writes_the_claim_the_call_and_its_event(backend: Backend) -> None:
    call = a_call(
        buffer_before_minutes=5, buffer_after_minutes=10, phone="+57 300 555 0100", phone_e164="+573005550100"
    )
    write_call(backend.bookings, call)
    seen = read_for(backend.bookings, call)
    assert seen.agent_days
    assert seen.agent_days.claims == (call.claim,)
    assert seen.agent_days.days[TODAY].guards == {14: 1, 15: 1}
    assert seen.listed_months == {"2026-04"}
    found = backend.calls.get(APP_ID, call.id)
    assert found
    assert found[0] == call
    assert [(event.revision, event.event_type, event.actor) for event in found[1]] == [(1, "created", CLIENT)]
    assert found[1][0].payload["scheduled_at"] == "2026-04-23T15:00:00.000Z"


def test_an_unassigned_call_takes_nobodys_time(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(assigned_agent_id=None))
    found = backend.calls.get(APP_ID, call.id)
    assert found
    assert found[0] == call
    seen = read_for(backend.bookings, a_call())
    assert seen.agent_days
    assert seen.agent_days.claims == ()


def test_an_event_comes_back_with_what_it_says_of_nothing_too(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(assigned_agent_id=None))
    found = backend.calls.get(APP_ID, call.id)
    assert found
    assert found[1][0].payload == {"scheduled_at": "2026-04-23T15:00:00.000Z", "assigned_agent_id": None}


RIVALS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("the same time", {}, {}),
    ("an overlap", {}, {"scheduled_at": TOMORROW + minutes(29)}),
    (
        "one within the other",
        {"duration_minutes": 120},
        {"scheduled_at": TOMORROW + minutes(60), "duration_minutes": 5},
    ),
    ("the first's after-buffer", {"buffer_after_minutes": 31}, {"scheduled_at": TOMORROW + minutes(60)}),
    ("the second's before-buffer", {}, {"scheduled_at": TOMORROW + minutes(60), "buffer_before_minutes": 31}),
    (
        "a meeting over midnight",
        {"scheduled_at": MIDNIGHT - minutes(15)},
        {"scheduled_at": MIDNIGHT, "duration_minutes": 15},
    ),
    (
        "a buffer over midnight",
        {"scheduled_at": MIDNIGHT - minutes(40), "duration_minutes": 30, "buffer_after_minutes": 30},
        {"scheduled_at": MIDNIGHT, "duration_minutes": 30},
    ),
    (
        "two that both stand over midnight",
        {"scheduled_at": MIDNIGHT - minutes(15)},
        {"scheduled_at": MIDNIGHT - minutes(5)},
    ),
]


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in RIVALS], ids=[row[0] for row in RIVALS])
def test_of_two_that_collide_and_decided_on_one_reading_the_second_loses_the_race(
    backend: Backend, first: dict[str, Any], second: dict[str, Any]
) -> None:
    winner, loser = a_call(**first), a_call(**second)
    seen_by_loser = read_for(backend.bookings, loser)
    write_call(backend.bookings, winner)
    with pytest.raises(RaceLost):
        backend.bookings.commit(write_of(loser, seen_by_loser))
    assert backend.calls.get(APP_ID, loser.id) is None
    seen = read_for(backend.bookings, loser)
    assert seen.agent_days
    assert seen.agent_days.collision(loser.claim, backend.clock.now()) == winner.claim


NEIGHBOURS: list[tuple[str, dict[str, Any]]] = [
    ("another hour", {"scheduled_at": TOMORROW + minutes(60)}),
    ("another agent", {"assigned_agent_id": "agent-2"}),
    ("another day", {"scheduled_at": MIDNIGHT + minutes(15 * 60)}),
    ("the agent of that name in another app", {"app_id": OTHER_APP_ID}),
]


@pytest.mark.parametrize("other", [row[1] for row in NEIGHBOURS], ids=[row[0] for row in NEIGHBOURS])
def test_those_that_share_no_hour_do_not_disturb_each_other(backend: Backend, other: dict[str, Any]) -> None:
    neighbour = a_call(**other)
    seen = read_for(backend.bookings, neighbour)
    write_call(backend.bookings, a_call())
    backend.bookings.commit(write_of(neighbour, seen))
    assert backend.calls.get(neighbour.app_id, neighbour.id)


def test_a_claim_over_midnight_stands_in_both_days_and_counts_once(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT - minutes(15)))
    seen = read_for(backend.bookings, call)
    assert seen.agent_days
    assert seen.agent_days.claims == (call.claim,)
    assert {day: dict(read.guards) for day, read in seen.agent_days.days.items()} == {
        date(2026, 4, 23): {23: 1},
        date(2026, 4, 24): {0: 1},
    }


def test_one_day_lost_loses_both(backend: Backend) -> None:
    over_midnight = a_call(scheduled_at=MIDNIGHT - minutes(15))
    seen = read_for(backend.bookings, over_midnight)
    write_call(backend.bookings, a_call(scheduled_at=MIDNIGHT + minutes(30), duration_minutes=15))
    with pytest.raises(RaceLost):
        backend.bookings.commit(write_of(over_midnight, seen))
    evening = backend.bookings.read_for_booking(
        APP_ID, AGENT, Interval.starting(MIDNIGHT - minutes(60), minutes(60)), None
    )
    assert evening.agent_days
    assert evening.agent_days.claims == ()


def test_a_guard_counts_every_claim_of_its_hour(backend: Backend) -> None:
    for quarter in range(4):
        write_call(backend.bookings, a_call(scheduled_at=TOMORROW + minutes(15 * quarter), duration_minutes=15))
    seen = read_for(backend.bookings, a_call())
    assert seen.agent_days
    assert seen.agent_days.days[TODAY].guards == {15: 4}
    assert len(seen.agent_days.claims) == 4


def test_holds_that_ran_out_are_taken_away_in_passing(backend: Backend) -> None:
    call = a_call()
    write = write_of(call, read_for(backend.bookings, call))
    hold = Claim(
        id=new_id(),
        kind=ClaimKind.HOLD,
        meeting=Interval.starting(TOMORROW + minutes(120), minutes(30)),
        expires_at=backend.clock.now() + minutes(10),
    )
    backend.bookings.commit(replace(write, days=[replace(write.days[0], put=hold)]))
    seen = read_for(backend.bookings, call)
    assert seen.agent_days
    assert seen.agent_days.claims == (hold,)
    backend.clock.advance(minutes=10)
    later = write_call(backend.bookings, a_call(), now=backend.clock.now())
    seen = read_for(backend.bookings, call)
    assert seen.agent_days
    assert seen.agent_days.claims == (later.claim,)


def test_a_key_keeps_its_first_answer(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(), a_key())
    seen = read_for(backend.bookings, call, a_key(fingerprint="body-2"))
    assert seen.receipt
    assert call_of_answer(seen.receipt.result) == call
    assert seen.receipt.key == a_key()
    assert seen.receipt.answered_at == backend.clock.now()


def test_of_two_with_one_key_the_second_finds_it_answered(backend: Backend) -> None:
    second = a_call(scheduled_at=TOMORROW + minutes(120))
    seen = read_for(backend.bookings, second, a_key())
    write_call(backend.bookings, a_call(), a_key())
    with pytest.raises(AlreadyAnswered):
        backend.bookings.commit(write_of(second, seen, a_key()))
    assert backend.calls.get(APP_ID, second.id) is None


@pytest.mark.parametrize(
    "other",
    [{"key": "key-2"}, {"principal": "client-2"}, {"route": "POST /other"}],
    ids=["another key", "another credential", "another route"],
)
def test_a_key_binds_nobody_outside_its_scope(backend: Backend, other: dict[str, str]) -> None:
    write_call(backend.bookings, a_call(), a_key())
    call = a_call(scheduled_at=TOMORROW + minutes(120))
    assert read_for(backend.bookings, call, a_key(**other)).receipt is None
    write_call(backend.bookings, call, a_key(**other))
    assert backend.calls.get(APP_ID, call.id)


def test_a_key_is_free_again_after_a_day_even_before_its_row_is_gone(backend: Backend) -> None:
    write_call(backend.bookings, a_call(), a_key())
    backend.clock.advance(hours=23, minutes=59)
    later = a_call(scheduled_at=TOMORROW + minutes(24 * 60))
    assert read_for(backend.bookings, later, a_key()).receipt
    backend.clock.advance(minutes=1)
    assert read_for(backend.bookings, later, a_key()).receipt is None
    write_call(backend.bookings, later, a_key(), now=backend.clock.now())
    seen = read_for(backend.bookings, later, a_key())
    assert seen.receipt
    assert call_of_answer(seen.receipt.result).id == later.id


def test_a_call_whose_id_is_there_was_written_before(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call(), a_key())
    again = replace(call, created_at=call.created_at + minutes(1))
    with pytest.raises(AlreadyWritten):
        backend.bookings.commit(write_of(again, read_for(backend.bookings, call), a_key()))
    found = backend.calls.get(APP_ID, call.id)
    assert found
    assert found[0] == call


def test_already_written_outranks_a_guard_that_moved_and_a_key_that_was_answered(backend: Backend) -> None:
    call = a_call()
    before = read_for(backend.bookings, call, a_key())
    write_call(backend.bookings, call, a_key())
    again = replace(call, updated_at=call.updated_at + minutes(1))
    with pytest.raises(AlreadyWritten):
        backend.bookings.commit(write_of(again, before, a_key()))


def _booking(bookings: Bookings, backend: Backend) -> BookCall:
    ids, backoff = NumberedIds(), RecordedBackoff()
    return BookCall(
        screen=refusal_of,
        bookings=bookings,
        clock=backend.clock,
        ids=ids,
        backoff=backoff,
        ticket_queue=backend.ticket_queue,
    )


def test_a_lost_answer_is_recognised_as_the_own_booking(backend: Backend) -> None:
    forgetful = _LosesFirstAnswer(backend.bookings)
    book = _booking(forgetful, backend)
    booked = book(a_request(), None, lambda: None)
    assert (booked.tries, booked.replayed, forgetful.commits) == (2, False, 1)
    found = backend.calls.get(APP_ID, booked.call.id)
    assert found
    assert found[0] == booked.call
    assert len(found[1]) == 1


def test_a_lost_answer_of_an_unassigned_call_is_recognised_too(backend: Backend) -> None:
    forgetful = _LosesFirstAnswer(backend.bookings, then=lambda: backend.clock.advance(seconds=2))
    book = _booking(forgetful, backend)
    booked = book(a_request(assigned_agent_id=None), None, lambda: None)
    found = backend.calls.get(APP_ID, booked.call.id)
    assert found
    assert found[0] == booked.call


def test_a_lost_answer_of_a_picked_agent_names_the_agent_who_was_picked(backend: Backend) -> None:
    """A second decision may pick another agent: what the first one wrote is what is answered."""
    for agent_id in ("agent-1", "agent-2"):
        backend.works_always(agent_id)

    def the_other_is_due() -> None:
        write_call(backend.bookings, a_call(assigned_agent_id="agent-1", scheduled_at=TOMORROW + minutes(15)))

    forgetful = _LosesFirstAnswer(backend.bookings, then=the_other_is_due)
    book = _booking(forgetful, backend)
    request = a_request(assigned_agent_id=None, assignment_method=AssignmentMethod.ROUND_ROBIN)
    booked = book(request, None, lambda: None)
    found = backend.calls.get(APP_ID, booked.call.id)
    assert found
    assert found[0] == booked.call


def test_months_are_listed_once_each(backend: Backend) -> None:
    for month in (4, 5, 5, 12):
        write_call(
            backend.bookings,
            a_call(scheduled_at=datetime(2026, month, 30, 9, tzinfo=UTC), duration_minutes=5, assigned_agent_id=None),
        )
    assert read_for(backend.bookings, a_call()).listed_months == {"2026-04", "2026-05", "2026-12"}


def test_a_call_reads_back_with_everything_it_had(backend: Backend) -> None:
    call = a_call(
        name="\u05d3\u05d5\u05d3 \u0301e",
        phone="+57 (300) 555-0100",
        phone_e164="+573005550100",
        email=None,
        timezone="America/Bogota",
        intake_notes="line one\nline two",
        status=CallStatus.CANCELLED,
        cancelled_at=backend.clock.now(),
        cancellation_reason="changed plans",
        revision=7,
    )
    write_call(backend.bookings, call)
    found = backend.calls.get(APP_ID, call.id)
    assert found
    assert found[0] == call


def test_a_timeline_comes_in_the_order_of_revisions(backend: Backend) -> None:
    call = a_call()
    write = write_of(call, read_for(backend.bookings, call))
    events = [an_event(call, revision=number) for number in (10, 2, 1)]
    backend.bookings.commit(replace(write, events=events))
    found = backend.calls.get(APP_ID, call.id)
    assert found
    assert [event.revision for event in found[1]] == [1, 2, 10]


def test_an_app_is_there_or_not(backend: Backend) -> None:
    assert backend.calls.app_exists(APP_ID)
    assert not backend.calls.app_exists(new_id())


def test_whose_a_call_is_is_known_by_its_id_alone(backend: Backend) -> None:
    call = a_call()
    backend.bookings.commit(write_of(call, read_for(backend.bookings, call)))
    assert backend.calls.app_of(call.id) == APP_ID
    assert backend.calls.app_of(new_id()) is None


def test_a_call_of_another_app_is_not_there(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    assert backend.calls.get(OTHER_APP_ID, call.id) is None
    assert backend.calls.get(APP_ID, new_id()) is None


class _LosesFirstAnswer:
    """`Bookings` whose first commit gets through and whose answer does not."""

    def __init__(self, bookings: Any, then: Callable[[], None] = lambda: None) -> None:
        self._bookings = bookings
        self._then = then
        self.commits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bookings, name)

    def commit(self, write: Any) -> None:
        self.commits += 1
        self._bookings.commit(write)
        if self.commits == 1:
            self._then()
            raise StoreBusyError("the answer was lost")
