"""A booking as its agent sees it: all that is known of it, and what can be done with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.lifecycle import may_reopen_until, may_start
from slotline.domain.booking.seen_calls import seen_as
from slotline.domain.booking.shown_answers import labelled_answers, shown_answer
from slotline.domain.booking.week_sheets import Week
from slotline.domain.shared.errors import DomainError, NotFound
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.names import one_line
from slotline.pages.calls.forms import LONGEST_NOTE, LONGEST_REASON, Chosen, hidden, instant_said
from slotline.pages.calls.messages import message_rows
from slotline.pages.calls.names import Names
from slotline.pages.calls.recordings import recording_rows
from slotline.pages.calls.shown import BADGES
from slotline.pages.calls.timeline import Teller
from slotline.pages.kit import LONGEST_ID
from slotline.pages.my.genesys import conversation_of
from slotline.pages.my.ways import Ways
from slotline.pages.my.week import buffers_of, title_of
from slotline.pages.refusals import refusal_text
from slotline.pages.rendering import Page
from slotline.pages.signed import SignedIn
from slotline.words.dates import date_of, span_of, time_of, zone_of, zone_or_utc

if TYPE_CHECKING:
    from slotline.domain.instant.recordings import Recording
    from slotline.usecases.booking.own_calls import OwnCall

DONE = frozenset(
    {"booked", "moved", "confirmed", "started", "reopened", "completed", "missed", "claimed", "noted", "cancelled"}
)
"""What a page may say that was done before it was opened."""
STEPS = frozenset({"move", "hand-over", "cancel", "complete", "no-show", "reopen", "notes"})
"""Changes that have a page which asks for more."""
AT_ONCE = frozenset({"confirm", "start", "claim", "remind"})
"""Changes that a button makes."""
_BECOMES = {"confirm": CallStatus.CONFIRMED, "start": CallStatus.STARTED, "claim": CallStatus.SCHEDULED}
"""What the call is after some of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPages:
    """The pages of one booking, for its agent."""

    signed: SignedIn
    own: "OwnCall"
    once: str
    """An id for the forms of this page."""

    @property
    def zone(self) -> ZoneInfo:
        """Of the agent who looks."""
        agent = next((one for one in self.own.agents if one.agent_id == self.signed.agent_id), None)
        return agent.local_zone if agent else self.signed.zone

    @property
    def ways(self) -> Ways:
        """Addresses around it."""
        return Ways.of(self.signed)

    def page(
        self,
        join_url: str | None,
        guest_url: str | None,
        recordings: "Sequence[Recording]" = (),
        *,
        refused: DomainError | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Page:
        """The booking. `refused`: why what was asked for is not done."""
        own, call, words = self.own, self.own.call, self.signed.texts
        teller = Teller(names=self._names(), zone=self.zone, words=words)
        done = self.signed.asked.query("done")
        context = {
            **self._shared(),
            "join_url": None if call.is_final or call.is_in_pool else join_url,
            "guest_url": None if call.is_in_pool else guest_url,
            "facts": self._facts(),
            "answers": [
                (label, shown_answer(answer, (words.text("form", "yes"), words.text("form", "no"))))
                for label, answer in labelled_answers(call, own.app.preset, self.signed.language)
            ],
            "timeline": teller.lines(own.file.events),
            "messages": message_rows(own.file.messages, teller),
            "recordings": recording_rows(recordings, self.ways.call(call.id), teller.moment),
            "may_do": self.possible(),
            "becomes": {
                name: {"text": words.text("my", "status", status.value), "kind": BADGES[status]}
                for name, status in _BECOMES.items()
            },
            "sent": done == "sent",
            "done": done if done in DONE and refused is None else None,
            "refused": refusal_text(refused, words) if refused else None,
        }
        return self.signed.page("my_call.html", "my", context, status=status, scripts=("copy.js",))

    def possible(self) -> Sequence[str]:
        """What can be done with it now, the likeliest first."""
        call, now = self.own.call, self.own.now
        if call.is_final:
            return []
        if call.is_in_pool:
            return ["claim"]
        if call.status is CallStatus.STARTED:
            undo = ["reopen"] if now < may_reopen_until(call) else []
            return ["complete", "no-show", *undo, "hand-over", "notes"]
        allowed = may_start(call)
        return [
            *(["confirm"] if call.status is CallStatus.PENDING_CONFIRMATION else []),
            *(["start"] if allowed.start <= now < allowed.end else []),
            *(["no-show"] if now >= call.scheduled_at else []),
            "move",
            "hand-over",
            "notes",
            "cancel",
        ]

    def step(
        self,
        name: str,
        agents: Sequence[Mapping[str, Any]] = (),
        *,
        refused: DomainError | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Page:
        """The form of a change. Raises NotFound for a change that there is none of, or not now."""
        if name not in STEPS or (name not in self.possible() and refused is None):
            raise NotFound("There is nothing to change so.")
        asked, call = self.signed.asked, self.own.call
        chosen = Chosen.of(asked, self.zone) or Chosen.at(call.scheduled_at, self.zone)
        meant = instant_said(asked)
        context = {
            **self._shared(),
            "step": name,
            "chosen": chosen,
            "meant": format_instant(meant) if meant else "",
            "first_day": self.own.now.astimezone(self.zone).date().isoformat(),
            "agents": agents,
            "typed": {field: asked.field(field) if refused else "" for field in ("reason", "note", "outcome", "agent")},
            "notes": asked.field("notes") if refused else call.guest.intake_notes or "",
            "longest": {"reason": LONGEST_REASON, "note": LONGEST_NOTE},
            "refused": refusal_text(refused, self.signed.texts) if refused else None,
            "way": self.ways.call(call.id, name),
        }
        return self.signed.page("my_call_step.html", "my", context, status=status)

    def _shared(self) -> dict[str, Any]:
        call, own = self.own.call, self.own
        start = call.scheduled_at.astimezone(self.zone)
        end = start + timedelta(minutes=call.duration_minutes)
        return {
            "call": call,
            "guest": one_line(call.guest.name),
            "service": title_of(own.app.preset, self.signed.language) if call.preset_id else None,
            "state": "pool" if call.is_in_pool else call.status.value,
            "badge": "warn" if call.is_in_pool else BADGES[call.status],
            "day": date_of(self.signed.dates, start),
            "time": span_of(self.signed.dates, start, end),
            "zone": zone_of(self.signed.dates, start),
            "hidden": hidden(seen_as(call), self.once),
            "back": self.ways.week(_week_of(call, self.zone)),
            "way_of": lambda step="": self.ways.call(call.id, step),
        }

    def _facts(self) -> Mapping[str, Any]:
        call, guest = self.own.call, self.own.call.guest
        theirs = zone_or_utc(guest.timezone) if guest.timezone else None
        local = call.scheduled_at.astimezone(theirs) if theirs else None
        is_elsewhere = local and local.utcoffset() != call.scheduled_at.astimezone(self.zone).utcoffset()
        return {
            "elsewhere": {
                "day": date_of(self.signed.dates, local),
                "time": time_of(self.signed.dates, local),
                "zone": zone_of(self.signed.dates, local),
            }
            if local and is_elsewhere
            else None,
            "span": f"{format_instant(call.scheduled_at)}/{format_instant(call.claim.meeting.end)}",
            "kept_free": buffers_of(call, self.signed.texts),
            "phone": guest.phone_e164 or guest.phone,
            "phone_shown": guest.phone,
            "email": guest.email,
            "language": guest.language,
            "notes": guest.intake_notes,
            "source": call.booking_source.value,
            "external_id": call.external_id,
            "conversation": conversation_of(call.metadata),
            "reason": call.cancellation_reason,
        }

    def _names(self) -> Names:
        agents = {agent.agent_id: agent.name for agent in self.own.agents}
        return Names(agents=agents, users=self.own.users)


def call_id_of(signed: SignedIn) -> str:
    """The booking that the address names. Raises NotFound for what no id is as long as."""
    call_id = signed.asked.part("call_id")
    if len(call_id) > LONGEST_ID:
        raise NotFound("There is no such call in this app.")
    return call_id


def _week_of(call: Call, zone: ZoneInfo) -> str:
    return Week.of(call.scheduled_at.astimezone(zone).date()).name
