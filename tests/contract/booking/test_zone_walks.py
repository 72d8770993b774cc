"""The walk after a change of zone rules: where it stands is kept, and upcoming calls are read in pages, both ways."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slotline.domain.booking.call_lists import CallPage, CallQuery
from slotline.domain.booking.calls import BookingSource, Call, CallStatus
from slotline.domain.booking.promises import ZoneChange, ZoneOutcome
from slotline.domain.booking.zone_changes import promised_now
from slotline.domain.booking.zone_walks import AppWalk, ZonePhase, ZoneWalk
from slotline.ports.booking import BookingWrite
from slotline.ports.shared import RaceLost
from slotline.store.booking import zone_walks as adapter
from slotline.store.booking.derived import derived_of_call
from tests.contract.conftest import Backend
from tests.support.builders.apps import NOW
from tests.support.builders.bookings import APP_ID, OTHER_APP_ID, a_call, write_call
from tests.support.memory import zone_walks as twin

HOUR = timedelta(hours=1)
WALK = ZoneWalk(
    release="2026f",
    seen_at=NOW,
    phase=ZonePhase.WALKING,
    began_at=NOW,
    place={"app_id": "app"},
    found={"America/Vancouver": {"told": 2}},
    claim_id="claim",
    held_until=NOW + HOUR,
)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PAGE", 3)


def test_a_walk_comes_back_as_it_was_kept(backend: Backend) -> None:
    assert backend.zone_walks.read() is None
    kept = backend.zone_walks.write(WALK)
    assert (backend.zone_walks.read(), kept.writes) == (kept, 1)
    assert backend.zone_walks.write(kept.let_go()).claim_id is None


def test_of_two_who_write_the_walk_one_has_to_look_again(backend: Backend) -> None:
    kept = backend.zone_walks.write(WALK)
    with pytest.raises(RaceLost):
        backend.zone_walks.write(WALK)
    backend.zone_walks.write(kept)
    with pytest.raises(RaceLost):
        backend.zone_walks.write(kept)


def test_apps_are_kept_until_their_calls_were_gone_through(backend: Backend) -> None:
    walks = backend.zone_walks
    assert walks.next_app() is None
    one = AppWalk(app_id=APP_ID, after=("2026-11", "2026-11-04T15:00:00.000Z#call"), turns_back=True)
    walks.keep_app(AppWalk(app_id=APP_ID))
    walks.keep_app(one)
    assert walks.next_app() == one
    walks.keep_app(AppWalk(app_id=APP_ID, is_back=True))
    assert walks.next_app() == AppWalk(app_id=APP_ID, is_back=True)
    walks.drop_app(APP_ID)
    walks.drop_app(APP_ID)
    assert walks.next_app() is None


def test_only_apps_that_have_calls_to_come_are_listed(backend: Backend) -> None:
    write_call(backend.bookings, a_call())
    write_call(backend.bookings, a_call(scheduled_at=NOW + HOUR))
    write_call(backend.bookings, a_call(app_id=OTHER_APP_ID, status=CallStatus.CANCELLED))
    app_ids, place = backend.zone_walks.apps_with_calls(None)
    assert (set(app_ids), place) == ({APP_ID}, None)


def _upcoming(backend: Backend, *, is_back: bool) -> list[Call]:
    app, found = AppWalk(app_id=APP_ID, is_back=is_back), list[Call]()
    for _ in range(20):
        calls, after = backend.zone_walks.upcoming(app, NOW)
        found += calls
        if after is None:
            return found
        app = replace(app, after=after)
    pytest.fail("it never ended")


@pytest.mark.parametrize("is_back", [False, True])
def test_upcoming_calls_come_once_in_their_order_or_from_the_last_one(backend: Backend, *, is_back: bool) -> None:
    starts = [NOW + days * 24 * HOUR for days in (1, 1, 2, 3, 4, 40, 41, 42, 43, 44, 45, 400)]
    calls = [write_call(backend.bookings, a_call(scheduled_at=start, assigned_agent_id=None)) for start in starts]
    write_call(backend.bookings, a_call(scheduled_at=NOW, assigned_agent_id=None))
    write_call(backend.bookings, a_call(scheduled_at=NOW - HOUR, assigned_agent_id=None))
    write_call(backend.bookings, a_call(app_id=OTHER_APP_ID))
    calls.sort(key=lambda call: (call.scheduled_at, call.id), reverse=is_back)
    assert _upcoming(backend, is_back=is_back) == calls
    assert twin.PAGE == adapter.PAGE


def test_an_app_without_calls_has_none_to_come(backend: Backend) -> None:
    assert backend.zone_walks.upcoming(AppWalk(app_id=APP_ID), NOW) == ([], None)


def test_a_promise_is_kept_once_and_not_of_a_call_that_has_changed(backend: Backend) -> None:
    call = write_call(backend.bookings, a_call())
    promised = promised_now(call, "2026f")
    backend.zone_walks.keep_promise(replace(call, revision=2), promised)
    assert _there(backend, call).promised is None
    backend.zone_walks.keep_promise(call, promised)
    backend.zone_walks.keep_promise(call, replace(promised, zone_data="2027a"))
    assert _there(backend, call) == replace(call, promised=promised)


def _there(backend: Backend, call: Call) -> Call:
    found = backend.bookings.read_for_change(call.app_id, call.id, None).call
    assert found is not None
    return found


STARTS = [datetime(2026, 12, day, 9, tzinfo=UTC) for day in range(1, 9)]


def _written(backend: Backend) -> list[Call]:
    """Eight calls, of which all but the third and the cancelled last one are on the list."""
    calls = []
    for number, start in enumerate(STARTS):
        call = a_call(scheduled_at=start, assigned_agent_id=f"agent-{1 + number % 2}")
        found = ZoneChange(
            outcome=ZoneOutcome.TOLD, before=None, after=promised_now(call, "2026f"), found_at=NOW, reason=None
        )
        call = replace(call, zone_change=None if number == 2 else found)
        if number == 7:
            call = replace(call, status=CallStatus.CANCELLED)
        calls.append(write_call(backend.bookings, call))
    backend.derivations.apply([derived_of_call(call) for call in calls])
    return calls


def _find(backend: Backend, **query: Any) -> CallPage:
    return backend.calls.find(CallQuery(app_id=APP_ID, zone_changed=True, **query))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 3, 4, 5, 6]),
        ({"agent_ids": frozenset({"agent-2"})}, [1, 3, 5]),
        ({"statuses": frozenset({CallStatus.CANCELLED})}, []),
        ({"sources": frozenset({BookingSource.ADMIN})}, []),
        ({"date_from": STARTS[1], "date_to": STARTS[5]}, [1, 3, 4]),
        ({"date_from": STARTS[5], "date_to": STARTS[1]}, []),
        ({"offset": 4}, [5, 6]),
    ],
)
def test_the_list_has_the_calls_whose_wall_time_is_another(
    backend: Backend, query: dict[str, Any], expected: list[int]
) -> None:
    calls = _written(backend)
    assert list(_find(backend, **query).calls) == [calls[number] for number in expected]


@pytest.mark.parametrize("limit", [1, 2, 4, 6])
def test_its_pages_hold_each_call_once(backend: Backend, limit: int) -> None:
    calls, seen, after = _written(backend), list[Call](), None
    while True:
        page = _find(backend, limit=limit, after=after)
        assert page.total == 6
        seen += page.calls
        after = page.next
        if after is None:
            break
    assert seen == [calls[number] for number in (0, 1, 3, 4, 5, 6)]


def test_a_call_that_somebody_moves_is_on_the_list_no_more(backend: Backend) -> None:
    calls = _written(backend)
    moved = replace(calls[0], zone_change=None, revision=2)
    backend.bookings.commit(BookingWrite(call=moved, events=(), replaces=1))
    backend.derivations.apply([derived_of_call(moved)])
    assert calls[0].id not in {call.id for call in _find(backend).calls}
