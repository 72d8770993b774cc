"""Changes of calls: written on condition of the revision they were decided on, with the time that changes hands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from slotline.domain.booking.agent_days import DayChange, move, release
from slotline.domain.booking.call_json import answer_of, call_of_answer
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.ports.booking import BookingWrite
from slotline.ports.shared import AlreadyAnswered, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    OTHER_APP_ID,
    TOMORROW,
    a_call,
    a_key,
    an_event,
    minutes,
    new_id,
    read_for,
    write_call,
    write_of,
)

MIDNIGHT = datetime(2026, 4, 24, tzinfo=UTC)
DAY = minutes(24 * 60)


def changed(call: Call, **changes: Any) -> Call:
    """The call's next revision."""
    return replace(call, revision=call.revision + 1, change_id=new_id(), **changes)


def write_change(
    backend: Backend, before: Call, after: Call, days: Sequence[DayChange] = (), key: IdempotencyKey | None = None
) -> None:
    months = backend.bookings.read_for_change(after.app_id, after.id, None).listed_months
    backend.bookings.commit(
        BookingWrite(
            call=after,
            replaces=before.revision,
            events=[an_event(after)],
            days=days,
            receipt=Receipt(key=key, result=answer_of(after), answered_at=NOW) if key else None,
            list_month=after.month not in months,
        )
    )


def days_of_move(backend: Backend, before: Call, after: Call) -> tuple[DayChange, ...]:
    """What moving the call writes, as it is decided now."""
    seen = read_for(backend.bookings, after)
    assert before.agent_with_time
    assert seen.agent_days
    return move(release(before.agent_with_time, before.claim), seen.agent_days.take(after.claim, NOW))


def claims_around(backend: Backend, call: Call) -> tuple[Claim, ...]:
    agent_days = read_for(backend.bookings, call).agent_days
    assert agent_days
    return agent_days.claims


def stored(backend: Backend, call: Call) -> Call:
    found = backend.calls.get(call.app_id, call.id)
    assert found
    return found[0]


def test_looking_at_a_call_finds_it_with_its_app_and_the_months(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    seen = backend.bookings.read_for_change(APP_ID, call.id, a_key())
    assert seen.app
    assert seen.app.app_id == APP_ID
    assert (seen.call, seen.receipt, seen.listed_months) == (call, None, {"2026-04"})


def test_looking_at_what_is_not_there_finds_none(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    assert backend.bookings.read_for_change(APP_ID, new_id(), None).call is None
    assert backend.bookings.read_for_change(OTHER_APP_ID, call.id, None).call is None
    nowhere = backend.bookings.read_for_change(new_id(), call.id, None)
    assert (nowhere.app, nowhere.call, nowhere.listed_months) == (None, None, frozenset())


def test_a_change_takes_the_place_of_the_call_and_adds_to_its_timeline(backend: Backend) -> None:
    before = write_call(backend.bookings, a_call(held_agent_id=AGENT, assigned_agent_id=None))
    after = changed(before, status=CallStatus.CONFIRMED, held_agent_id=None, assigned_agent_id="agent-2")
    write_change(backend, before, after)
    found = backend.calls.get(APP_ID, before.id)
    assert found
    assert found[0] == after
    assert [event.revision for event in found[1]] == [1, 2]


def test_of_two_changes_decided_on_one_revision_the_second_loses_and_writes_nothing(backend: Backend) -> None:
    before = write_call(backend.bookings, a_call())
    winner, loser = changed(before, status=CallStatus.CONFIRMED), changed(before, scheduled_at=TOMORROW + DAY)
    days = days_of_move(backend, before, loser)
    write_change(backend, before, winner)
    with pytest.raises(RaceLost):
        write_change(backend, before, loser, days)
    assert stored(backend, before) == winner
    assert claims_around(backend, before) == (before.claim,)
    assert claims_around(backend, loser) == ()


def test_a_call_that_was_never_there_cannot_be_changed(backend: Backend) -> None:
    never = a_call()
    with pytest.raises(RaceLost):
        write_change(backend, never, changed(never))
    assert backend.calls.get(APP_ID, never.id) is None


MOVES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("within a day", {}, {"scheduled_at": TOMORROW + minutes(180)}),
    ("by less than its length", {}, {"scheduled_at": TOMORROW + minutes(10)}),
    ("to another day", {}, {"scheduled_at": TOMORROW + DAY}),
    ("to another month", {}, {"scheduled_at": TOMORROW + 20 * DAY}),
    ("to another agent", {}, {"assigned_agent_id": "agent-2"}),
    ("to another agent on another day", {}, {"assigned_agent_id": "agent-2", "scheduled_at": TOMORROW + DAY}),
    ("onto midnight", {}, {"scheduled_at": MIDNIGHT - minutes(15)}),
    ("from midnight", {"scheduled_at": MIDNIGHT - minutes(15)}, {"scheduled_at": TOMORROW}),
    ("along midnight", {"scheduled_at": MIDNIGHT - minutes(15)}, {"scheduled_at": MIDNIGHT - minutes(5)}),
    (
        "off midnight, but for a buffer",
        {"scheduled_at": MIDNIGHT - minutes(15), "buffer_after_minutes": 10},
        {"scheduled_at": MIDNIGHT + minutes(60)},
    ),
]


@pytest.mark.parametrize(("first", "then"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_move_gives_back_all_of_the_old_time_and_takes_all_of_the_new(
    backend: Backend, first: dict[str, Any], then: dict[str, Any]
) -> None:
    before = write_call(backend.bookings, a_call(**first))
    after = changed(before, **then)
    write_change(backend, before, after, days_of_move(backend, before, after))
    assert stored(backend, before) == after
    everywhere = {
        (agent_id, day): claim
        for call in (before, after)
        for agent_id in (AGENT, "agent-2")
        if (found := backend.bookings.candidate(APP_ID, agent_id, call.claim.padded))
        for day, there in found.agent_days.days.items()
        for claim in there.claims
    }
    assert everywhere == {(after.assigned_agent_id, day): after.claim for day in after.claim.padded.utc_days()}
    assert after.month in backend.bookings.read_for_change(APP_ID, after.id, None).listed_months


def test_a_move_to_time_that_was_just_taken_loses_and_leaves_the_call_where_it_was(backend: Backend) -> None:
    before = write_call(backend.bookings, a_call())
    after = changed(before, scheduled_at=TOMORROW + DAY)
    days = days_of_move(backend, before, after)
    rival = write_call(backend.bookings, a_call(scheduled_at=TOMORROW + DAY + minutes(15)))
    with pytest.raises(RaceLost):
        write_change(backend, before, after, days)
    assert stored(backend, before) == before
    assert claims_around(backend, before) == (before.claim,)
    assert claims_around(backend, rival) == (rival.claim,)


def test_giving_time_back_moves_no_guard_and_disturbs_nobody(backend: Backend) -> None:
    before = write_call(backend.bookings, a_call())
    neighbour = a_call(scheduled_at=TOMORROW + minutes(30))
    seen = read_for(backend.bookings, neighbour)
    cancelled = changed(before, status=CallStatus.CANCELLED)
    write_change(backend, before, cancelled, release(AGENT, before.claim))
    backend.bookings.commit(write_of(neighbour, seen))
    assert claims_around(backend, neighbour) == (neighbour.claim,)


def test_a_changes_key_keeps_the_call_as_it_was_then(backend: Backend) -> None:
    before = write_call(backend.bookings, a_call())
    after = changed(before, status=CallStatus.CONFIRMED)
    write_change(backend, before, after, key=a_key())
    write_change(backend, after, changed(after, status=CallStatus.CANCELLED))
    seen = backend.bookings.read_for_change(APP_ID, before.id, a_key(fingerprint="body-2"))
    assert seen.receipt
    assert (call_of_answer(seen.receipt.result), seen.receipt.key, seen.receipt.answered_at) == (after, a_key(), NOW)


def test_an_answered_key_outranks_a_revision_that_moved(backend: Backend) -> None:
    before = write_call(backend.bookings, a_call())
    write_change(backend, before, changed(before), key=a_key())
    with pytest.raises(AlreadyAnswered):
        write_change(backend, before, changed(before, status=CallStatus.CANCELLED), key=a_key())
    assert stored(backend, before).status is CallStatus.SCHEDULED
