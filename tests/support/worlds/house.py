"""An app in memory with agents who always work, for tests of what becomes of calls."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from slotline.domain.booking.apps import Agent
from slotline.domain.booking.calls import Call
from slotline.domain.booking.claims import Claim
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.shared.working_hours import Window
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall
from slotline.usecases.booking.call_changes import ClaimCall, UpdateCall
from slotline.usecases.booking.change_call import ChangeCall, Decide
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import AGENT, APP_ID, CLIENT, a_request, an_app
from tests.support.memory.faults import Faults
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue

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
        self._book, self._change = (
            BookCall(screen=refusal_of, **ports, ticket_queue=MemoryTicketQueue()),
            ChangeCall(**ports),
        )

    def book(self, **changes: Any) -> Call:
        return self._book(a_request(**changes), None, lambda: None).call

    def change(self, call: Call, decide: Decide, app_id: str = APP_ID) -> Call:
        return self._change(app_id, call.id, decide, CLIENT, None, lambda: None).call

    def update(self, call: Call, **changes: Any) -> Call:
        return self.change(call, UpdateCall(screen=refusal_of, bookings=self.store, update=CallUpdate(**changes)))

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
