"""An app with its agents, written straight to where rows are kept; and a fixed present."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from slotline.store.dynamodb import keys

NOW = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
"""A Wednesday noon."""


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant

    def advance(self, **by: float) -> None:
        self.instant += timedelta(**by)


def put_app(kept: Any, app_id: str, *, agents: tuple[str, ...] = ("agent-1", "agent-2"), **preset: object) -> None:
    """An app whose active preset has the defaults, but for what is given; `kept`: `TablePorts` or `MemoryPorts`."""
    kept.put(
        {
            **keys.app(app_id),
            "app_id": app_id,
            "organization_id": "organization-1",
            "name": "Acme",
            "timezone": "UTC",
            "preset": {"preset_id": "preset-1", "name": "Default", **preset},
        }
    )
    for agent_id in agents:
        kept.put(
            {
                **keys.agent(app_id, agent_id),
                "agent_id": agent_id,
                "name": agent_id.title(),
                "weight": 1,
                "active": True,
            }
        )
