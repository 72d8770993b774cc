"""Book for a guest in the console: with any agent, or whom the service finds; at a free time, or one that is typed.

It is one form. Another service, agent or day shows it again, with everything that was typed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from http import HTTPStatus
from typing import Protocol
from zoneinfo import ZoneInfo

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import Agent, AssignmentMode, Preset
from slotline.domain.booking.calls import AssignmentMethod, Call
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.booking.slots import SlotQuery
from slotline.domain.shared.errors import Conflict, DomainError, Forbidden, InvalidRequest, LimitReached, Unavailable
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import format_instant, instant_or_none
from slotline.domain.shared.phones import Screen
from slotline.pages.booking.guest_form import GuestForm
from slotline.pages.booking.outcomes import refused_in_form
from slotline.pages.calls.acting import form_key
from slotline.pages.calls.free_times import FreeTimes, explained, typed_start
from slotline.pages.calls.guest_fields import for_others
from slotline.pages.calls.shown import CallWords
from slotline.pages.console.call import way_to
from slotline.pages.console.calls import base_of
from slotline.pages.countries import Internationally
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect, date_or_none
from slotline.pages.languages import language_or_none
from slotline.pages.refusals import refusal_text
from slotline.pages.signed import Answer, SignedIn
from slotline.pages.zones import zone_or_none, zones_by_place
from slotline.ports.apps import Agents, Presets
from slotline.ports.shared import Clock, Ids, RateLimitCheck
from slotline.words.catalogue import languages
from slotline.words.dates import zone_of

ANY_AGENT = "any"
"""Chosen in the place of an agent: the service finds one."""
_REFUSED = (Conflict, Forbidden, InvalidRequest, LimitReached, Unavailable)
_NATIVE = {"ar": "العربية", "en": "English", "es": "Español"}


class Booked(Protocol):
    """What came of a booking."""

    @property
    def call(self) -> Call:
        """The call."""
        ...


class BookCall(Protocol):
    """Who books: `slotline.usecases.booking.book_call.BookCall`."""

    def __call__(self, request: BookingRequest, key: IdempotencyKey | None, check_rate: RateLimitCheck) -> Booked:
        """The booking. Raises what stands against it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is to be booked: the service, with whom, and on which day."""

    preset: Preset
    agent_id: str | None
    """None: the service finds one."""
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCalls:
    """The form, on the ports that it reads from."""

    agents: Callable[[], Agents]
    presets: Callable[[], Presets]
    book_call: Callable[[], BookCall]
    times: FreeTimes
    screen: Screen
    internationally: Internationally
    clock: Clock
    ids: Ids

    def ask(self, signed: SignedIn) -> Answer:
        """GET /console/{app_id}/calls/new: with what the address says of it."""
        return self._page(signed, self._form_of(signed, self._choice(signed)))

    def book(self, signed: SignedIn) -> Answer:
        """POST /console/{app_id}/calls/new: book it, or show the form for another choice."""
        choice = self._choice(signed)
        form = self._form_of(signed, choice)
        if "show" in signed.asked.form or "day" in signed.asked.form:
            return self._page(signed, form)
        form, zone = form.checked(), signed.zone
        try:
            start = self._start(signed, zone)
        except InvalidRequest as error:
            return self._page(signed, form, error)
        if form.errors:
            return self._page(signed, form, start=start)
        key = form_key(signed, f"{signed.asked.field('once')} {format_instant(start)}")
        try:
            booked = self.book_call()(self._request(signed, choice, form, start), key, no_rate_limit)
        except _REFUSED as error:
            said = refused_in_form(error, form.texts)
            return self._page(signed, form.with_errors(said or {}), None if said else error, start)
        return Redirect(f"{way_to(signed, booked.call.id)}?done=booked")

    def _request(self, signed: SignedIn, choice: Choice, form: GuestForm, start: datetime) -> BookingRequest:
        guest = form.guest(self._guest_zone(signed))
        language = language_or_none(signed.asked.field("guest_language"), "messages") or choice.preset.language
        return BookingRequest(
            app_id=signed.app.app_id,
            source=signed.source,
            actor=signed.actor,
            guest=replace(guest, language=language),
            scheduled_at=start,
            app_timezone=signed.app.timezone,
            assignment_method=None if choice.agent_id else AssignmentMethod.ROUND_ROBIN,
            assigned_agent_id=choice.agent_id,
            preset_id=choice.preset.preset_id,
            answers=form.answers(),
        )

    def _start(self, signed: SignedIn, zone: ZoneInfo) -> datetime:
        """The time that was chosen, or else typed. Raises InvalidRequest if it is neither."""
        asked = signed.asked
        try:
            chosen = instant_or_none(asked.field("start") or None)
        except ValueError:
            chosen = None
        return chosen or typed_start(asked.field("date"), asked.field("time"), zone)

    def _choice(self, signed: SignedIn) -> Choice:
        app, presets = self.presets().all(signed.app.app_id)
        asked = signed.asked
        ruling = app.preset if app else presets[0]
        bookable = _by_name(one for one in presets if one.scheduling_enabled) or [ruling]
        wanted = asked.said("service") or ruling.preset_id
        preset = next((one for one in bookable if one.preset_id == wanted), None)
        preset = preset or (ruling if ruling.scheduling_enabled else bookable[0])
        agent_id = asked.id("agent")
        today = self.clock.now().astimezone(signed.zone).date()
        return Choice(
            preset=preset,
            agent_id=None if agent_id == ANY_AGENT or (agent_id is None and _finds_agent(preset)) else agent_id,
            day=max(date_or_none(asked.said("day") or asked.said("on")) or today, today),
        )

    def _form_of(self, signed: SignedIn, choice: Choice) -> GuestForm:
        asked = signed.asked
        prefilled = {name: [value] for name in ("name", "email", "phone") if (value := asked.query(name))}
        return GuestForm(
            preset=choice.preset,
            language=signed.language,
            texts=for_others(signed.texts),
            screen=self.screen,
            internationally=self.internationally,
            home=None,
            prefill=Prefill(),
            values={**prefilled, **asked.form},
        )

    def _page(
        self, signed: SignedIn, form: GuestForm, refused: DomainError | None = None, start: datetime | None = None
    ) -> Answer:
        choice, asked, zone = self._choice(signed), signed.asked, signed.zone
        _, agents = self.agents().all(signed.app.app_id)
        _, presets = self.presets().all(signed.app.app_id)
        texts, now = signed.texts, self.clock.now()
        words = CallWords.of(signed, now, agents, presets)
        query = _query(signed.app.app_id, choice, now)
        is_chosen = choice.agent_id is not None or _finds_agent(choice.preset) or asked.said("agent") == ANY_AGENT
        day = self.times.of_day(query, choice.day, zone, words) if is_chosen else None
        why = self.times.refusals(query, start) if start and isinstance(refused, Conflict) else {}
        fields = form.fields()
        return signed.page(
            "console_call_new.html",
            "calls",
            {
                "base": base_of(signed),
                "service": Field(
                    name="service",
                    label=texts.text("new_call", "service"),
                    kind="select",
                    required=True,
                    options=[
                        Option(value=one.preset_id, label=one.name, is_chosen=one.preset_id == choice.preset.preset_id)
                        for one in _by_name(presets)
                        if one.scheduling_enabled or one.preset_id == choice.preset.preset_id
                    ],
                ),
                "agent": self._agent_field(signed, choice, agents, words),
                "day": day,
                "on": str(choice.day),
                "zone": zone_of(words.dates, now.astimezone(zone)),
                "chosen": asked.field("start"),
                "typed": {"date": asked.field("date"), "time": asked.field("time")},
                "today": str(now.astimezone(zone).date()),
                "fields": [*fields, *self._more_fields(signed, choice, words)],
                "wrong": [field for field in fields if field.error],
                "refused": refusal_text(refused, texts) if refused else None,
                "why": explained(why, words),
                "once": asked.field("once") or self.ids.new(),
            },
            status=_status(form, refused),
        )

    def _agent_field(self, signed: SignedIn, choice: Choice, agents: Sequence[Agent], words: CallWords) -> Field:
        terms = Terms().under(choice.preset)
        texts, said = words.texts, signed.asked.said("agent")
        options = [
            Option(
                value=one.agent_id,
                label=one.name if is_eligible(one, terms) else f"{one.name} ({texts.text('rule', 'not_eligible')})",
                is_chosen=one.agent_id == choice.agent_id,
            )
            for one in sorted(agents, key=lambda one: (not is_eligible(one, terms), one.name.casefold()))
            if one.active
        ]
        finds = Option(
            value=ANY_AGENT,
            label=texts.text("new_call", "any_agent"),
            is_chosen=said == ANY_AGENT or (said is None and _finds_agent(choice.preset)),
        )
        nobody = Option(value="", label=texts.text("change", "assign", "choose"))
        return Field(
            name="agent",
            label=texts.text("new_call", "agent"),
            kind="select",
            required=True,
            options=[nobody, finds, *options],
        )

    def _more_fields(self, signed: SignedIn, choice: Choice, words: CallWords) -> Sequence[Field]:
        zone, texts = self._guest_zone(signed), words.texts
        language = signed.asked.field("guest_language") or choice.preset.language
        return [
            Field(
                name="guest_zone",
                label=texts.text("new_call", "guest_zone"),
                kind="select",
                required=True,
                options=[
                    Option(value=one, label=one.replace("_", " "), is_chosen=one == zone) for one in zones_by_place()
                ],
            ),
            Field(
                name="guest_language",
                label=texts.text("new_call", "guest_language"),
                kind="select",
                required=True,
                options=[
                    Option(value=one, label=_NATIVE.get(one, one), is_chosen=one == language)
                    for one in sorted(languages())
                ],
            ),
        ]

    def _guest_zone(self, signed: SignedIn) -> str:
        found = zone_or_none(signed.asked.field("guest_zone") or signed.app.timezone)
        return found.key if found else "UTC"


def _query(app_id: str, choice: Choice, now: datetime) -> SlotQuery:
    """A search for what is chosen; for when, is said as it is asked."""
    preset = choice.preset
    return SlotQuery(
        app_id=app_id,
        start=now,
        end=now,
        agent_id=choice.agent_id,
        duration_minutes=preset.duration_minutes,
        buffer_before_minutes=preset.buffer_before_minutes,
        buffer_after_minutes=preset.buffer_after_minutes,
        preset_id=preset.preset_id,
    )


def _status(form: GuestForm, refused: DomainError | None) -> HTTPStatus:
    if refused is not None and not isinstance(refused, InvalidRequest):
        return HTTPStatus.CONFLICT
    return HTTPStatus.BAD_REQUEST if refused or form.errors else HTTPStatus.OK


def _by_name(presets: Iterable[Preset]) -> Sequence[Preset]:
    return sorted(presets, key=lambda one: one.name.casefold())


def _finds_agent(preset: Preset) -> bool:
    return preset.assignment_mode is AssignmentMode.ANY_AVAILABLE
