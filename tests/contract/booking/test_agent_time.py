"""Exceptions and do-not-disturb windows: kept and taken away together with the days that they block."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ExceptionState, ScheduleException
from slotline.domain.booking.blocks import block, unblock
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.idempotency import Receipt
from slotline.domain.shared.intervals import Interval
from slotline.ports.shared import AlreadyAnswered, AlreadyWritten, RaceLost
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.audit import an_entry
from tests.support.builders.bookings import (
    AGENT,
    APP_ID,
    OTHER_APP_ID,
    TOMORROW,
    a_call,
    a_key,
    minutes,
    new_id,
    read_for,
    write_call,
    write_of,
)

MIDNIGHT = datetime(2026, 4, 24, tzinfo=UTC)
AROUND = Interval(datetime(2026, 4, 20, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
NINETY_MINUTES = minutes(90)
A_RECEIPT = Receipt(key=a_key(), result={"made": "first"}, answered_at=NOW)


def an_exception(**changes: Any) -> ScheduleException:
    """The 23rd and 24th of April, whole."""
    days: dict[str, Any] = {"first": date(2026, 4, 23), "last": date(2026, 4, 24), "zone": "UTC"}
    return ScheduleException(**{"id": new_id(), "kind": ExceptionKind.BLOCKED, **days, **changes})


def a_window(start: datetime = TOMORROW, length: timedelta = NINETY_MINUTES, **changes: Any) -> DoNotDisturbWindow:
    return DoNotDisturbWindow(**{"id": new_id(), "interval": Interval.starting(start, length), **changes})


def add_exception(backend: Backend, exception: ScheduleException, receipt: Receipt | None = None) -> None:
    backend.agent_time.add_exception(APP_ID, AGENT, exception, block(AGENT, exception.claims), receipt)


def add_window(backend: Backend, window: DoNotDisturbWindow, receipt: Receipt | None = None) -> None:
    backend.agent_time.add_window(APP_ID, AGENT, window, block(AGENT, [window.claim]), receipt)


def exceptions(backend: Backend) -> Sequence[ScheduleException]:
    _, agent = backend.agents.find(APP_ID, AGENT)
    assert agent
    return agent.exceptions


def claims(backend: Backend) -> set[Claim]:
    found = backend.bookings.candidate(APP_ID, AGENT, AROUND)
    assert found
    return set(found.agent_days.claims)


def days_with_claims(backend: Backend) -> list[int]:
    found = backend.bookings.candidate(APP_ID, AGENT, AROUND)
    assert found
    return [day.day for day, there in found.agent_days.days.items() if there.claims]


def test_an_exception_stands_with_its_agent_and_in_its_days(backend: Backend) -> None:
    exception = an_exception(start="09:00", end="12:30", zone="America/Bogota", label="Training")
    add_exception(backend, exception, A_RECEIPT)
    assert exceptions(backend) == (exception,)
    assert claims(backend) == set(exception.claims)
    assert backend.receipts.find(a_key()) == A_RECEIPT


def test_an_exception_that_adds_time_takes_none(backend: Backend) -> None:
    extra = an_exception(kind=ExceptionKind.AVAILABLE_EXTRA)
    add_exception(backend, extra)
    assert exceptions(backend) == (extra,)
    assert claims(backend) == set()


def test_an_agent_has_many_exceptions(backend: Backend) -> None:
    made = [an_exception(), an_exception(kind=ExceptionKind.AVAILABLE_EXTRA), an_exception(label="Leave")]
    for exception in made:
        add_exception(backend, exception)
    assert sorted(exceptions(backend), key=lambda exception: exception.id) == made


def test_the_same_exception_is_not_kept_twice(backend: Backend) -> None:
    exception = an_exception()
    add_exception(backend, exception)
    with pytest.raises(RaceLost):
        add_exception(backend, replace(exception, last=date(2026, 4, 25)), A_RECEIPT)
    assert exceptions(backend) == (exception,)
    assert days_with_claims(backend) == [23, 24]
    assert backend.receipts.find(a_key()) is None


def test_an_answered_key_keeps_no_exception_and_outranks_one_that_is_there(backend: Backend) -> None:
    exception = an_exception()
    add_exception(backend, exception, A_RECEIPT)
    for again in (replace(exception, label="Again"), an_exception(first=date(2026, 4, 25), last=date(2026, 4, 26))):
        with pytest.raises(AlreadyAnswered):
            add_exception(backend, again, A_RECEIPT)
    assert exceptions(backend) == (exception,)
    assert days_with_claims(backend) == [23, 24]


def test_a_block_is_written_whatever_stands_there_and_leaves_it(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    exception, window = an_exception(), a_window()
    add_exception(backend, exception)
    add_window(backend, window)
    assert claims(backend) == {call.claim, *exception.claims, window.claim}


Block = Callable[[Backend], None]
BLOCKS: list[tuple[str, Block]] = [
    ("an exception", lambda backend: add_exception(backend, an_exception())),
    ("a window", lambda backend: add_window(backend, a_window())),
]


@pytest.mark.parametrize("blocked", [row[1] for row in BLOCKS], ids=[row[0] for row in BLOCKS])
def test_a_booking_decided_before_its_time_was_blocked_loses_the_race(backend: Backend, blocked: Block) -> None:
    call = a_call()
    seen = read_for(backend.bookings, call)
    blocked(backend)
    with pytest.raises(RaceLost):
        backend.bookings.commit(write_of(call, seen))


def test_an_hour_that_is_not_blocked_is_not_disturbed(backend: Backend) -> None:
    call = a_call(scheduled_at=TOMORROW + minutes(120))
    seen = read_for(backend.bookings, call)
    add_window(backend, a_window())
    backend.bookings.commit(write_of(call, seen))
    assert backend.calls.get(APP_ID, call.id)


def test_a_long_exception_goes_on_until_its_last_days(backend: Backend) -> None:
    exception = an_exception(last=date(2026, 4, 26))
    first, *rest = [[day] for day in block(AGENT, exception.claims)]
    applying = replace(exception, state=ExceptionState.APPLYING)
    backend.agent_time.add_exception(APP_ID, AGENT, applying, first, None)
    for number, days in enumerate(rest, 1):
        assert exceptions(backend) == (applying,)
        backend.agent_time.go_on(APP_ID, AGENT, exception.id, days, last=number == len(rest))
    assert exceptions(backend) == (exception,)
    assert days_with_claims(backend) == [23, 24, 25, 26]
    with pytest.raises(RaceLost):
        backend.agent_time.go_on(APP_ID, AGENT, exception.id, rest[0], last=True)


def test_no_more_days_are_written_once_its_removal_has_begun(backend: Backend) -> None:
    exception = an_exception(state=ExceptionState.APPLYING)
    first, last = block(AGENT, exception.claims)
    backend.agent_time.add_exception(APP_ID, AGENT, exception, [first], None)
    backend.agent_time.start_removing(APP_ID, AGENT, exception.id)
    backend.agent_time.start_removing(APP_ID, AGENT, exception.id)
    assert exceptions(backend) == (replace(exception, state=ExceptionState.REMOVING),)
    with pytest.raises(RaceLost):
        backend.agent_time.go_on(APP_ID, AGENT, exception.id, [last], last=True)
    assert days_with_claims(backend) == [23]


def test_an_exception_goes_with_the_last_of_its_days_and_leaves_the_others(backend: Backend) -> None:
    gone, stays = an_exception(), an_exception(first=date(2026, 4, 24))
    add_exception(backend, gone)
    add_exception(backend, stays)
    first, last = unblock(AGENT, gone.claims)
    backend.bookings.take_time(APP_ID, [first])
    assert len(exceptions(backend)) == 2
    backend.agent_time.remove_exception(APP_ID, AGENT, gone.id, [last])
    assert exceptions(backend) == (stays,)
    assert claims(backend) == set(stays.claims)


def test_an_exception_that_is_gone_is_neither_removed_nor_continued(backend: Backend) -> None:
    exception, there = an_exception(), an_exception()
    for steps in (1, 2):
        if steps == 2:
            add_exception(backend, there)
        with pytest.raises(RaceLost):
            backend.agent_time.start_removing(APP_ID, AGENT, exception.id)
        with pytest.raises(RaceLost):
            backend.agent_time.go_on(APP_ID, AGENT, exception.id, block(AGENT, exception.claims), last=True)
        with pytest.raises(RaceLost):
            backend.agent_time.remove_exception(APP_ID, AGENT, exception.id, unblock(AGENT, there.claims))
    assert claims(backend) == set(there.claims)


def test_nothing_is_kept_for_an_agent_who_is_gone(backend: Backend) -> None:
    exception, window = an_exception(), a_window()
    with pytest.raises(RaceLost):
        backend.agent_time.add_exception(APP_ID, "nobody", exception, block("nobody", exception.claims), A_RECEIPT)
    with pytest.raises(RaceLost):
        backend.agent_time.add_window(APP_ID, "nobody", window, block("nobody", [window.claim]), A_RECEIPT)
    assert backend.agents.find(APP_ID, "nobody")[1] is None
    assert list(backend.agent_time.windows(APP_ID, "nobody", AROUND)) == []
    assert backend.receipts.find(a_key()) is None


def test_a_window_reads_back_with_everything_it_had(backend: Backend) -> None:
    window = a_window(MIDNIGHT - minutes(15), minutes(31 * 24 * 60), label="On leave", notify=True)
    add_window(backend, window, A_RECEIPT)
    assert backend.agent_time.window(APP_ID, AGENT, window.id) == window
    assert list(backend.agent_time.windows(APP_ID, AGENT, AROUND)) == [window]
    assert backend.receipts.find(a_key()) == A_RECEIPT


def test_a_window_that_is_not_there_is_none(backend: Backend) -> None:
    window = a_window()
    add_window(backend, window)
    assert backend.agent_time.window(APP_ID, AGENT, new_id()) is None
    assert backend.agent_time.window(APP_ID, "agent-2", window.id) is None
    assert backend.agent_time.window(OTHER_APP_ID, AGENT, window.id) is None


def test_windows_that_reach_into_a_span_come_in_order_of_their_starts(backend: Backend) -> None:
    span = Interval(TOMORROW, TOMORROW + minutes(60))
    late, early = a_window(TOMORROW + minutes(59)), a_window(TOMORROW - minutes(30), minutes(31))
    long = a_window(TOMORROW - minutes(31 * 24 * 60 - 1), minutes(31 * 24 * 60))
    before, after = a_window(TOMORROW - minutes(30), minutes(30)), a_window(TOMORROW + minutes(60))
    for window in (late, after, early, before, long):
        add_window(backend, window)
    assert list(backend.agent_time.windows(APP_ID, AGENT, span)) == [long, early, late]
    assert list(backend.agent_time.windows(APP_ID, "agent-2", span)) == []
    assert list(backend.agent_time.windows(OTHER_APP_ID, AGENT, span)) == []


def test_a_window_whose_id_is_there_was_written_before(backend: Backend) -> None:
    window = a_window()
    add_window(backend, window)
    with pytest.raises(AlreadyWritten):
        add_window(backend, replace(window, label="Again"), A_RECEIPT)
    assert backend.agent_time.window(APP_ID, AGENT, window.id) == window
    assert backend.receipts.find(a_key()) is None


def test_an_answered_key_keeps_no_window_and_outranks_one_that_is_there(backend: Backend) -> None:
    window = a_window()
    add_window(backend, window, A_RECEIPT)
    for again in (replace(window, interval=a_window(MIDNIGHT).interval), a_window(MIDNIGHT)):
        with pytest.raises(AlreadyAnswered):
            add_window(backend, again, A_RECEIPT)
    assert list(backend.agent_time.windows(APP_ID, AGENT, AROUND)) == [window]
    assert claims(backend) == {window.claim}


def test_a_window_goes_with_its_days_and_once(backend: Backend) -> None:
    gone, stays = a_window(MIDNIGHT - minutes(15)), a_window(MIDNIGHT - minutes(15))
    for window in (gone, stays):
        add_window(backend, window)
    days = unblock(AGENT, [gone.claim])
    backend.agent_time.remove_window(APP_ID, AGENT, gone, days)
    assert list(backend.agent_time.windows(APP_ID, AGENT, AROUND)) == [stays]
    assert claims(backend) == {stays.claim}
    with pytest.raises(RaceLost):
        backend.agent_time.remove_window(APP_ID, AGENT, gone, [])


def test_whatever_changes_an_agents_time_is_written_with_its_entry_or_not_at_all(backend: Backend) -> None:
    exception, window = an_exception(), a_window()
    entries = [an_entry(action) for action in ("exception.added", "do_not_disturb.added", "exception.removed", "x.y")]
    times = backend.agent_time
    times.add_exception(APP_ID, AGENT, exception, (), None, entries[0])
    with pytest.raises(RaceLost):
        times.add_exception(APP_ID, AGENT, exception, (), A_RECEIPT, an_entry())
    times.add_window(APP_ID, AGENT, window, (), None, entries[1])
    times.remove_exception(APP_ID, AGENT, exception.id, (), entries[2])
    with pytest.raises(RaceLost):
        times.remove_exception(APP_ID, AGENT, exception.id, (), an_entry())
    times.remove_window(APP_ID, AGENT, window, (), entries[3])
    with pytest.raises(RaceLost):
        times.remove_window(APP_ID, AGENT, window, (), an_entry())
    assert list(backend.audited()) == entries
