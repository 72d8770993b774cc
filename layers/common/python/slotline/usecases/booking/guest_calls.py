"""A guest comes with their link: open it, look at the call behind it, change it.

Whatever is wrong with a link, it is refused in one way: after the same requests to the store, and in the same words.
So nobody learns from an answer, or from how long it took, whether there is such a call, or ever was such a link.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.access.rate_limits import no_rate_limit
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Actor, ActorType, Call, EventType
from slotline.domain.booking.guest_links import GuestLink, no_such_link
from slotline.domain.booking.guest_rights import GuestsLook
from slotline.domain.shared.idempotency import IdempotencyKey
from slotline.domain.shared.instants import instant_or_none
from slotline.ports.apps import Agents
from slotline.ports.booking import Bookings, Calls, GuestLinkKeys
from slotline.usecases.booking.change_call import Change, ChangeCall, Decide

GUEST = Actor(type=ActorType.GUEST)
"""Nobody else has the link, so a name would say nothing more; and none of the guest's own belongs on a timeline."""
NOWHERE = "00000000-0000-0000-0000-000000000000"
"""What is read for a link that opens nothing: never what a forged one says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestsCall:
    """The call behind a link, with its app, and the link."""

    app: App
    call: Call
    link: GuestLink


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGuestLink:
    """Finds the call behind a link."""

    keys: GuestLinkKeys
    calls: Calls
    bookings: Bookings

    def __call__(self, token: str) -> GuestsCall:
        """The call. Raises NotFound for every link that opens nothing, and StoreBusyError."""
        link = self.keys().opened(token)
        call_id = link.call_id if link else NOWHERE
        app_id = self.calls.app_of(call_id) or NOWHERE
        seen = self.bookings.read_for_change(app_id, call_id, None)
        if link is None or seen.app is None or seen.call is None or not link.is_of(seen.call.contact_epoch):
            raise no_such_link()
        return GuestsCall(app=seen.app, call=seen.call, link=link)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtGuestsCall:
    """Shows a guest their call. It changes nothing: programs that check mails for harm follow every link."""

    open_link: OpenGuestLink
    calls: Calls
    agents: Agents

    def __call__(self, token: str) -> GuestsLook:
        """The call. Raises NotFound, or StoreBusyError."""
        opened = self.open_link(token)
        return self.of(opened.app, opened.call)

    def of(self, app: App, call: Call) -> GuestsLook:
        """A call that was opened before, as its guest is shown it."""
        return GuestsLook(app=app, call=call, agent_name=self._agent_name(call), moved_from=self._moved_from(call))

    def _agent_name(self, call: Call) -> str | None:
        if call.assigned_agent_id is None:
            return None
        _, agent = self.agents.find(call.app_id, call.assigned_agent_id)
        return agent.name if agent else None

    def _moved_from(self, call: Call) -> datetime | None:
        """The start before the last move, by the timeline."""
        found = self.calls.get(call.app_id, call.id)
        # The call may be that of an earlier answer, which is given again: what came later is no part of it.
        events = [event for event in found[1] if event.revision <= call.revision] if found else []
        moves = [event for event in events if event.event_type is EventType.RESCHEDULED]
        before = moves[-1].payload.get("old_scheduled_at") if moves else None
        return before if isinstance(before, datetime) else instant_or_none(str(before) if before else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedByGuest:
    """The call as it is then, with its app. `replayed`: an earlier request with the same key changed it."""

    app: App
    call: Call
    answered_at: datetime
    replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGuestsCall:
    """Changes a call as its guest."""

    open_link: OpenGuestLink
    change_call: ChangeCall

    def __call__(self, token: str, decide: Decide, key_of: Callable[[Call], IdempotencyKey | None]) -> ChangedByGuest:
        """Run one change. Raises NotFound for every link that opens nothing, and what the decision raises.

        A link may end between the look at it and the change: the decision is for a call whose guest it still is.
        """
        opened = self.open_link(token)

        def decide_for_guest(call: Call, app: App, now: datetime) -> Change | None:
            if not opened.link.is_of(call.contact_epoch):
                raise no_such_link()
            return decide(call, app, now)

        call = opened.call
        changed = self.change_call(call.app_id, call.id, decide_for_guest, GUEST, key_of(call), no_rate_limit)
        return ChangedByGuest(
            app=opened.app, call=changed.call, answered_at=changed.answered_at, replayed=changed.replayed
        )
