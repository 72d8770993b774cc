"""An app with its agents' calendars in memory, to be searched for free slots."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from slotline.domain.booking.agent_days import AgentDay
from slotline.domain.booking.apps import Agent, App
from slotline.domain.booking.claims import Claim, ClaimKind
from slotline.domain.booking.slots import SlotQuery, Slots
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.working_hours import Window
from slotline.usecases.booking.search_slots import search_slots
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import AGENT, APP_ID, an_app, minutes
from tests.support.memory.calendars import MemoryCalendars
from tests.support.memory.store import MemoryStore

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
NINE = MONDAY + timedelta(hours=9)
OFFICE = tuple(Window(weekday=day, start="09:00", end="17:00", zone="UTC") for day in range(5))


class Directory:
    """An app and its agents' calendars in memory."""

    def __init__(self, *agents: Agent, **preset: Any) -> None:
        self.clock = SetClock()
        self.store = MemoryStore(self.clock)
        self.store.apps[APP_ID] = an_app(APP_ID, **preset)
        for agent in agents or (Agent(agent_id=AGENT, name="A", working_hours=OFFICE),):
            self.store.agents[APP_ID, agent.agent_id] = agent

    @property
    def app(self) -> App:
        return self.store.apps[APP_ID]

    def take(self, start: datetime, length: int, agent_id: str = AGENT, **more: Any) -> Claim:
        usual = {"id": f"claim-{start:%d%H%M}", "kind": ClaimKind.CALL}
        claim = Claim(**{**usual, "meeting": Interval.starting(start, minutes(length)), **more})
        for day in claim.padded.utc_days():
            there = self.store.days.get((APP_ID, agent_id, day), AgentDay(day=day))
            self.store.days[APP_ID, agent_id, day] = replace(there, claims=(*there.claims, claim))
        return claim

    def search(self, start: datetime = NINE, length: float = 8 * 60, **more: Any) -> Slots:
        query = SlotQuery(**{"app_id": APP_ID, "start": start, "end": start + minutes(length), **more})
        return search_slots(MemoryCalendars(self.store), self.clock, query)

    def starts(self, start: datetime = NINE, length: float = 8 * 60, **more: Any) -> list[str]:
        return shown(self.search(start, length, **more))


def shown(found: Slots) -> list[str]:
    """The starts as clocks show them in UTC."""
    return [f"{datetime.fromtimestamp(start * 60, UTC):%H:%M}" for start, _ in found.starts]
