"""An app, its presets and its agents as the operator's command line writes them."""

from collections.abc import Mapping
from typing import Any

from slotline.domain.booking.apps import Agent, App, Preset
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.working_hours import Window
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import NOW

FIRST_PRESET, SECOND_PRESET = "01890000-0000-7000-8000-0000000000a1", "01890000-0000-7000-8000-0000000000a2"
OFFICE = tuple(Window(weekday=day, start="09:00", end="17:00", zone="UTC") for day in range(5))


_ROWS: dict[str, Mapping[str, list[Any]]] = {}
"""By what was provisioned, the rows that it came to: the adapters write an app once, and it is copied from then on."""


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
    if not isinstance(kept, TablePorts):
        _write(kept, app, agents)
        return
    made = repr((app, agents))
    if made in _ROWS:
        puts = {table: [{"PutRequest": {"Item": row}} for row in rows] for table, rows in _ROWS[made].items()}
        assert not kept.client.batch_write_item(RequestItems=puts)["UnprocessedItems"]
        return
    before = _all_rows(kept.client)
    _write(kept, app, agents)
    after = _all_rows(kept.client)
    _ROWS[made] = {table: [row for row in rows if row not in before[table]] for table, rows in after.items()}


def _write(kept: Any, app: App, agents: tuple[str, ...]) -> None:
    kept.add_app(app, format_instant(NOW))
    kept.presets.add(app.app_id, Preset(preset_id=SECOND_PRESET, name="Other", duration_minutes=60), NOW, None)
    for agent_id in agents:
        agent = Agent(agent_id=agent_id, name=agent_id.title(), working_hours=OFFICE)
        kept.agents.add(app.app_id, agent, NOW, None)


def _all_rows(client: Any) -> Mapping[str, list[Any]]:
    return {table: client.scan(TableName=table)["Items"] for table in ("SchedulingTable", "AccessTable")}
