"""What is done with one booking in the console: each change a use case of the API, each form a page of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Protocol

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import AssignmentMethod, Call, Outcome
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.reminders import Channel, ReminderKind
from slotline.domain.booking.requests import CallUpdate
from slotline.domain.booking.slots import SlotQuery
from slotline.domain.messages.sending import ReminderRequest
from slotline.domain.shared.emails import to_mailbox
from slotline.domain.shared.errors import InvalidRequest, LimitReached
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import instant_or_none
from slotline.domain.shared.phones import Screen
from slotline.domain_names import to_ascii
from slotline.pages.booking.guest_form import GuestForm
from slotline.pages.calls.acting import change, form_key
from slotline.pages.calls.forms import LONGEST_NOTE, prose
from slotline.pages.calls.free_times import FreeTimes, explained, typed_start
from slotline.pages.calls.guest_fields import for_others, values_of_call
from slotline.pages.calls.record import shown_call
from slotline.pages.calls.shown import CallWords
from slotline.pages.console.call import LONGEST_REASON, REFUSED, CallPages, way_to
from slotline.pages.countries import Internationally
from slotline.pages.fields import Field, Option
from slotline.pages.kit import Redirect
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.ports.shared import RateLimitCheck
from slotline.usecases.booking.call_changes import (
    CancelCall,
    ClaimCall,
    CompleteCall,
    ConfirmCall,
    MissCall,
    ReopenCall,
    StartCall,
    UpdateCall,
)
from slotline.usecases.booking.change_call import Decide

_NO_QUESTIONS = Preset(preset_id="", name="")
"""The guest's fields alone."""


class RequestReminder(Protocol):
    """Who sends a message now: `slotline.usecases.messages.request_reminder.RequestReminder`."""

    def __call__(
        self,
        app_id: str,
        call_id: str,
        request: ReminderRequest,
        key: IdempotencyKey | None,
        check_rate: RateLimitCheck,
    ) -> object:
        """The message, on its way. Raises what stands against it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChanges:
    """The forms of one booking, and what they do."""

    pages: CallPages
    times: FreeTimes
    screen: Screen
    internationally: Internationally
    request_reminder: Callable[[], RequestReminder]

    def confirm(self, signed: SignedIn) -> Answer:
        """POST …/confirm."""
        return self.pages.act(signed, ConfirmCall(), "confirmed")

    def start(self, signed: SignedIn) -> Answer:
        """POST …/start."""
        return self.pages.act(signed, StartCall(), "started")

    def ask_outcome(self, signed: SignedIn, refused: str | None = None) -> Page:
        """GET …/complete: what the call came to."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        texts, said = words.texts, signed.asked.field("outcome")
        outcome = Field(
            name="outcome",
            label=texts.text("change", "complete", "outcome"),
            kind="radio",
            options=[
                Option(
                    value=one.value, label=texts.text("timeline", "outcomes", one.value), is_chosen=one.value == said
                )
                for one in Outcome
            ],
        )
        note = Field(
            name="note",
            label=texts.text("change", "complete", "note"),
            kind="area",
            value=signed.asked.field("note"),
            attributes={"maxlength": str(LONGEST_NOTE)},
        )
        return self._form(signed, call, words, "complete", [outcome, note], refused)

    def complete(self, signed: SignedIn) -> Answer:
        """POST …/complete."""
        said = signed.asked.field("outcome")
        outcome = Outcome(said) if said in set(Outcome) else None
        try:
            decide = CompleteCall(outcome=outcome, note=prose(signed.asked, "note", LONGEST_NOTE))
        except InvalidRequest as error:
            return self.ask_outcome(signed, self.pages.refusal(signed, error))
        return self._done_or(signed, decide, "completed", self.ask_outcome)

    def ask_reason(self, signed: SignedIn, what: str, refused: str | None = None) -> Page:
        """GET …/cancel, …/no-show, …/reopen: why? `what`: the name of its words."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        texts = words.texts
        reason = Field(
            name="reason",
            label=texts.text("change", "reason"),
            kind="area",
            value=signed.asked.field("reason"),
            help=texts.text("change", what, "reason_help"),
            required=what == "reopen",
            attributes={"maxlength": str(LONGEST_REASON)},
        )
        return self._form(signed, call, words, what, [reason], refused)

    def cancel(self, signed: SignedIn) -> Answer:
        """POST …/cancel."""
        return self._with_reason(signed, "cancel", lambda reason: CancelCall(reason=reason), "cancelled")

    def miss(self, signed: SignedIn) -> Answer:
        """POST …/no-show."""
        return self._with_reason(signed, "miss", lambda reason: MissCall(reason=reason), "missed")

    def reopen(self, signed: SignedIn) -> Answer:
        """POST …/reopen."""
        calls = self.pages.calls()
        if not signed.asked.field("reason"):
            texts = self.pages.words(signed).texts
            return self.ask_reason(signed, "reopen", texts.text("change", "reason_missing"))
        return self._with_reason(
            signed, "reopen", lambda reason: ReopenCall(calls=calls, reason=reason or ""), "reopened"
        )

    def ask_agent(self, signed: SignedIn, refused: str | None = None) -> Page:
        """GET …/reassign: who is free then, and who may have the call."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        texts = words.texts
        query = self._query(call, agent_id=None)
        free, others = self.times.free_at(query, call.scheduled_at), self.times.refusals(query, call.scheduled_at)
        chosen = signed.asked.field("agent")
        _, agents = self.pages.agents().all(signed.app.app_id)
        options = []
        for agent in sorted(agents, key=lambda one: (one.agent_id not in free, one.name.casefold())):
            if not agent.active or agent.agent_id == call.assigned_agent_id:
                continue
            refusal = others.get(agent.agent_id)
            state = texts.text("rule", refusal.rule) if refusal else texts.text("change", "assign", "free")
            label = f"{agent.name} ({state})" if refusal or agent.agent_id in free else agent.name
            options.append(Option(value=agent.agent_id, label=label, is_chosen=agent.agent_id == chosen))
        fields = [
            Field(
                name="agent",
                label=texts.text("change", "assign", "agent"),
                kind="select",
                required=True,
                options=[Option(value="", label=texts.text("change", "assign", "choose")), *options],
            ),
            Field(
                name="reason",
                label=texts.text("change", "reason"),
                value=signed.asked.field("reason"),
                attributes={"maxlength": str(LONGEST_REASON)},
            ),
        ]
        return self._form(signed, call, words, "assign", fields, refused)

    def assign(self, signed: SignedIn) -> Answer:
        """POST …/reassign. A call of the pool is claimed for the agent."""
        agent_id = signed.asked.id("agent")
        if agent_id is None:
            return self.ask_agent(signed, self.pages.words(signed).texts.text("change", "assign", "missing"))
        call, bookings = self.pages.call_of(signed), self.pages.bookings()
        decide: Decide
        if call.assignment_method is AssignmentMethod.POOL and call.assigned_agent_id is None:
            decide = ClaimCall(bookings=bookings, agent_id=agent_id)
        else:
            update = CallUpdate(assigned_agent_id=agent_id, reason=_reason(signed))
            decide = UpdateCall(bookings=bookings, update=update, screen=self.screen)
        return self._done_or(signed, decide, "assigned", self.ask_agent)

    def ask_time(self, signed: SignedIn, refused: str | None = None, why: Sequence[Mapping[str, Any]] = ()) -> Page:
        """GET …/move: the free times of a day, and any other time by typing it."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        now = self.pages.clock.now()
        local = call.scheduled_at.astimezone(words.zone)
        day = _near(signed.asked.day() or max(local.date(), now.astimezone(words.zone).date()))
        query = self._query(call, agent_id=call.assigned_agent_id)
        return signed.page(
            "console_call_move.html",
            "calls",
            {
                "here": way_to(signed, call.id),
                "call": shown_call(call, words, None),
                "day": self.times.of_day(query, day, words.zone, words),
                "typed": {
                    "date": signed.asked.field("date") or str(day),
                    "time": signed.asked.field("time") or f"{local:%H:%M}",
                    "reason": signed.asked.field("reason"),
                },
                "today": str(now.astimezone(words.zone).date()),
                "refused": refused,
                "why": why,
            },
            status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        )

    def move(self, signed: SignedIn) -> Answer:
        """POST …/move: to a time that was chosen, or typed."""
        words = self.pages.words(signed)
        asked = signed.asked
        try:
            start = _instant(asked.field("start")) or typed_start(asked.field("date"), asked.field("time"), words.zone)
            update = CallUpdate(scheduled_at=start, reason=_reason(signed))
            decide = UpdateCall(bookings=self.pages.bookings(), update=update, screen=self.screen)
            call = change(signed, self.pages.change_call, asked.part("call_id"), decide)
        except REFUSED as error:
            why: Sequence[Mapping[str, Any]] = ()
            if not isinstance(error, InvalidRequest):
                before = self.pages.call_of(signed)
                if before.assigned_agent_id:
                    query = self._query(before, agent_id=before.assigned_agent_id)
                    why = explained(self.times.refusals(query, start), words)
            return self.ask_time(signed, self.pages.refusal(signed, error), why)
        return Redirect(f"{way_to(signed, call.id)}?done=moved")

    def ask_details(self, signed: SignedIn, refused: str | None = None, form: GuestForm | None = None) -> Page:
        """GET …/edit: the guest's details."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        form = form or self._guest_form(signed, words, dict(values_of_call(call)))
        texts = words.texts
        external = Field(
            name="external_id",
            label=texts.text("bookings", "column", "external_id"),
            value=signed.asked.field("external_id") if refused or form.errors else call.external_id or "",
            attributes={"maxlength": "200"},
        )
        return self._form(signed, call, words, "edit", [*form.fields(), external], refused, bool(form.errors))

    def edit(self, signed: SignedIn) -> Answer:
        """POST …/edit. Only what was changed is written."""
        call, words = self.pages.call_of(signed), self.pages.words(signed)
        form = self._guest_form(signed, words, dict(signed.asked.form)).checked()
        if form.errors:
            return self.ask_details(signed, form=form)
        email = form.value("email")
        typed = {
            "name": form.value("name"),
            "email": to_mailbox(email, to_ascii) if email else None,
            "phone": form.phone or None,
            "intake_notes": form.value("notes") or None,
        }
        guest = {name: value for name, value in typed.items() if value != getattr(call.guest, name)}
        external_id = signed.asked.field("external_id") or None
        fields = {"external_id": external_id} if external_id != call.external_id else {}
        update = CallUpdate(guest=guest, fields=fields)
        decide = UpdateCall(bookings=self.pages.bookings(), update=update, screen=self.screen)
        return self._done_or(signed, decide, "edited", lambda one, refused: self.ask_details(one, refused, form))

    def remind(self, signed: SignedIn) -> Answer:
        """POST …/remind: a message now, by the channel that is named or the first that reaches the guest."""
        kinds, channels = set(ReminderKind), set(Channel)
        kind, channel = signed.asked.field("kind"), signed.asked.field("channel")
        request = ReminderRequest(
            kind=ReminderKind(kind) if kind in kinds else ReminderKind.REMINDER_CUSTOM,
            channel=Channel(channel) if channel in channels else None,
        )
        call_id = signed.asked.part("call_id")
        key = form_key(signed, f"{signed.asked.field('seen')} {signed.asked.field('sent')}")
        try:
            self.request_reminder()(signed.app.app_id, call_id, request, key, no_rate_limit)
        except (*REFUSED, LimitReached) as error:
            return self.pages.show(signed, self.pages.refusal(signed, error))
        return Redirect(f"{way_to(signed, call_id)}?done=reminded")

    def _with_reason(self, signed: SignedIn, what: str, decide: Callable[[str | None], Decide], done: str) -> Answer:
        return self._done_or(
            signed, decide(_reason(signed)), done, lambda one, refused: self.ask_reason(one, what, refused)
        )

    def _done_or(
        self, signed: SignedIn, decide: Decide, done: str, again: Callable[[SignedIn, str | None], Page]
    ) -> Answer:
        """Back to the booking once it is done; or the form again, with what stands against it."""
        try:
            call = change(signed, self.pages.change_call, signed.asked.part("call_id"), decide)
        except REFUSED as error:
            return again(signed, self.pages.refusal(signed, error))
        return Redirect(f"{way_to(signed, call.id)}?done={done}")

    def _form(
        self,
        signed: SignedIn,
        call: Call,
        words: CallWords,
        what: str,
        fields: Sequence[Field],
        refused: str | None,
        has_errors: bool = False,  # noqa: FBT001, FBT002 - whether a field says what is wrong with it
    ) -> Page:
        wrong = [field for field in fields if field.error]
        return signed.page(
            "console_call_form.html",
            "calls",
            {
                "here": way_to(signed, call.id),
                "call": shown_call(call, words, None),
                "what": what,
                "action": signed.asked.event["rawPath"],
                "fields": fields,
                "wrong": wrong,
                "refused": refused,
            },
            status=HTTPStatus.CONFLICT if refused else HTTPStatus.BAD_REQUEST if has_errors else HTTPStatus.OK,
        )

    def _guest_form(self, signed: SignedIn, words: CallWords, values: dict[str, Sequence[str]]) -> GuestForm:
        return GuestForm(
            preset=_NO_QUESTIONS,
            language=signed.language,
            texts=for_others(words.texts),
            screen=self.screen,
            internationally=self.internationally,
            home=None,
            prefill=Prefill(),
            values=values,
        )

    def _query(self, call: Call, agent_id: str | None) -> SlotQuery:
        """A search for this very call, elsewhere."""
        return SlotQuery(
            app_id=call.app_id,
            start=call.scheduled_at,
            end=call.scheduled_at,
            agent_id=agent_id,
            duration_minutes=call.duration_minutes,
            buffer_before_minutes=call.buffer_before_minutes,
            buffer_after_minutes=call.buffer_after_minutes,
            required_tags=call.required_tags,
            agent_ids=call.agent_ids,
            preset_id=call.preset_id,
            moving=call.id,
        )


def _reason(signed: SignedIn) -> str | None:
    return signed.asked.field("reason")[:LONGEST_REASON] or None


def _instant(text: str) -> Any:
    try:
        return instant_or_none(text or None)
    except ValueError:
        return None


def _near(day: date) -> date:
    """A day whose neighbours are in the calendar, too."""
    return min(max(day, date(2000, 1, 1)), date(9990, 1, 1))
