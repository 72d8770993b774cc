"""Read an agent's bookings of a month back and half a year ahead: what a calendar shows of somebody's own schedule."""

from dataclasses import dataclass
from datetime import timedelta

from slotline.domain.booking.agents_bookings import AgentsBookings
from slotline.domain.booking.call_lists import CallQuery
from slotline.domain.booking.calls import CallStatus
from slotline.domain.shared.errors import NotFound
from slotline.ports.apps import Agents, Presets
from slotline.ports.booking import Calls
from slotline.ports.shared import Clock

BEHIND, AHEAD = timedelta(days=30), timedelta(days=180)
MOST = 1_000
"""Bookings; of more, the latest are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgentsBookings:
    """Reads them: three requests, and more only if they do not fit into one answer."""

    agents: Agents
    presets: Presets
    calls: Calls
    clock: Clock

    def __call__(self, app_id: str, agent_id: str) -> AgentsBookings:
        """The bookings. Raises NotFound or StoreBusyError."""
        now = self.clock.now()
        app, agent = self.agents.find(app_id, agent_id)
        if app is None or agent is None:
            raise NotFound("There is no such agent in this app.")
        _, presets = self.presets.all(app_id)
        query = CallQuery(
            app_id=app_id,
            agent_ids=frozenset({agent_id}),
            date_from=now - BEHIND,
            date_to=now + AHEAD,
            limit=MOST,
            with_total=False,
        )
        found = self.calls.find(query).calls
        return AgentsBookings(
            app=app,
            agent=agent,
            presets=presets,
            calls=[call for call in found if call.status is not CallStatus.CANCELLED and not call.is_in_pool],
        )
