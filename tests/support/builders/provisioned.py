"""An app, its presets and its agents as the operator's command line writes them."""

from typing import Any

from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.working_hours import Window
from tests.support.builders.apps import NOW

FIRST_PRESET, SECOND_PRESET = "01890000-0000-7000-8000-0000000000a1", "01890000-0000-7000-8000-0000000000a2"
OFFICE = tuple(Window(weekday=day, start="09:00", end="17:00", zone="UTC") for day in range(5))


def provision(
    kept: Any,
    app_id: str,
    *,
    agents: tuple[str, ...] = ("agent-1", "agent-2"),
    timezone: str = "UTC",
    organization_id: str = "organization-1",
    **preset: Any,
) -> None:
    """An app with two presets, the first of which is active, and agents who work from nine to five.

    `kept`: `TablePorts` or `MemoryPorts`.
    """
    active = Preset(preset_id=FIRST_PRESET, name="Default", **preset)
    app = App(app_id=app_id, organization_id=organization_id, name="Acme", timezone=timezone, preset=active)
    kept.add_app(app, format_instant(NOW))
    kept.presets.add(app_id, Preset(preset_id=SECOND_PRESET, name="Other", duration_minutes=60), NOW, None)
    for agent_id in agents:
        agent = Agent(agent_id=agent_id, name=agent_id.title(), working_hours=OFFICE)
        kept.agents.add(app_id, agent, NOW, None)
