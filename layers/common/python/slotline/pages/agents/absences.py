"""An agent's absences: dates that are blocked or added, and do-not-disturb. Each says which calls it affects.

Calls stay where they are; whoever plans may tell their guests, or give them to somebody else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ScheduleException
from slotline.domain.booking.apps import Agent
from slotline.domain.booking.blocks import Affects, affected, span_of
from slotline.domain.booking.claims import Claim
from slotline.domain.shared.errors import DomainError, InvalidRequest, NotFound
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.wall_time import instant_of
from slotline.pages.faults import Faults
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.moments import Moments
from slotline.pages.once import once_key
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.ports.apps import AgentTime
from slotline.ports.booking import Bookings
from slotline.usecases.booking.keep_do_not_disturb import LONGEST_LIST
from slotline.words.catalogue import Catalogue, catalogue_for
from slotline.words.dates import span_of as times_of

DATES, QUIET = "dates", "quiet"
"""The two forms: of dates, and of do-not-disturb."""
MOST_PAST = 20
MOST_CALLS = 100
"""Affected calls that a page names; all are counted."""
_WHOLE_DAY = ("00:00", "24:00")
_PLACES = {"dateFrom": "first", "dateTo": "last", "startUtc": "from", "endUtc": "until"}
"""The field of a form for one of the API's."""
_DND = "do_not_disturb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where an agent's absences are on show: in the console, or on the agent's own pages."""

    agent: Agent
    way: str
    """The address of the list; an absence is behind it."""
    way_to_call: str
    """The beginning of the address of a call."""
    way_to_calls: Callable[[date, date], str] | None
    """Where the calls of these days can be given to others; None: nobody here may do that."""
    section: str
    may_change: bool
    head: Mapping[str, Any] = field(default_factory=dict)
    """What the page's head says of the agent; empty for one's own."""

    @property
    def zone(self) -> ZoneInfo:
        """Whose clocks the forms are read by."""
        return self.agent.local_zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The rules of the API for what a form says. Both raise InvalidRequest."""

    exception: Callable[[Mapping[str, object]], ScheduleException]
    window: Callable[[Mapping[str, object]], DoNotDisturbWindow]


Add = Callable[..., Any]
Absence = ScheduleException | DoNotDisturbWindow


def absences_page(
    signed: SignedIn, desk: Desk, agent_time: AgentTime, now: datetime, once: str, faults: Faults | None = None
) -> Page:
    """What is planned, what is over, and the forms for more. `once`: an id for them; `faults`: of what was sent."""
    windows = agent_time.windows(signed.app.app_id, desk.agent.agent_id, Interval(now, now + LONGEST_LIST))
    absences: list[Absence] = [*desk.agent.exceptions, *windows]
    shown = [_shown(signed, desk, one, now) for one in absences]
    shown.sort(key=lambda one: str(one["order"]))
    past = [one for one in shown if one["is_over"]]
    sent = signed.asked.field("form") if faults else ""
    forms = {
        name: (faults.at(fields) if faults and name == sent else fields)
        for name, fields in ((DATES, _dates_fields(signed)), (QUIET, _quiet_fields(signed)))
    }
    context = {
        **_frame(signed, desk, now),
        "planned": [one for one in shown if not one["is_over"]],
        "past": past[-MOST_PAST:],
        "forms": forms,
        "sent": sent,
        "errors": faults.listed(forms[sent]) if faults and sent else [],
        "once": once,
        "done": signed.asked.query("done") if signed.asked.query("done") in {"added", "removed"} else None,
    }
    status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
    return signed.page("agent_absences.html", desk.section, context, status=status)


def add(signed: SignedIn, desk: Desk, checks: Checks, add_exception: Add, add_window: Add) -> Redirect:
    """Add what a form says, and lead to the calls that it affects, if any. Raises DomainError, for `faults_of`."""
    app_id, agent_id, key = signed.app.app_id, desk.agent.agent_id, once_key(signed)
    if signed.asked.field("form") == QUIET:
        window = checks.window(_quiet_json(signed, desk))
        added = add_window(app_id, agent_id, window, signed.author, key, no_rate_limit)
        made: Any = added.result["window"]
    else:
        exception = checks.exception(_dates_json(signed, desk))
        added = add_exception(app_id, agent_id, exception, signed.author, key, no_rate_limit)
        made = added.result["exception"]
    affects: Any = added.result["affects"]
    return Redirect(f"{desk.way}/{made['id']}?done=added" if affects["count"] else f"{desk.way}?done=added")


def faults_of(signed: SignedIn, error: DomainError) -> Faults:
    """What is wrong with the form that was sent. Raises the error again if it is about no field of it."""
    places = {**_PLACES, "label": "reason"} if signed.asked.field("form") == QUIET else _PLACES
    words = catalogue_for(signed.language, signed.book)
    return Faults(words=words, place=lambda name: places.get(name, name)).of(error)


def absence_page(signed: SignedIn, desk: Desk, agent_time: AgentTime, bookings: Bookings, now: datetime) -> Page:
    """One absence, and the calls in its time."""
    absence = find(signed, desk, agent_time)
    affects = affected_by(signed, desk, absence, bookings, now)
    moments = _moments(signed, desk, now)
    context = {
        **_frame(signed, desk, now),
        "absence": _shown(signed, desk, absence, now),
        "count": affects.count,
        "way_to_calls": desk.way_to_calls(*_days_of(desk, absence)) if desk.way_to_calls else None,
        "calls": [
            {"way": f"{desk.way_to_call}/{one.id}", "at": moments.moment(one.scheduled_at)}
            for one in affects.calls[:MOST_CALLS]
        ],
        "was_told": isinstance(absence, DoNotDisturbWindow) and absence.notify,
        "done": signed.asked.query("done") if signed.asked.query("done") in {"added", "told"} else None,
    }
    return signed.page("agent_absence.html", desk.section, context, scripts=("dialogs.js",))


def tell_guests(
    signed: SignedIn,
    desk: Desk,
    agent_time: AgentTime,
    bookings: Bookings,
    notify: Callable[[str, Affects, str], None],
    now: datetime,
) -> Redirect:
    """Send the guests of affected calls word, each once however often this is asked for."""
    absence = find(signed, desk, agent_time)
    notify(signed.app.app_id, affected_by(signed, desk, absence, bookings, now), absence.id)
    return Redirect(f"{desk.way}/{absence.id}?done=told")


def remove(signed: SignedIn, desk: Desk, agent_time: AgentTime, of_exception: Add, of_window: Add) -> Redirect:
    """Take an absence away. One that is gone already is as it should be."""
    try:
        absence = find(signed, desk, agent_time)
        take = of_exception if isinstance(absence, ScheduleException) else of_window
        take(signed.app.app_id, desk.agent.agent_id, absence.id, signed.author)
    except NotFound:
        pass
    return Redirect(f"{desk.way}?done=removed")


def find(signed: SignedIn, desk: Desk, agent_time: AgentTime) -> Absence:
    """The absence that the address names. Raises NotFound."""
    absence_id = signed.asked.part("absence_id")
    exception = next((one for one in desk.agent.exceptions if one.id == absence_id), None)
    found = exception or agent_time.window(signed.app.app_id, desk.agent.agent_id, absence_id)
    if found is None:
        raise NotFound("The agent has no such absence.")
    return found


def affected_by(signed: SignedIn, desk: Desk, absence: Absence, bookings: Bookings, now: datetime) -> Affects:
    """The calls in an absence's time that are not over."""
    claims: Sequence[Claim] = absence.claims if isinstance(absence, ScheduleException) else (absence.claim,)
    if not claims:
        return Affects(count=0)
    candidate = bookings.candidate(signed.app.app_id, desk.agent.agent_id, span_of(claims))
    return affected(candidate.agent_days, claims, now) if candidate else Affects(count=0)


def _dates_json(signed: SignedIn, desk: Desk) -> Mapping[str, object]:
    """The form of dates, as the API takes it. Without times it is the whole day."""
    said = signed.asked.field
    start, end = said("start") or _WHOLE_DAY[0], said("end") or _WHOLE_DAY[1]
    return {
        "kind": said("kind"),
        "dateFrom": said("first"),
        "dateTo": said("last") or said("first"),
        "start": start,
        "end": _WHOLE_DAY[1] if end == _WHOLE_DAY[0] else end,
        "zone": desk.zone.key,
        "label": said("label") or None,
    }


def _quiet_json(signed: SignedIn, desk: Desk) -> Mapping[str, object]:
    """The form of do-not-disturb, as the API takes it: instants of what the agent's clocks say."""
    said = signed.asked.field
    return {
        "startUtc": _instant(said("from"), desk.zone, "startUtc"),
        "endUtc": _instant(said("until"), desk.zone, "endUtc"),
        "label": said("reason") or None,
        "notify": said("notify") == "yes",
    }


def _instant(text: str, zone: ZoneInfo, name: str) -> str:
    """What a field of date and time says. Raises InvalidRequest."""
    if not text:
        raise InvalidRequest.of_field(name, "is required", "required")
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest.of_field(name, "must be a date and a time", "date") from error
    return format_instant(instant_of(wall.replace(tzinfo=None), zone, name))


def _dates_fields(signed: SignedIn) -> list[Field]:
    text = _Texts(signed)
    kinds = [
        Option(value=kind.value, label=text(f"kinds.{kind.value}"), is_chosen=signed.asked.field("kind") == kind.value)
        for kind in ExceptionKind
    ]
    return [
        Field(name="kind", label=text("kind"), kind="select", options=kinds, required=True),
        text.field("first", "date", required=True),
        text.field("last", "date", help="last_help"),
        text.field("start", "time", help="times_help"),
        text.field("end", "time"),
        text.field("label", "text", attributes={"maxlength": "200"}),
    ]


def _quiet_fields(signed: SignedIn) -> list[Field]:
    text = _Texts(signed)
    return [
        text.field("from", "datetime-local", required=True),
        text.field("until", "datetime-local", required=True),
        text.field("reason", "text", attributes={"maxlength": "200"}),
        text.field("notify", "flag", help="notify_help"),
    ]


class _Texts:
    """Words of the absences' forms, and fields with them."""

    def __init__(self, signed: SignedIn) -> None:
        self._signed = signed
        self._words = catalogue_for(signed.language, signed.book)

    def __call__(self, name: str) -> str:
        return self._words.text("absences", *name.split("."))

    def field(self, name: str, kind: str, *, help: str | None = None, **more: Any) -> Field:  # noqa: A002 - Field's own
        """A field with what was typed into it."""
        value, said = self._signed.asked.field(name), self(help) if help else None
        return Field(name=name, label=self(name), kind=kind, value=value, help=said, **more)


def _frame(signed: SignedIn, desk: Desk, now: datetime) -> dict[str, Any]:
    return {
        "agent": desk.agent,
        "head": desk.head,
        "way": desk.way,
        "may_change": desk.may_change,
        "zone": _moments(signed, desk, now).zone_name,
    }


def _shown(signed: SignedIn, desk: Desk, absence: Absence, now: datetime) -> dict[str, Any]:
    moments = _moments(signed, desk, now)
    if isinstance(absence, DoNotDisturbWindow):
        start, end = absence.interval.start, absence.interval.end
        when, hours = f"{moments.moment(start)} \N{EN DASH} {moments.moment(end)}", None
        order, is_over, kind, state = format_instant(start), end <= now, _DND, None
    else:
        days = [moments.day(one) for one in dict.fromkeys([absence.first, absence.last])]
        when, hours = " \N{EN DASH} ".join(days), _hours(absence, moments.words)
        order, kind = f"{absence.first.isoformat()}T{absence.start}", absence.kind.value
        is_over = absence.last < now.astimezone(ZoneInfo(absence.zone)).date()
        state = absence.state.value
    way = f"{desk.way}/{absence.id}"
    return {
        "id": absence.id,
        "way": way,
        "when": when,
        "hours": hours,
        "kind": kind,
        "label": absence.label,
        "is_over": is_over,
        "order": order,
        "state": state,
    }


def _days_of(desk: Desk, absence: Absence) -> tuple[date, date]:
    """The first and the last day of it."""
    if isinstance(absence, ScheduleException):
        return absence.first, absence.last
    first, last = (at.astimezone(desk.zone).date() for at in (absence.interval.start, absence.interval.end))
    return first, last


def _hours(exception: ScheduleException, words: Catalogue) -> str | None:
    """From when until when on each date; None for the whole day."""
    if (exception.start, exception.end) == _WHOLE_DAY:
        return None
    day = exception.first
    end = time.min if exception.end == _WHOLE_DAY[1] else time.fromisoformat(exception.end)
    at = [datetime.combine(day, one) for one in (time.fromisoformat(exception.start), end)]
    return times_of(words, *at)


def _moments(signed: SignedIn, desk: Desk, now: datetime) -> Moments:
    return Moments.of(signed.language, desk.zone.key, now)
