"""Agents' calendars in memory, read from the rows that bookings are written to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from slotline.domain.booking.agent_days import AgentDays
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.assignment import Candidate
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.slots import Busy, epoch_minute
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import AppCalendars, Taken
from tests.support.memory.store import MemoryStore


@dataclass
class MemoryCalendars:
    """`Calendars` on a store in memory."""

    store: MemoryStore

    def read(
        self,
        app_id: str,
        agent_id: str | None,
        around: Interval,
        now: datetime,
        preset: str | None = None,
        asked: Terms | None = None,
    ) -> AppCalendars:
        """The app, and the calendars of one agent or of all active ones who are eligible."""
        with self.store.reading():
            app = self.store.apps.get(app_id)
            terms = asked or Terms()
            if app and preset is None:
                terms = terms.under(app.preset)
            there = [self.store.candidate_now(app_id, found, around) for found in self._agent_ids(app_id, agent_id)]
            active = [found for found in there if found and found.agent.active]
            eligible = [found for found in active if is_eligible(found.agent, terms)]
            return AppCalendars(
                app=app,
                named_preset=self.store.preset_by_name(app_id, preset),
                agents=[(found.agent, _busy(found.agent_days, now)) for found in eligible],
                not_eligible=[found.agent for found in active if not is_eligible(found.agent, terms)],
                ended={found.agent.agent_id: ended for found in eligible if (ended := _ended(found))},
            )

    def agents(self, app_id: str, agent_id: str | None) -> list[Agent]:
        """The active ones."""
        with self.store.reading():
            there = (self.store.agents.get((app_id, one)) for one in self._agent_ids(app_id, agent_id))
            return [agent for agent in there if agent and agent.active]

    def taken(self, app_id: str, days: Sequence[tuple[Agent, Collection[date]]], now: datetime) -> list[Taken]:
        """One instant of the whole store, of these days and of no others."""
        with self.store.reading():
            return [self._taken(app_id, agent, of_agent, now) for agent, of_agent in days]

    def _taken(self, app_id: str, agent: Agent, days: Collection[date], now: datetime) -> Taken:
        there = [found for day in days if (found := self.store.days.get((app_id, agent.agent_id, day)))]
        known = AgentDays(agent_id=agent.agent_id, days={found.day: found for found in there}, cap=agent.day_cap)
        ended = [epoch_minute(start) for found in there for start in found.ended.values()]
        return Taken(busy=_busy(known, now), ended=ended)

    def _agent_ids(self, app_id: str, agent_id: str | None) -> list[str]:
        everybody = (found for owner, found in self.store.agents if owner == app_id)
        return sorted(everybody) if agent_id is None else [agent_id]


def _busy(agent_days: AgentDays, now: datetime) -> list[Busy]:
    return sorted(
        Busy(
            epoch_minute(claim.meeting.start),
            epoch_minute(claim.meeting.end),
            claim.before // MINUTE,
            claim.after // MINUTE,
            claim.kind,
            claim.id,
        )
        for claim in agent_days.claims
        if claim.is_active(now)
    )


def _ended(found: Candidate) -> list[int]:
    if found.agent_days.cap is None:
        return []
    return [epoch_minute(start) for day in found.agent_days.days.values() for start in day.ended.values()]
