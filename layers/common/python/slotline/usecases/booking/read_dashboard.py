"""What a dashboard shows of an app: what was counted in a period, and who its busiest agents are."""

from collections.abc import Mapping
from dataclasses import dataclass

from slotline.domain.booking.rollups import Period, Rollups, busiest
from slotline.ports.booking import AppRollups

MOST_AGENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """`agents`: names of the busiest ones by id, most calls first; one who is gone is called by their id."""

    rollups: Rollups
    agents: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDashboard:
    """Reads it in two requests, however many bookings there are."""

    rollups: AppRollups

    def __call__(self, app_id: str, organization_id: str, period: Period) -> Dashboard:
        """Raises StoreBusyError."""
        found = self.rollups.read(app_id, organization_id, period)
        shown = list(busiest(found.loads, MOST_AGENTS))
        names = self.rollups.names(app_id, shown)
        return Dashboard(rollups=found, agents={agent_id: names.get(agent_id, agent_id) for agent_id in shown})
