"""The page of an agent's weekly hours: as a form for whoever may change them, in words for everybody else."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from slotline.domain.booking.apps import Agent
from slotline.domain.shared.errors import DomainError
from slotline.domain.shared.working_hours import Window
from slotline.pages.agents.desk import HOURS, Desk
from slotline.pages.agents.hours import DAYS, Row, WeekForm, in_words
from slotline.pages.faults import ANYWHERE, Faults
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.pages.zones import zones_by_place

Check = Callable[[Mapping[str, object]], Any]
"""What the API would change for these fields. Raises InvalidRequest."""
_WEEKEND = (5, 6)
_EMPTY_ROWS = 1
_SEEN = "seen"
"""The field of a form that says which hours its page began with."""


def hours_page(signed: SignedIn, desk: Desk) -> Page:
    """The week as it is."""
    agent = desk.agent
    return _page(signed, desk, WeekForm.of(agent.working_hours, agent.timezone or signed.app.timezone))


def change_hours(signed: SignedIn, desk: Desk, check: Check, change: Callable[..., Agent]) -> Page | Redirect:
    """Save the whole week; or add a row, or put Monday's rows on other days, still unsaved."""
    form, action = WeekForm.sent(signed.asked.form), signed.asked.field("action")
    if action == "copy":
        workdays = [day for day in DAYS if day not in _WEEKEND]
        return _page(signed, desk, form.copied(0, workdays), is_typed=True)
    if action.startswith("more."):
        return _page(signed, desk, form, is_typed=True, more=action.removeprefix("more."))
    faults = Faults(words=signed.texts, place=form.place_of)
    if signed.asked.field(_SEEN) not in ("", _seen(desk.agent.working_hours)):
        return _page(signed, desk, form, faults=faults.with_said(ANYWHERE, "changed_meanwhile"), is_stale=True)
    try:
        values = check({"workingHours": form.to_json()})
        change(signed.app.app_id, desk.agent.agent_id, values, signed.author)
    except DomainError as error:
        return _page(signed, desk, form, faults=form.overlaps(faults.of(error)))
    return Redirect(desk.way_to_hours(done="saved"))


def zone_field(label: str, chosen: str, error: str | None, nobody: str | None = None) -> Field:
    """A choice among all zones; `nobody`: what it says to choose none."""
    names = list(dict.fromkeys([*([chosen] if chosen else []), *zones_by_place()]))
    options = [Option(value=name, label=name.replace("_", " "), is_chosen=name == chosen) for name in sorted(names)]
    if nobody is not None:
        options.insert(0, Option(value="", label=nobody, is_chosen=not chosen))
    return Field(
        name="zone" if nobody is None else "timezone",
        label=label,
        kind="select",
        options=options,
        value=chosen,
        error=error,
        required=nobody is None,
    )


def _page(
    signed: SignedIn,
    desk: Desk,
    form: WeekForm,
    *,
    faults: Faults | None = None,
    is_typed: bool = False,
    is_stale: bool = False,
    more: str = "",
) -> Page:
    """`is_typed`: nothing is wrong with it, and it is not saved yet; `is_stale`: the hours are others by now."""
    agent = desk.agent
    words, names = signed.texts, signed.dates
    days = [
        {
            "number": day,
            "name": names.words["dates"]["weekdays"][day],
            "rows": [*form.days[day], *[Row(zone="")] * (_EMPTY_ROWS + (str(day) == more))],
            "error": faults.found.get(f"d{day}") if faults else None,
        }
        for day in DAYS
    ]
    zone = zone_field(words.text("hours", "zone"), form.zone, faults.found.get("zone") if faults else None)
    listed = [(f"d{day['number']}", f"{day['name']}: {day['error']}") for day in days if day["error"]]
    others = [(None, text) for name, text in (faults.found if faults else {}).items() if not name.startswith("d")]
    context = {
        "agent": agent,
        "head": desk.head(HOURS),
        "days": days,
        "zone": zone,
        "several": form.is_of_several_zones,
        "zones": zones_by_place() if form.is_of_several_zones else [],
        "errors": [*others, *listed],
        "is_typed": is_typed,
        "is_stale": is_stale,
        "seen": signed.asked.field(_SEEN) if is_typed else _seen(agent.working_hours),
        "way": desk.way_to_hours(),
        "way_to_absences": desk.way_to_absences(),
        "may_change": desk.may_change_hours,
        "is_own": desk.is_own,
        "in_words": in_words(agent.working_hours, names),
        "done": done if (done := signed.asked.query("done")) in {"saved", "added"} else None,
    }
    status = HTTPStatus.CONFLICT if is_stale else HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return signed.page("agent_hours.html", desk.section, context, status=status)


def _seen(windows: Sequence[Window]) -> str:
    """What these hours are told from others by."""
    said = sorted((one.weekday, one.start, one.end, one.zone) for one in windows)
    return sha256(repr(said).encode()).hexdigest()[:16]
