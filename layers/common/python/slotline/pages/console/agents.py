"""Agents of an app: the list with their load, and the page of one: profile, hours, absences."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from slotline.domain.access.permissions import Permission
from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import Agent
from slotline.domain.shared.errors import DomainError
from slotline.pages.agents.desk import ABSENCES, HOURS, Desk
from slotline.pages.agents.hours import in_words
from slotline.pages.agents.hours_page import Check, zone_field
from slotline.pages.faults import Faults
from slotline.pages.fields import Field
from slotline.pages.kit import Redirect
from slotline.pages.once import once_key
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.ports.booking import Calendars
from slotline.usecases.booking.agent_load import Load, loads, shares

SECTION = "agents"
ROWS = 50
WEIGHTS, CALLS_A_DAY = (1, 1000), (1, 200)
_PROFILE = ("name", "email", "timezone", "tags", "weight", "max_calls_per_day", "photo_url", "active")
_API_NAMES = {"maxCallsPerDay": "max_calls_per_day", "photoUrl": "photo_url", "agentId": "agent_id"}


def list_page(signed: SignedIn, agents: Sequence[Agent], calendars: Calendars, now: datetime) -> Page:
    """GET …/agents: those of a name, tag or state, by name, with what they have to do."""
    said = {name: (signed.asked.query(name) or "")[:100] for name in ("q", "tag", "state")}
    found = sorted((one for one in agents if _matches(one, said)), key=lambda one: (one.name.casefold(), one.agent_id))
    page = signed.asked.query("page") or "1"
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 10 else 1
    first = max(0, min(number - 1, (len(found) - 1) // ROWS)) * ROWS
    shown = found[first : first + ROWS]
    shares_of, words = shares(agents), signed.dates
    rows = [
        _row(signed, agent, load, shares_of.get(agent.agent_id, 0.0), in_words(agent.working_hours, words))
        for agent, load in zip(shown, loads(calendars, signed.app.app_id, shown, now), strict=True)
    ]
    pairs = [(name, value) for name, value in said.items() if value]
    tags = {tag for agent in agents for tag in agent.tags} | ({said["tag"]} - {""})

    def way(page: int) -> str:
        return f"{way_to(signed)}?{urlencode([*pairs, ('page', page)])}"

    page_number = first // ROWS + 1
    context = {
        "agents": rows,
        "count": len(found),
        "is_filtered": bool(pairs),
        "tags": sorted(tags, key=str.casefold),
        "said": said,
        "way": way_to(signed),
        "way_here": way(page_number),
        "way_before": way(page_number - 1) if first else None,
        "way_after": way(page_number + 1) if first + ROWS < len(found) else None,
    }
    return signed.page("console_agents.html", SECTION, context, live="console_agents_list.html")


def profile_page(signed: SignedIn, agent: Agent, calendars: Calendars, now: datetime) -> Page:
    """GET …/agents/{agent_id}."""
    (load,) = loads(calendars, signed.app.app_id, [agent], now)
    return _profile(signed, agent, _values_of(agent), load=load)


def change_profile(
    signed: SignedIn, agent: Agent, check: Check, change: Callable[..., Agent], calendars: Calendars, now: datetime
) -> Page | Redirect:
    """POST …/agents/{agent_id}: what was changed in the form, and nothing that somebody else has changed meanwhile."""
    typed = _typed(signed)
    loaded = {name: signed.asked.field(f"was.{name}") for name in _PROFILE}
    changed = {name: _json(name, typed[name]) for name in _PROFILE if typed[name] != loaded[name]}
    faults = _faults(signed)
    try:
        if changed.get("name") == "":  # the API would take it for not sent
            faults = faults.with_said("name", "missing")
        elif changed:
            change(signed.app.app_id, agent.agent_id, check(_as_api(changed)), signed.author)
    except DomainError as error:
        faults = faults.of(error)
    if faults:
        (load,) = loads(calendars, signed.app.app_id, [agent], now)
        return _profile(signed, agent, typed, load=load, faults=faults, loaded=loaded)
    return Redirect(f"{way_of(signed, agent)}?done=saved")


def new_page(signed: SignedIn, once: str) -> Page:
    """GET …/agents/new."""
    return _new(signed, {**_values_of(Agent(agent_id="", name="")), "agent_id": ""}, once)


def add(signed: SignedIn, check: Check, add_agent: Callable[..., Any]) -> Page | Redirect:
    """POST …/agents/new. Hours are the next thing: nobody is offered without."""
    typed = {**_typed(signed), "agent_id": signed.asked.field("agent_id")}
    sent = {name: value for name, text in typed.items() if (value := _json(name, text)) is not None}
    try:
        added = add_agent(signed.app.app_id, check(_as_api(sent)), signed.author, once_key(signed), no_rate_limit)
    except DomainError as error:
        return _new(signed, typed, signed.asked.field("once"), _faults(signed).of(error))
    return Redirect(f"{way_to(signed)}/{quote(str(added.result['agent_id']))}/hours?done=added")


def desk_of(signed: SignedIn, agent: Agent) -> Desk:
    """Where the agent's hours and absences are."""
    way = way_of(signed, agent)

    def to(path: str, **query: str | None) -> str:
        said = {name: value for name, value in query.items() if value is not None}
        return f"{way}{path}{f'?{urlencode(said)}' if said else ''}"

    return Desk(
        agent=agent,
        to=to,
        absences_at="/absences",
        way_to_call=lambda call_id: f"/console/{signed.app.app_id}/calls/{quote(call_id, safe='')}",
        way_to_calls=partial(way_to_calls, signed, agent) if signed.may(Permission.CHANGE_CALLS) else None,
        section=SECTION,
        may_change_hours=signed.may(Permission.CHANGE_AGENTS),
        may_change_absences=signed.may(Permission.CHANGE_ABSENCES),
        head=partial(head_of, signed, agent),
    )


def head_of(signed: SignedIn, agent: Agent, page: str) -> Mapping[str, Any]:
    """What all pages of an agent begin with."""
    words, way = signed.texts, way_of(signed, agent)
    pages = (("profile", way), (HOURS, f"{way}/hours"), (ABSENCES, f"{way}/absences"))
    return {
        "template": "console_agent_head.html",
        "tabs": [
            {"label": words.text("agents", "tabs", name), "way": to, "is_chosen": name == page} for name, to in pages
        ],
        "back": way_to(signed),
    }


def way_to(signed: SignedIn) -> str:
    """The address of the list."""
    return f"/console/{signed.app.app_id}/agents"


def way_of(signed: SignedIn, agent: Agent) -> str:
    """The address of an agent's page."""
    return f"{way_to(signed)}/{quote(agent.agent_id)}"


def way_to_calls(signed: SignedIn, agent: Agent, first: date | None = None, last: date | None = None) -> str:
    """Where the agent's calls are, or those of some days: to be looked at, or given to others."""
    days = [(name, day.isoformat()) for name, day in (("from", first), ("to", last)) if day]
    return f"/console/{signed.app.app_id}/calls?{urlencode([('agent', agent.agent_id), *days])}"


def _matches(agent: Agent, said: Mapping[str, str]) -> bool:
    wanted = said["q"].casefold()
    if wanted and not any(wanted in (text or "").casefold() for text in (agent.name, agent.email, agent.agent_id)):
        return False
    if said["tag"] and said["tag"] not in agent.tags:
        return False
    return said["state"] not in ("active", "inactive") or agent.active == (said["state"] == "active")


def _row(signed: SignedIn, agent: Agent, load: Load, share: float, hours: Sequence[str]) -> dict[str, Any]:
    return {
        "of": agent,
        "way": way_of(signed, agent),
        "load": load,
        "share": f"{share:.0%}" if agent.active else None,
        "hours": hours,
        "zone": agent.local_zone.key,
    }


def _profile(
    signed: SignedIn,
    agent: Agent,
    values: Mapping[str, str],
    *,
    load: Load,
    faults: Faults | None = None,
    loaded: Mapping[str, str] | None = None,
) -> Page:
    fields = _fields(signed, values)
    fields = faults.at(fields) if faults else fields
    context = {
        "agent": agent,
        "head": head_of(signed, agent, "profile"),
        "fields": fields,
        "loaded": loaded or _values_of(agent),
        "errors": faults.listed(fields) if faults else [],
        "load": load,
        "way": way_of(signed, agent),
        "way_to_calls": way_to_calls(signed, agent),
        "way_to_today": f"{way_to_calls(signed, agent)}&when=today" if signed.may(Permission.CHANGE_CALLS) else None,
        "done": "saved" if signed.asked.query("done") == "saved" else None,
    }
    status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return signed.page("console_agent.html", SECTION, context, status=status)


def _new(signed: SignedIn, values: Mapping[str, str], once: str, faults: Faults | None = None) -> Page:
    words = signed.texts
    own = Field(
        name="agent_id",
        label=words.text("agents", "agent_id"),
        help=words.text("agents", "agent_id_help"),
        value=values["agent_id"],
        attributes={"maxlength": "128", "autocomplete": "off", "spellcheck": "false"},
    )
    fields = [*_fields(signed, values), own]
    fields = faults.at(fields) if faults else fields
    context = {
        "fields": fields,
        "errors": faults.listed(fields) if faults else [],
        "once": once,
        "way": f"{way_to(signed)}/new",
        "back": way_to(signed),
    }
    status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return signed.page("console_agent_new.html", SECTION, context, status=status)


def _fields(signed: SignedIn, values: Mapping[str, str]) -> list[Field]:
    words = signed.texts

    def text(name: str, kind: str = "text", *, has_help: bool = False, **more: Any) -> Field:
        said = words.text("agents", f"{name}_help") if has_help else None
        label = words.text("agents", name)
        return Field(name=name, label=label, kind=kind, value=values[name], help=said, **more)

    def number(name: str, bounds: tuple[int, int], **more: Any) -> Field:
        attributes = {"min": str(bounds[0]), "max": str(bounds[1]), "inputmode": "numeric"}
        return text(name, "number", has_help=True, attributes=attributes, **more)

    return [
        text("name", required=True, attributes={"maxlength": "200"}),
        text("email", "email", has_help=True, attributes={"maxlength": "254"}),
        zone_field(words.text("agents", "timezone"), values["timezone"], None, words.text("agents", "no_timezone")),
        text("tags", has_help=True),
        number("weight", WEIGHTS, required=True),
        number("max_calls_per_day", CALLS_A_DAY),
        text("photo_url", "url", has_help=True, attributes={"maxlength": "2000"}),
        text("active", "flag", has_help=True),
    ]


def _values_of(agent: Agent) -> dict[str, str]:
    """The agent as the form says it."""
    return {
        "name": agent.name,
        "email": agent.email or "",
        "timezone": agent.timezone or "",
        "tags": ", ".join(agent.tags),
        "weight": str(agent.weight),
        "max_calls_per_day": "" if agent.max_calls_per_day is None else str(agent.max_calls_per_day),
        "photo_url": agent.photo_url or "",
        "active": "yes" if agent.active else "",
    }


def _typed(signed: SignedIn) -> dict[str, str]:
    return {name: signed.asked.field(name) for name in _PROFILE}


def _json(name: str, text: str) -> object:
    """A field as the API takes it. An empty one that may be left out is null."""
    if name == "active":
        return text == "yes"
    if name == "tags":
        return [tag for part in text.split(",") if (tag := part.strip())]
    if name in ("weight", "max_calls_per_day"):
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text or None
    return text if text or name == "name" else None


def _as_api(values: Mapping[str, object]) -> Mapping[str, object]:
    names = {own: api for api, own in _API_NAMES.items()}
    return {names.get(name, name): value for name, value in values.items()}


def _faults(signed: SignedIn) -> Faults:
    return Faults(
        words=signed.texts,
        bounds={"weight": WEIGHTS, "max_calls_per_day": CALLS_A_DAY},
        place=lambda name: _API_NAMES.get(first := name.partition(".")[0], first),
    )
