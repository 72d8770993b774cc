"""A booking's page in the console: all that is known of it, and what is done with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from slotline.domain.access.permissions import Permission
from slotline.domain.booking.apps import Preset
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.guest_links import LinkKeys
from slotline.domain.booking.lifecycle import may_have_been_held
from slotline.domain.booking.role_tokens import host_url
from slotline.domain.shared.errors import Conflict, DomainError, Forbidden, InvalidRequest, NotFound, Unavailable
from slotline.http.core.urls import rooms_at
from slotline.pages.calls.acting import change
from slotline.pages.calls.names import Names, accounts_in
from slotline.pages.calls.record import Possible, shown_call, shown_choice, shown_messages
from slotline.pages.calls.recordings import RecordingRow, recording_rows
from slotline.pages.calls.shown import CallWords
from slotline.pages.calls.timeline import Teller
from slotline.pages.console.calls import base_of
from slotline.pages.kit import Redirect
from slotline.pages.refusals import refusal_text
from slotline.pages.rendering import Page
from slotline.pages.signed import Answer, SignedIn
from slotline.ports.access import Users
from slotline.ports.apps import Agents, Presets
from slotline.ports.booking import Bookings, Calls, GuestLinkKeys
from slotline.ports.instant import Recordings
from slotline.ports.shared import Clock, StoreBusyError
from slotline.settings import Settings
from slotline.usecases.booking.change_call import ChangeCall, Decide
from slotline.usecases.booking.read_calls import read_call_file

REFUSED = (Conflict, Forbidden, InvalidRequest, Unavailable)
"""What a page says beside the call that it is about."""
LONGEST_REASON = 500
_DONE = frozenset(
    {"confirmed", "moved", "assigned", "cancelled", "started", "reopened", "completed", "missed", "edited", "reminded"}
    | {"booked", "resent"}
)
_BECOMES = {"confirm": CallStatus.CONFIRMED, "start": CallStatus.STARTED}
"""What a call is after the changes that a button makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPages:
    """The pages of one booking, on the ports that they read from and the use cases that they run."""

    calls: Callable[[], Calls]
    agents: Callable[[], Agents]
    presets: Callable[[], Presets]
    users: Callable[[], Users]
    bookings: Callable[[], Bookings]
    change_call: Callable[[], ChangeCall]
    link_keys: Callable[[], GuestLinkKeys]
    recordings: Callable[[], Recordings]
    settings: Settings
    clock: Clock

    def show(self, signed: SignedIn, refused: str | None = None) -> Page:
        """GET /console/{app_id}/calls/{call_id}. `refused`: why what was asked for was not done."""
        app_id, call_id, now = signed.app.app_id, signed.asked.part("call_id"), self.clock.now()
        found = read_call_file(self.calls(), app_id, call_id)
        call, words = found.call, self.words(signed)
        people = {one.user_id: one.name for one in self.users().several(accounts_in(found.events))}
        teller = Teller(names=Names(agents=words.agents, users=people), zone=words.zone, words=words.texts)
        rooms = rooms_at(self.settings, signed.asked.event)
        join = f"{rooms}/c/{call.id}"
        possible = Possible.with_call(call, now)
        done = signed.asked.query("done")
        return signed.page(
            "console_call.html",
            "calls",
            {
                "base": base_of(signed),
                "here": way_to(signed, call_id),
                "call": shown_call(call, words, self._preset_of(call)),
                "join": join,
                "host": self._link(signed, lambda keys: host_url(keys, call, rooms, now))
                if not call.is_final
                else None,
                "guest_link": self._link(signed, lambda keys: keys.url_of(call, rooms, now)),
                "possible": possible,
                "becomes": {step: words.status(status) for step, status in _BECOMES.items()},
                "may_change": signed.may(Permission.CHANGE_CALLS),
                "may_see_deliveries": signed.may(Permission.CHANGE_WEBHOOKS),
                "messages": shown_messages(call, found.messages, teller),
                "recordings": self._recordings(signed, call, teller),
                "events": [(line, shown_choice(line.decision, words)) for line in teller.lines(found.events)],
                "done": done if done in _DONE and not refused else None,
                "refused": refused,
            },
            live="console_call_parts.html",
            status=HTTPStatus.CONFLICT if refused else HTTPStatus.OK,
        )

    def words(self, signed: SignedIn) -> CallWords:
        """How this reader reads calls."""
        app_id = signed.app.app_id
        return CallWords.of(signed, self.clock.now(), self.agents().all(app_id)[1], self.presets().all(app_id)[1])

    def act(self, signed: SignedIn, decide: Decide, done: str) -> Answer:
        """Make a change, and go back to the booking, which says that it is done; or say there why it is not."""
        try:
            change(signed, self.change_call, signed.asked.part("call_id"), decide)
        except REFUSED as error:
            return self.show(signed, self.refusal(signed, error))
        return Redirect(f"{way_to(signed, signed.asked.part('call_id'))}?done={done}")

    def refusal(self, signed: SignedIn, error: DomainError) -> str:
        """Why something was not done, in the reader's words."""
        return refusal_text(error, signed.texts)

    def call_of(self, signed: SignedIn) -> Call:
        """The call that the address names. Raises NotFound."""
        found = self.calls().get(signed.app.app_id, signed.asked.part("call_id"))
        if found is None:
            raise NotFound("There is no such call in this app.")
        return found[0]

    def _recordings(self, signed: SignedIn, call: Call, teller: Teller) -> Sequence[RecordingRow]:
        """Of a call in which somebody talked, for whoever may download them."""
        if not signed.may(Permission.DOWNLOAD_RECORDINGS) or not may_have_been_held(call):
            return ()
        return recording_rows(self.recordings().of(call.id), way_to(signed, call.id), teller.moment)

    def _preset_of(self, call: Call) -> Preset | None:
        """The rules that it was booked under: as they were then, or else as they are."""
        if call.preset_id is None or not call.answers:
            return None
        if call.preset_revision is not None:
            _, found = self.presets().at_revision(call.app_id, call.preset_id, call.preset_revision)
            if found is not None:
                return found
        _, kept = self.presets().find(call.app_id, call.preset_id)
        return kept.preset if kept else None

    def _link(self, signed: SignedIn, made: Callable[[LinkKeys], str]) -> str | None:
        """A link that makes somebody the guest or the host, for whoever may change the call anyway."""
        if not signed.may(Permission.CHANGE_CALLS):
            return None
        try:
            return made(self.link_keys()())
        except StoreBusyError:
            return None


def way_to(signed: SignedIn, call_id: str) -> str:
    """The address of a booking's page."""
    return f"{base_of(signed)}/{quote(call_id, safe='')}"
