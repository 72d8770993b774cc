"""The form's step: who is coming, for a time that is kept meanwhile, and a code where the service asks for one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from slotline.domain.booking.apps import Verification
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.requests import BookingRequest
from slotline.domain.booking.sent_codes import GivenCode
from slotline.domain.booking.slots import Slots
from slotline.domain.shared.errors import InvalidRequest
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import format_instant, instant_or_none
from slotline.http.core.caller import Caller
from slotline.pages.booking.guest_form import GuestForm
from slotline.pages.booking.notices import Notice
from slotline.pages.booking.shown import Setting
from slotline.pages.kit import Asked
from slotline.pages.rendering import Page
from slotline.words.dates import day_of, span_of, time_of

FORM_SCRIPT = "form.js"
MOST_OFFERED = 6
AROUND = timedelta(days=14)
"""How far from a time that was taken others are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTime:
    """A time that a guest chose: whose it is, if anybody's, and the hold that keeps it until its end."""

    start: datetime
    agent_id: str | None = None
    hold_id: str | None = None
    kept_until: datetime | None = None

    @classmethod
    def of(cls, asked: Asked) -> "ChosenTime":
        """What the step's address or its form says. Raises InvalidRequest if that is no time."""
        start = _instant(asked.said("start"))
        if start is None:
            raise InvalidRequest.of_field("start", "must be an instant")
        return cls(
            start=start,
            agent_id=asked.id("agent"),
            hold_id=asked.id("hold"),
            kept_until=_instant(asked.said("until")),
        )

    def at(self, start: str) -> "ChosenTime":
        """Another time of the same agent. Raises InvalidRequest if that is none."""
        found = _instant(start)
        if found is None:
            raise InvalidRequest.of_field("move", "must be an instant")
        return replace(self.let_go(), start=found)

    def kept_by(self, hold: Mapping[str, object]) -> "ChosenTime":
        """The same, kept by this hold, which is of an agent."""
        until = instant_or_none(str(hold["expires_at"]))
        return replace(self, agent_id=str(hold["agent_id"]), hold_id=str(hold["id"]), kept_until=until)

    def let_go(self) -> "ChosenTime":
        """The same without a hold."""
        return replace(self, hold_id=None, kept_until=None)

    @property
    def said(self) -> dict[str, str]:
        """For the step's address, or hidden fields of its form."""
        found = {"start": format_instant(self.start), "agent": self.agent_id, "hold": self.hold_id}
        until = {"until": format_instant(self.kept_until)} if self.kept_until else {}
        return {name: value for name, value in {**found, **until}.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormStep:
    """The step at which a guest says who is coming.

    `once`: names this form, so that it books once however often it is sent. `name_of`: the name of an agent whom guests
    of the service may choose. `code_for`: the id of the code that was sent; the page asks for it instead of the rest
    then.
    """

    setting: Setting
    chosen: ChosenTime
    form: GuestForm
    once: str
    name_of: Callable[[str], str | None]
    code_for: str | None = None

    def asking_for_code(self, code_for: str | None) -> "FormStep":
        """The same, asking for the code of this id; for the guest if none is named, or the service asks for none."""
        return replace(self, code_for=code_for if self.setting.needs_code else None)

    def page(self, status: HTTPStatus = HTTPStatus.OK, notice: Notice | None = None) -> Page:
        """The form, with what was typed."""
        setting, chosen, form = self.setting, self.chosen, self.form
        local = chosen.start.astimezone(setting.zone)
        fields = form.fields()
        kept = chosen.kept_until if chosen.kept_until and chosen.kept_until > setting.now else None
        hidden = {**chosen.said, "once": self.once}
        if asks_code := self.code_for is not None and form.errors.keys() <= {"code"}:
            hidden["verification"] = self.code_for or ""
        return Page(
            template="form.html",
            look=setting.look,
            status=status,
            scripts=(FORM_SCRIPT,),
            context=setting.context(
                at=chosen.start,
                agent_name=self._agent_name(),
                when=self._when(),
                fields=fields,
                errors=[(field, field.error) for field in fields if field.error],
                code_error=form.errors.get("code"),
                asks_code=asks_code,
                code_contact=form.phone if setting.preset.verification is Verification.SMS else form.value("email"),
                code_value=form.value("code"),
                channel=str(setting.preset.verification),
                typed=form.typed(),
                hidden=hidden,
                kept=_kept(setting, kept) if kept else None,
                kept_ended=chosen.hold_id is not None and kept is None,
                notice=setting.shown_notice(notice),
                is_over=notice is not None and notice.offers_others,
                submit_day=day_of(setting.words, local),
                submit_time=time_of(setting.words, local),
                needs_confirmation=setting.preset.require_confirmation,
                ways={
                    "zone": None,
                    "form": setting.way.change(agent=None).to("form"),
                    "here": setting.way.change(agent=None).to("form", **chosen.said),
                },
            ),
        )

    @property
    def code(self) -> GivenCode | None:
        """The code that the guest gives, if the service asks for one."""
        if self.code_for is None:
            return None
        return GivenCode(id=self.code_for, code="".join(self.form.value("code").split()))

    def request(self, caller: Caller, prefill: Prefill) -> BookingRequest:
        """The booking that the form asks for, once it was checked."""
        setting = self.setting
        by_engine = setting.finds_agent and self.chosen.hold_id is None
        return BookingRequest(
            app_id=setting.app.app_id,
            source=caller.source,
            actor=caller.actor,
            holders=caller.holders,
            guest=self.form.guest(setting.zone.key),
            scheduled_at=self.chosen.start,
            app_timezone=setting.app.timezone,
            assigned_agent_id=None if by_engine else self.chosen.agent_id,
            hold_id=self.chosen.hold_id,
            preset_id=setting.preset.preset_id,
            answers=self.form.answers(),
            said_by_link=prefill.by_link,
            code=self.code,
        )

    def idempotency_key(self, caller: Caller) -> IdempotencyKey:
        """The key of this form: sent twice, it books once. For another time it is another form."""
        said = json.dumps([*self.form.typed(), self.code_for])
        form = f"{self.once} {format_instant(self.chosen.start)}"
        return IdempotencyKey(
            principal=caller.principal,
            route="POST /book",
            key=sha256(form.encode()).hexdigest(),
            fingerprint=sha256(said.encode()).hexdigest(),
        )

    def _agent_name(self) -> str | None:
        agent_id = self.chosen.agent_id
        return self.name_of(agent_id) if agent_id and not self.setting.finds_agent else None

    def _when(self) -> Mapping[str, Any]:
        setting = self.setting
        end = self.chosen.start + timedelta(minutes=setting.preset.duration_minutes)
        start, local_end = self.chosen.start.astimezone(setting.zone), end.astimezone(setting.zone)
        way = setting.way.change(agent=None if setting.finds_agent else self.chosen.agent_id)
        return {
            "day": day_of(setting.words, start),
            "time": span_of(setting.words, start, local_end),
            "change": way.to(day=start.date()),
        }


def nearest(found: Slots, wanted: datetime, agent_id: str | None) -> Sequence[datetime]:
    """The free times nearest to one that is not, in their order: of this agent, if one is named."""
    places = {place for place, one in enumerate(found.agent_ids) if agent_id in (None, one)}
    if found.shown_to_guests == ():
        places = {0}
    starts = {start for start, place in found.starts if place in places}
    minute = wanted.timestamp() / 60
    near = sorted(starts, key=lambda start: abs(start - minute))[:MOST_OFFERED]
    return [datetime.fromtimestamp(start * 60, UTC) for start in sorted(near)]


def _kept(setting: Setting, until: datetime) -> Mapping[str, str]:
    seconds = round((until - setting.now).total_seconds())
    return {"time": time_of(setting.words, until.astimezone(setting.zone)), "seconds": str(seconds)}


def _instant(text: str | None) -> datetime | None:
    try:
        return instant_or_none(text)
    except ValueError:
        return None
