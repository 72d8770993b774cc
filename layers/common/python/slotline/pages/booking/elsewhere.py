"""Where nothing is free: other agents, other services, a later time, or a mail to whoever offers the service."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from slotline.domain.booking.apps import THE_AGENT, Agent, AssignmentMode, Preset
from slotline.pages.booking.shown import Setting
from slotline.usecases.booking.free_month import FreeMonth
from slotline.words.dates import day_of

MOST_OFFERED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Somebody or something else that can be booked: its name, its first free day, and the way there."""

    name: str
    day: str
    way: str


def of_agents(setting: Setting, month: FreeMonth, agents: Sequence[Agent]) -> Sequence[Offer]:
    """Other agents who are free in the month that the chosen one is not, with their first days, the soonest first."""
    ids, names = list(month.found.agent_ids), {agent.agent_id: agent.name for agent in agents}
    first: dict[str, date] = {}
    for day in sorted(month.days):
        for _, place in month.days[day]:
            first.setdefault(ids[place], day)
    return [
        Offer(
            name=names[agent_id],
            day=day_of(setting.words, day),
            way=setting.way.change(agent=agent_id).to(day=day),
        )
        for agent_id, day in list(first.items())[:MOST_OFFERED]
        if agent_id in names
    ]


def is_other_service(setting: Setting, preset: Preset) -> bool:
    """Whether a guest may go on to this one: its link alone names the agent of one that is booked with one agent."""
    is_open = preset.scheduling_enabled and preset.assignment_mode is not AssignmentMode.URL_FORCED
    return is_open and preset.preset_id != setting.preset.preset_id


def of_service(setting: Setting, month: FreeMonth) -> Sequence[Offer]:
    """Another service with its first free day, if it has one."""
    first = min(month.days, default=None)
    return [Offer(name=setting.service.title, day=day_of(setting.words, first), way=setting.way.to())] if first else []


def mail_to(setting: Setting) -> str | None:
    """The way to write to whoever offers the service, if they have an address for that."""
    contact = setting.preset.reply_to
    if not contact or contact == THE_AGENT:
        return None
    return f"mailto:{quote(contact, safe='@+')}?subject={quote(setting.service.title, safe='')}"
