"""Agents' calendars in memory, read from the rows that bookings are written to."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.agent_days import AgentDays
from slotline.domain.booking.assignment import Candidate
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.slots import Busy, epoch_minute
from slotline.domain.shared.intervals import MINUTE, Interval
from slotline.ports.booking import AppCalendars
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
