"""The steps before the form: the services of an app, and a time of one of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http import HTTPStatus

from slotline.domain.booking.apps import Agent, App, AssignmentMode, Preset
from slotline.domain.booking.slots import SlotQuery
from slotline.pages.booking.elsewhere import Offer, mail_to, of_agents
from slotline.pages.booking.notices import Notice
from slotline.pages.booking.picker import as_said, picker_of
from slotline.pages.booking.shown import Service, Setting
from slotline.pages.booking.ways import agent_of
from slotline.pages.kit import Asked
from slotline.pages.rendering import Look, Page, script_data
from slotline.pages.zones import zones_by_place
from slotline.usecases.booking.free_month import FreeMonth, Search, free_month, with_day
from slotline.usecases.booking.search_for_guests import GuestsSearch

ZONE_SCRIPT, PICKER_SCRIPT = "zone.js", "picker.js"
MOST_FACES = 6
"""Agents who are shown side by side; of more there is a list."""


def services_page(app: App, offered: Sequence[tuple[Preset, str]], language: str, ways: Mapping[str, str]) -> Page:
    """What can be booked: each public preset with the address of its page. `ways`: this page in other languages."""
    origins = {origin for preset, _ in offered for origin in preset.allowed_embed_origins}
    shown = [{"of": Service.of(app, preset, language), "way": way} for preset, way in offered]
    return Page(
        template="services.html",
        look=Look.of(language, app.preset.branding_color, origins),
        context={"organization": app.shown_name, "services": shown, "ways_to_languages": ways},
    )


def query_for(setting: Setting, agent_id: str | None) -> SlotQuery:
    """What the page looks for, between two instants that are still to be said."""
    return SlotQuery(
        app_id=setting.app.app_id,
        start=setting.now,
        end=setting.now,
        agent_id=agent_id if setting.preset.assignment_mode is AssignmentMode.URL_FORCED else None,
        preset_id=setting.preset.preset_id,
        for_guests=True,
    )


def month_of(setting: Setting, search: Search, month: date | None) -> FreeMonth:
    """The service's month; None: the first that has a free time."""
    preset = setting.preset
    length = timedelta(minutes=preset.duration_minutes)
    return free_month(search, setting.zone, setting.now, length, preset.horizon, month)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A month of times for the agent that is chosen, or for all of them where the service finds one."""

    month: FreeMonth
    agents: Sequence[Agent]
    """Whom there is to choose from; none where there is no choice."""
    agent_id: str | None

    @classmethod
    def of(cls, month: FreeMonth, agent_id: str | None) -> "Choice":
        """The choice of this agent; else of the one who is free first."""
        agents = list(month.found.shown_to_guests or ())
        first = next((starts[0] for _, starts in sorted(month.days.items())), None)
        if month.found.shown_to_guests in (None, ()):
            return cls(month=month, agents=[], agent_id=None)
        ids = list(month.found.agent_ids)
        if first is None:  # whoever was chosen stays so: another month may have times
            return cls(month=month, agents=agents, agent_id=agent_id if agent_id in ids else None)
        chosen = agent_id if agent_id in ids else ids[first[1]]
        place = ids.index(chosen)
        days = {day: [one for one in starts if one[1] == place] for day, starts in month.days.items()}
        of_agent = replace(month, days={day: starts for day, starts in days.items() if starts})
        return cls(month=of_agent, agents=agents, agent_id=chosen)

    @property
    def agent_name(self) -> str | None:
        """Of the agent that is chosen."""
        return next((agent.name for agent in self.agents if agent.agent_id == self.agent_id), None)


def choose_time(
    asked: Asked,
    setting: Setting,
    search: GuestsSearch,
    other_services: Callable[[Setting], Sequence[Offer]],
    *,
    taken: datetime | None = None,
    notice: Notice | None = None,
) -> Page:
    """The month and the day that are asked for, or those of the first free time.

    `other_services`: what is offered if nothing is free. `taken`: a time that is not free after all, of which the
    notice tells; its day is shown.
    """
    day = taken.astimezone(setting.zone).date() if taken else asked.day()
    named = None if taken else asked.month()
    month = named or day
    agent_id = agent_of(asked)
    found, choice = _found(setting, search, agent_id, month, day)
    forced = agent_id if setting.preset.assignment_mode is AssignmentMode.URL_FORCED else None
    setting = replace(setting, way=setting.way.change(agent=choice.agent_id or forced, **as_said(named, day)))
    picker = picker_of(choice.month, day, setting.now, setting.words, setting.texts)
    way = setting.way
    has_one_agent = len(choice.agents) == 1 or forced is not None
    return Page(
        template="picker.html",
        look=setting.look,
        status=notice.status if notice else HTTPStatus.OK,
        context=setting.context(
            agent_name=choice.agent_name,
            notice=setting.shown_notice(notice),
            picker=picker,
            agents=[
                {
                    "agent": agent,
                    "way": way.change(agent=agent.agent_id).to(),
                    "is_chosen": agent.agent_id == choice.agent_id,
                }
                for agent in ([] if has_one_agent else choice.agents)
            ],
            most_faces=MOST_FACES,
            hidden=way.said("month", "day", "tz", "lang"),
            data=script_data(picker.data),
            other_agents=[] if picker.chosen else of_agents(setting, found, choice.agents),
            other_services=[] if picker.chosen or month else other_services(setting),
            mail=None if picker.chosen or month else mail_to(setting),
            is_asked_month=month is not None,
            ways={
                "next_free": way.to(month=None, day=None),
                "zone": way.to("zone"),
                "start": way.start,
                "month": lambda first: way.to(month=f"{first:%Y-%m}"),
                "day": lambda at: way.to(day=at, month=None),
                "hold": way.to("hold"),
                "here": way.to() if notice else None,
            },
        ),
        scripts=(PICKER_SCRIPT,),
        first_scripts=(ZONE_SCRIPT,),
    )


def _found(
    setting: Setting, search: GuestsSearch, agent_id: str | None, month: date | None, day: date | None
) -> tuple[FreeMonth, Choice]:
    """The month with its times, and the choice in it. A day may be beyond the month's times; it has its own, too."""
    found = month_of(setting, search(agent_id), month)
    choice = Choice.of(found, agent_id)
    if day is None:
        return found, choice
    length = timedelta(minutes=setting.preset.duration_minutes)
    found = with_day(found, search(choice.agent_id), setting.now, length, setting.preset.horizon, day)
    return found, Choice.of(found, choice.agent_id)


def choose_zone(asked: Asked, setting: Setting) -> Page:
    """All time zones, by their places. The way back leads to the month and the day that it came from."""
    month, day = asked.month(), asked.day()
    way = setting.way.change(agent=None if setting.finds_agent else agent_of(asked), **as_said(month, day))
    return Page(
        template="zone.html",
        look=setting.look,
        context=setting.context(
            zones=zones_by_place(),
            hidden=way.said("agent", "month", "day", "lang"),
            ways={
                "zone": None,
                "back": way.to(),
                "start": way.start,
            },
        ),
    )
