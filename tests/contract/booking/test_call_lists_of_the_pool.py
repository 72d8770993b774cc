"""The list of calls that the agents of a pool may claim, which has rows of its own."""

from dataclasses import replace
from datetime import UTC, datetime

from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import AssignmentMethod, CallStatus
from slotline.ports.booking import BookingWrite
from slotline.store.booking.derived import derived_of_call
from tests.contract.conftest import Backend
from tests.support.builders.bookings import a_call, write_call
from tests.support.handlers import APP_ID

STARTS = [datetime(2026, 12, day, 9, tzinfo=UTC) for day in range(1, 5)]
POOL = {"assignment_method": AssignmentMethod.POOL, "assigned_agent_id": None}
IN_POOL = CallQuery(app_id=APP_ID, in_pool=True)


def test_the_list_has_what_nobody_has_claimed_and_only_as_long_as_nobody_has(backend: Backend) -> None:
    waiting, claimed, cancelled, manual = (
        a_call(scheduled_at=STARTS[0], **POOL),
        a_call(scheduled_at=STARTS[1], **{**POOL, "assigned_agent_id": "agent-1"}),
        a_call(scheduled_at=STARTS[2], status=CallStatus.CANCELLED, **POOL),
        a_call(scheduled_at=STARTS[3], assigned_agent_id=None),
    )
    for call in (waiting, claimed, cancelled, manual):
        write_call(backend.bookings, call)
    backend.derivations.apply([derived_of_call(call) for call in (waiting, claimed, cancelled, manual)])
    page = backend.calls.find(IN_POOL)
    assert (list(page.calls), page.total) == ([waiting], 1)
    taken = replace(waiting, assigned_agent_id="agent-1", revision=2)
    backend.bookings.commit(BookingWrite(call=taken, events=(), replaces=1))
    assert list(backend.calls.find(IN_POOL).calls) == [], "the row is there still, and the call says otherwise"
    backend.derivations.apply([derived_of_call(taken)])
    assert backend.calls.find(IN_POOL).total == 0
