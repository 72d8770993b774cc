"""A new booking of an agent's own: a service, a time, and whom it is with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.apps import Agent, App, Preset, Verification
from slotline.domain.booking.claims import ClaimKind
from slotline.domain.booking.prefills import Prefill
from slotline.domain.booking.slots import Slots
from slotline.domain.shared.errors import DomainError, InvalidRequest
from slotline.domain.shared.instants import format_instant, instant_or_none
from slotline.domain.shared.intervals import Interval
from slotline.domain.shared.names import one_line
from slotline.domain.shared.phones import Screen
from slotline.domain.shared.wall_time import day_start
from slotline.pages.booking.guest_form import GuestForm
from slotline.pages.calls.forms import ONCE, Chosen, instant_said
from slotline.pages.countries import Internationally
from slotline.pages.fields import Field, Option
from slotline.pages.languages import language_or_none
from slotline.pages.my.genesys import CONVERSATION, METADATA
from slotline.pages.my.ways import Ways
from slotline.pages.my.week import title_of
from slotline.pages.refusals import refusal_text
from slotline.pages.rendering import NATIVE_NAMES, Page
from slotline.pages.signed import SignedIn
from slotline.pages.zones import zone_or_none, zones_by_place
from slotline.words.catalogue import MESSAGES, Catalogue, languages
from slotline.words.dates import day_of, span_of, time_of, zone_of

if TYPE_CHECKING:
    from slotline.domain.booking.requests import BookingRequest
    from slotline.usecases.booking.what_is_in_the_way import InTheWay

SearchDay = Callable[[Preset, Interval], Slots]
"""The free times of the agent for a service."""
_DAY = timedelta(days=1)
_LEGEND = {
    ClaimKind.CALL: "call",
    ClaimKind.HOLD: "hold",
    ClaimKind.DO_NOT_DISTURB: "quiet",
    ClaimKind.BLOCKED: "blocked",
}
"""What takes time, by its name in the week's legend."""
_GUESSED = ("name", "email", "phone")
"""What the address may say of the guest: whoever embeds the page knows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBooking:
    """The form for a new booking, with what was typed."""

    signed: SignedIn
    app: App
    agent: Agent
    presets: Sequence[Preset]
    now: datetime
    once: str
    screen: Screen
    internationally: Internationally
    region_of: Callable[[str], str | None]

    @property
    def zone(self) -> ZoneInfo:
        """The agent's."""
        return self.agent.local_zone

    @property
    def ways(self) -> Ways:
        """Addresses around it."""
        return Ways.of(self.signed)

    @property
    def preset(self) -> Preset:
        """The service that was chosen, or the one that rules."""
        said = self.signed.asked.id("service")
        found = next((one for one in self.presets if said in (one.preset_id, one.slug)), None)
        return found or self.app.preset

    @property
    def chosen(self) -> Chosen | None:
        """The time that was chosen."""
        if picked := _instant(self.signed.asked.field("pick")):
            return Chosen.at(picked, self.zone)
        return Chosen.of(self.signed.asked, self.zone)

    @property
    def form(self) -> GuestForm:
        """Who is coming, by the fields of the booking page. Nothing is proven: the agent knows whom they book for."""
        asked = self.signed.asked
        typed = asked.form or {name: [value] for name in _GUESSED if (value := asked.query(name))}
        return GuestForm(
            preset=replace(self.preset, verification=Verification.NONE),
            language=self.signed.language,
            texts=self._texts,
            screen=self.screen,
            internationally=self.internationally,
            home=self.region_of(self.zone.key),
            prefill=Prefill(),
            values=typed,
        )

    @property
    def _texts(self) -> Catalogue:
        """The booking page's words for its form, but for those that speak to the guest."""
        words = self.signed.texts.words
        own = {part: {**words[part], **words["my"]["new"][part]} for part in ("form", "error")}
        return replace(self.signed.texts, words={**words, **own})

    def start(self) -> datetime:
        """The time that is asked for. Raises InvalidRequest if there is none."""
        if self.chosen is None:
            raise InvalidRequest.of_field("time", "must be a day and a time", "no_time")
        return self.chosen.instant(self.zone, instant_said(self.signed.asked))

    def request(self, form: GuestForm) -> "BookingRequest":
        """The booking that the form asks for, once it was checked. Raises InvalidRequest if it asks for no time."""
        from slotline.domain.booking.requests import BookingRequest

        asked = self.signed.asked
        theirs = zone_or_none(asked.field("timezone")) or self.zone
        guest = form.guest(theirs.key)
        language = language_or_none(asked.field("language"))
        return BookingRequest(
            app_id=self.app.app_id,
            source=self.signed.source,
            actor=self.signed.actor,
            guest=replace(guest, language=language or self.preset.language),
            scheduled_at=self.start(),
            app_timezone=self.app.timezone,
            assigned_agent_id=self.agent.agent_id,
            preset_id=self.preset.preset_id,
            answers=form.answers(),
            metadata={METADATA: dict(said)} if (said := self.ways.carried) else None,
        )

    def page(
        self,
        search: SearchDay,
        form: GuestForm | None = None,
        *,
        refused: DomainError | None = None,
        in_the_way: "InTheWay | None" = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Page:
        """The form. `refused`: why the booking was not made, and what is at its time."""
        form = form or self.form
        fields = form.fields()
        errors = [(field, field.error) for field in fields if field.error]
        meant = _instant(self.signed.asked.field("pick")) or instant_said(self.signed.asked)
        context: dict[str, Any] = {
            "way": self.ways.new(),
            "back": self.ways.week(),
            "conversation": self.ways.carried.get(CONVERSATION),
            "services": self._services(),
            "service": self.preset.preset_id,
            "minutes": self.preset.duration_minutes,
            "chosen": self.chosen,
            "meant": format_instant(meant) if meant else "",
            "first_day": self.now.astimezone(self.zone).date().isoformat(),
            "zone": zone_of(self.signed.dates, self.now.astimezone(self.zone)),
            "free": self._free(search),
            "fields": fields,
            "more": self._more(),
            "errors": errors,
            "refused": refusal_text(refused, self.signed.texts) if refused else None,
            "in_the_way": self._shown(in_the_way) if in_the_way else None,
            "is_outside": self._is_outside(),
            "once_name": ONCE,
            "once": self.once,
        }
        return self.signed.page("my_new.html", "my", context, status=status, scripts=("service.js",))

    def _shown(self, found: "InTheWay") -> Mapping[str, str | None]:
        """What stands at a time that was refused: what it is called, when it is, and where it leads if it is a call."""
        call, meeting = found.call, found.claim.meeting
        local, end = (at.astimezone(self.zone) for at in (meeting.start, meeting.end))
        exception_id = found.claim.id.partition(".")[0]
        label = next((one.label for one in self.agent.exceptions if one.id == exception_id), None)
        kind = _LEGEND[found.claim.kind]
        return {
            "name": one_line(call.guest.name if call else label or self.signed.texts.text("my", "legend", kind)),
            "when": f"{day_of(self.signed.dates, local)}, {span_of(self.signed.dates, local, end)}",
            "way": self.ways.call(call.id) if call else None,
        }

    def _services(self) -> Sequence[Option]:
        return [
            Option(
                value=one.preset_id,
                label=title_of(one, self.signed.language),
                is_chosen=one.preset_id == self.preset.preset_id,
            )
            for one in self.presets
            if one.scheduling_enabled or one.preset_id == self.preset.preset_id
        ]

    def _free(self, search: SearchDay) -> Mapping[str, Any] | None:
        """The free times of the day that was chosen, or of today."""
        chosen = self.chosen
        try:
            noon = Chosen(chosen.day, "12:00").instant(self.zone) if chosen else self.now
        except InvalidRequest:
            return None
        day = noon.astimezone(self.zone).date()
        span = Interval(day_start(day, self.zone), day_start(day + _DAY, self.zone))
        try:
            found = search(self.preset, span).starts if span.end > self.now else ()
        except DomainError:  # no times of a service that cannot be booked: the booking says why
            return None
        starts = [datetime.fromtimestamp(minute * 60, UTC) for minute, _ in found]
        return {
            "day": day_of(self.signed.dates, day),
            "times": [
                {"start": format_instant(at), "text": time_of(self.signed.dates, at.astimezone(self.zone))}
                for at in starts
            ],
        }

    def _is_outside(self) -> bool:
        """Whether the time that was chosen is not worked: it may be booked all the same."""
        try:
            meeting = Interval.starting(self.start(), timedelta(minutes=self.preset.duration_minutes))
        except InvalidRequest:
            return False
        return bool(self.agent.working_hours) and not self.agent.works_all_of(meeting)

    def _more(self) -> Sequence[Field]:
        """What messages to the guest go by: their language, and their clocks."""
        asked, words = self.signed.asked, self.signed.texts
        language = asked.field("language") or self.preset.language
        zone = asked.field("timezone") or self.app.timezone
        names = [*dict.fromkeys([zone, *zones_by_place()])]
        return [
            Field(
                name="language",
                label=words.text("my", "new", "language"),
                kind="select",
                required=True,
                options=[
                    Option(value=tag, label=NATIVE_NAMES.get(tag, tag), is_chosen=tag == language)
                    for tag in sorted(languages(MESSAGES))
                ],
            ),
            Field(
                name="timezone",
                label=words.text("my", "new", "timezone"),
                kind="select",
                required=True,
                options=[Option(value=name, label=name, is_chosen=name == zone) for name in names],
            ),
        ]


def _instant(text: str) -> datetime | None:
    try:
        return instant_or_none(text)
    except ValueError:
        return None
