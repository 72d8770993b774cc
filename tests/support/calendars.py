"""Agents' calendars in memory, read from the rows that bookings are written to."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.intervals import MINUTE, Interval
from slotline.domain.slots import Busy, epoch_minute
from slotline.ports import AppCalendars
from tests.support.memory import MemoryStore


@dataclass
class MemoryCalendars:
    """`Calendars` on a store in memory."""

    store: MemoryStore

    def read(self, app_id: str, agent_id: str | None, around: Interval, now: datetime) -> AppCalendars:
        """The app, and the calendars of one agent or of all active ones."""
        there = [
            found.agent
            for found in self.store.candidates(app_id, around)
            if found.agent.active and agent_id in (None, found.agent.agent_id)
        ]
        return AppCalendars(
            app=self.store.apps.get(app_id),
            agents=[(agent, self._busy(app_id, agent.agent_id, around, now)) for agent in there],
        )

    def _busy(self, app_id: str, agent_id: str, around: Interval, now: datetime) -> list[Busy]:
        found = self.store.candidate(app_id, agent_id, around)
        assert found
        return sorted(
            Busy(
                epoch_minute(claim.meeting.start),
                epoch_minute(claim.meeting.end),
                claim.before // MINUTE,
                claim.after // MINUTE,
                claim.kind,
                claim.id,
            )
            for claim in found.ledger.claims
            if claim.is_active(now)
        )
