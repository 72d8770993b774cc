"""A client that sends its booking again after every kind of failure at every effect: one booking, always."""

from itertools import product

import pytest

from slotline.domain.shared.errors import Unavailable
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import AGENT, APP_ID, a_key, a_request, an_agent, an_app
from tests.support.memory.faults import Crashed, Fault
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue

FAULTS = (None, *Fault)
PLANS = list(product(FAULTS, repeat=4))


@pytest.mark.parametrize("reads", FAULTS, ids=str)
def test_with_a_key_every_plan_of_faults_ends_in_one_booking(reads: Fault | None) -> None:
    """One fault at the first reading, any four at the first commits: 5 x 625 plans."""
    for commits in PLANS:
        clock = SetClock()
        store = MemoryStore(clock)
        store.apps[APP_ID] = an_app()
        store.agents[APP_ID, AGENT] = an_agent()
        store.faults.reads.append(reads)
        store.faults.commits.extend(commits)
        ids = NumberedIds()
        booked = None
        for _ in range(6):
            clock.advance(seconds=1)
            book = BookCall(
                screen=refusal_of,
                bookings=store,
                clock=clock,
                ids=ids,
                backoff=RecordedBackoff(),
                ticket_queue=MemoryTicketQueue(),
            )
            try:
                booked = book(a_request(), a_key(), lambda: None)
            except (Crashed, Unavailable):
                continue
            break
        assert booked, commits
        assert list(store.calls.values()) == [booked.call], commits
        assert [len(events) for events in store.events.values()] == [1]
        (day,) = store.days.values()
        assert day.claims == (booked.call.claim,)
        assert set(day.guards.values()) == {1}
