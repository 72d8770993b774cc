"""An agent's absences: dates that are blocked or added, and do-not-disturb.

Before one is kept, whoever plans it sees which calls are in its time, and says whether their guests are told. Calls
stay where they are: whoever plans may move them, or give them to somebody else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.agent_time import DoNotDisturbWindow, ExceptionKind, ScheduleException
from slotline.domain.shared.errors import DomainError, InvalidRequest, NotFound
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line
from slotline.domain.shared.wall_time import instant_of
from slotline.domain.shared.zone_places import place_of
from slotline.pages.agents.desk import ABSENCES, Desk
from slotline.pages.faults import Faults
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect, is_within_calendar
from slotline.pages.moments import Moments
from slotline.pages.once import ONCE_FIELD, once_key
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.usecases.booking.keep_absences import Absence, KeepAbsences
from slotline.words.catalogue import Catalogue
from slotline.words.dates import span_of as times_of

DATES, QUIET = "dates", "quiet"
"""The two forms: of dates, and of do-not-disturb."""
MOST_PAST = 20
_WHOLE_DAY = ("00:00", "24:00")
_PLACES = {"dateFrom": "first", "dateTo": "last", "startUtc": "from", "endUtc": "until"}
"""The field of a form for one of the API's."""
_ENDS = {"dateTo": ("first", "last"), "endUtc": ("from", "until")}
"""What the API says is wrong of a stretch's end, and the fields that it compared."""
_DND = "do_not_disturb"
_TYPED = {
    DATES: ("form", "kind", "first", "last", "start", "end", "label"),
    QUIET: ("form", "from", "until", "reason"),
}
"""What each form sends, as the question before it is kept sends it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The rules of the API for what a form says. Both raise InvalidRequest."""

    exception: Callable[[Mapping[str, object]], ScheduleException]
    window: Callable[[Mapping[str, object]], DoNotDisturbWindow]


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsencePages:
    """The pages of one agent's absences, and what their forms do."""

    signed: SignedIn
    desk: Desk
    absences: KeepAbsences
    checks: Checks
    once: str
    """An id for the forms of this page."""

    def page(self, faults: Faults | None = None, *, is_typed: bool = False) -> Page:
        """What is planned, what is over, and the forms for more. `faults`: of what was sent; `is_typed`: it is not
        kept yet."""
        desk, asked = self.desk, self.signed.asked
        shown = [self._shown(one) for one in self.absences.of(self._app_id, desk.agent)]
        shown.sort(key=lambda one: str(one["order"]))
        past = [one for one in shown if one["is_over"]]
        forms = {
            name: (faults.at(fields) if faults and name == self._form else fields)
            for name, fields in ((DATES, self._dates_fields()), (QUIET, self._quiet_fields()))
        }
        context = {
            **self._frame(),
            "planned": [one for one in shown if not one["is_over"]],
            "past": past[-MOST_PAST:],
            "forms": forms,
            "order": (QUIET, DATES) if desk.is_own else (DATES, QUIET),
            "errors": faults.listed(forms[self._form]) if faults else [],
            "once": asked.field(ONCE_FIELD) if faults or is_typed else self.once,
            "is_typed": is_typed,
            "done": self._done("added", "removed"),
        }
        status = HTTPStatus.BAD_REQUEST if faults else HTTPStatus.OK
        return self.signed.page("agent_absences.html", desk.section, context, status=status)

    def add(self) -> Page | Redirect:
        """Keep what a form says; or ask first, if there are calls in its time. With calls there, it leads to them."""
        asked, desk, key = self.signed.asked, self.desk, once_key(self.signed)
        try:
            if asked.field("action") == "back":
                return self.page(is_typed=True)
            absence = self._said()
            self.absences.check(absence)
            notify = asked.field("notify")
            if not notify and (question := self._question(absence)):
                return question
            author = self.signed.author
            absence_id, count = self.absences.add(
                self._app_id, desk.agent, absence, author, key, notify=notify == "yes"
            )
        except DomainError as error:
            return self.page(self._faults_of(error))
        if not count:
            return Redirect(desk.way_to_absences(done="added"))
        return Redirect(desk.way_to_absences(absence_id, done="told" if notify == "yes" else "added"))

    def one(self) -> Page:
        """One absence, and the calls in its time."""
        desk, absence = self.desk, self._found()
        shown, done = self._shown(absence), self._done("added", "told")
        context = {
            **self._frame(),
            **self._affected(absence),
            "absence": shown,
            "way_to_calls": desk.way_to_calls(*self._days_of(absence)) if desk.way_to_calls else None,
            "was_told": done == "told" or (isinstance(absence, DoNotDisturbWindow) and absence.notify),
            "done": done,
        }
        return self.signed.page("agent_absence.html", desk.section, context, scripts=("dialogs.js",))

    def tell(self) -> Redirect:
        """Send the guests of affected calls word, each once however often this is asked for."""
        absence = self._found()
        self.absences.tell_guests(self._app_id, self.desk.agent, absence)
        return Redirect(self.desk.way_to_absences(absence.id, done="told"))

    def remove(self) -> Redirect:
        """Take an absence away. One that is gone already is as it should be."""
        try:
            absence_id = self.signed.asked.part("absence_id")
            self.absences.remove(self._app_id, self.desk.agent, absence_id, self.signed.author)
        except NotFound:
            pass
        return Redirect(self.desk.way_to_absences(done="removed"))

    @property
    def _app_id(self) -> str:
        return self.signed.app.app_id

    @property
    def _form(self) -> str:
        """Which one was sent."""
        return QUIET if self.signed.asked.field("form") == QUIET else DATES

    @property
    def _moments(self) -> Moments:
        return Moments.of(self.signed.language, self.desk.zone.key, self.absences.clock.now())

    def _found(self) -> Absence:
        """The absence that the address names. Raises NotFound."""
        return self.absences.find(self._app_id, self.desk.agent, self.signed.asked.part("absence_id"))

    def _question(self, absence: Absence) -> Page | None:
        """Which calls are in the time, and whether their guests are to be told; None if there are none."""
        affected = self._affected(absence)
        if not affected["count"]:
            return None
        asked = self.signed.asked
        typed = [(name, asked.field(name)) for name in (*_TYPED[self._form], ONCE_FIELD)]
        context = {**self._frame(), **affected, "absence": self._shown(absence), "typed": typed}
        return self.signed.page("agent_absence_asked.html", self.desk.section, context)

    def _affected(self, absence: Absence) -> dict[str, Any]:
        affected, moments = self.absences.affected(self._app_id, self.desk.agent, absence), self._moments
        calls = [
            {
                "way": self.desk.way_to_call(call.id),
                "at": moments.moment(call.scheduled_at),
                "guest": one_line(call.guest.name),
            }
            for call in affected.named
        ]
        return {"count": affected.count, "calls": calls, "tellable": affected.tellable}

    def _said(self) -> Absence:
        """What the form says. Raises InvalidRequest."""
        if self._form == QUIET:
            return self.checks.window(self._quiet_json())
        return self.checks.exception(self._dates_json())

    def _dates_json(self) -> Mapping[str, object]:
        """The form of dates, as the API takes it. Without times it is the whole day."""
        said = self.signed.asked.field
        start, end = said("start") or _WHOLE_DAY[0], said("end") or _WHOLE_DAY[1]
        return {
            "kind": said("kind"),
            "dateFrom": said("first"),
            "dateTo": said("last") or said("first"),
            "start": start,
            "end": _WHOLE_DAY[1] if end == _WHOLE_DAY[0] else end,
            "zone": self.desk.zone.key,
            "label": said("label") or None,
        }

    def _quiet_json(self) -> Mapping[str, object]:
        """The form of do-not-disturb, as the API takes it: instants of what the agent's clocks say."""
        said = self.signed.asked.field
        return {
            "startUtc": _instant(said("from"), self.desk.zone, "startUtc"),
            "endUtc": _instant(said("until"), self.desk.zone, "endUtc"),
            "label": said("reason") or None,
        }

    def _faults_of(self, error: DomainError) -> Faults:
        """What is wrong with the form that was sent. Raises the error again if it is about no field of it."""
        asked = self.signed.asked
        places = {**_PLACES, "label": "reason"} if self._form == QUIET else _PLACES
        words = self.signed.texts
        faults = Faults(words=words, place=lambda name: places.get(name, name)).of(error)
        for detail in error.details:
            if detail.code == "invalid" and detail.field in _ENDS:
                first, last = _ENDS[detail.field]
                is_order = asked.field(last) <= asked.field(first)
                faults = faults.with_said(last, "order" if is_order else "long")
        return faults

    def _dates_fields(self) -> list[Field]:
        text, chosen = _Texts(self.signed), self.signed.asked.field("kind")
        kinds = [
            Option(value=kind.value, label=text(f"kinds.{kind.value}"), is_chosen=chosen == kind.value)
            for kind in ExceptionKind
        ]
        return [
            Field(name="kind", label=text("kind"), kind="select", options=kinds, required=True),
            text.field("first", "date", required=True),
            text.field("last", "date", help="last_help"),
            text.field("start", "time", help="times_help", attributes={"min": "00:00"}),
            text.field("end", "time", attributes={"min": "00:00"}),
            text.field("label", "text", attributes={"maxlength": "200"}),
        ]

    def _quiet_fields(self) -> list[Field]:
        text = _Texts(self.signed)
        return [
            text.field("from", "datetime-local", required=True),
            text.field("until", "datetime-local", required=True),
            text.field("reason", "text", help="reason_help", attributes={"maxlength": "200"}),
        ]

    def _frame(self) -> dict[str, Any]:
        desk = self.desk
        return {
            "agent": desk.agent,
            "head": desk.head(ABSENCES),
            "way": desk.way_to_absences(),
            "is_own": desk.is_own,
            "may_change": desk.may_change_absences,
            "zone": self._moments.zone_name,
        }

    def _done(self, *names: str) -> str | None:
        done = self.signed.asked.query("done")
        return done if done in names else None

    def _shown(self, absence: Absence) -> dict[str, Any]:
        moments = self._moments
        if isinstance(absence, DoNotDisturbWindow):
            start, end = absence.interval.start, absence.interval.end
            local = [at.astimezone(self.desk.zone) for at in (start, end)]
            if local[0].date() == local[1].date():
                when, hours = moments.day(local[0].date()), times_of(moments.words, *local)
            else:
                when, hours = f"{moments.moment(start)} \N{EN DASH} {moments.moment(end)}", None
            order, is_over, kind, state = format_instant(start), end <= moments.now, _DND, None
        else:
            days = [moments.day(one) for one in dict.fromkeys([absence.first, absence.last])]
            when, hours = " \N{EN DASH} ".join(days), _hours(absence, moments.words)
            if absence.zone != self.desk.zone.key:  # as the API was told, or from before the agent moved
                when = f"{when} ({place_of(absence.zone) or absence.zone})"
            order, kind = f"{absence.first.isoformat()}T{absence.start}", absence.kind.value
            is_over = absence.last < moments.now.astimezone(ZoneInfo(absence.zone)).date()
            state = absence.state.value
        return {
            "id": absence.id,
            "way": self.desk.way_to_absences(absence.id),
            "way_to_tell": self.desk.way_to_absences(absence.id, "tell"),
            "way_to_remove": self.desk.way_to_absences(absence.id, "remove"),
            "when": when,
            "hours": hours,
            "kind": kind,
            "label": absence.label,
            "is_over": is_over,
            "order": order,
            "state": state,
        }

    def _days_of(self, absence: Absence) -> tuple[date, date]:
        """The first and the last day of it."""
        if isinstance(absence, ScheduleException):
            return absence.first, absence.last
        first, last = (at.astimezone(self.desk.zone).date() for at in (absence.interval.start, absence.interval.end))
        return first, last


def _instant(text: str, zone: ZoneInfo, name: str) -> str:
    """What a field of date and time says. Raises InvalidRequest."""
    if not text:
        raise InvalidRequest.of_field(name, "is required", "required")
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest.of_field(name, "must be a date and a time", "date") from error
    if not is_within_calendar(wall.date()):
        raise InvalidRequest.of_field(name, "must be a date and a time", "date")
    return format_instant(instant_of(wall.replace(tzinfo=None), zone, name))


class _Texts:
    """Words of the absences' forms, and fields with them."""

    def __init__(self, signed: SignedIn) -> None:
        self._signed = signed
        self._words = signed.texts

    def __call__(self, name: str) -> str:
        return self._words.text("absences", *name.split("."))

    def field(self, name: str, kind: str, *, help: str | None = None, **more: Any) -> Field:  # noqa: A002 - Field's own
        """A field with what was typed into it."""
        value, said = self._signed.asked.field(name), self(help) if help else None
        return Field(name=name, label=self(name), kind=kind, value=value, help=said, **more)


def _hours(exception: ScheduleException, words: Catalogue) -> str | None:
    """From when until when on each date; None for the whole day."""
    if (exception.start, exception.end) == _WHOLE_DAY:
        return None
    day = exception.first
    end = time.min if exception.end == _WHOLE_DAY[1] else time.fromisoformat(exception.end)
    at = [datetime.combine(day, one) for one in (time.fromisoformat(exception.start), end)]
    return times_of(words, *at)
