"""The times to which a guest may move their call: those of the agent who has it, or of whoever may take it over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.guest_rights import may_change_agent, why_not_reschedule
from slotline.domain.booking.slots import SlotQuery, Slots
from slotline.domain.shared.errors import InvalidRequest, NotFound
from slotline.ports.booking import Calendars
from slotline.ports.shared import Clock
from slotline.usecases.booking.guest_calls import OpenGuestLink
from slotline.usecases.booking.search_slots import search_slots

LONGEST_LOOK = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchGuestsSlots:
    """Searches for a call that is there."""

    open_link: OpenGuestLink
    calendars: Calendars
    clock: Clock

    def __call__(self, token: str, start: datetime, end: datetime) -> Slots:
        """What `MoveByGuest` would accept now. Raises NotFound, InvalidRequest, or why the guest may not move it."""
        opened = self.open_link(token)
        self._check_movable(opened.call, opened.app)
        if end - start > LONGEST_LOOK:
            raise InvalidRequest.of_field("toUtc", f"must be within {LONGEST_LOOK.days} days of fromUtc")
        return self.of(opened.app, opened.call, start, end)

    def of(self, app: App, call: Call, start: datetime, end: datetime) -> Slots:
        """The same for a call that was opened before. Raises why its guest may not move it."""
        self._check_movable(call, app)
        query = SlotQuery(
            app_id=call.app_id,
            start=start,
            end=end,
            agent_id=None if may_change_agent(call, app) else call.assigned_agent_id,
            duration_minutes=call.duration_minutes,
            buffer_before_minutes=call.buffer_before_minutes,
            buffer_after_minutes=call.buffer_after_minutes,
            required_tags=call.required_tags,
            agent_ids=call.agent_ids,
            preset_id=call.preset_id,
            moving=call.id,
        )
        try:
            return search_slots(self.calendars, self.clock, query, app)
        except NotFound:  # the agent takes no more calls
            return Slots(agent_ids=[], length_minutes=call.duration_minutes, starts=[])

    def _check_movable(self, call: Call, app: App) -> None:
        if (reason := why_not_reschedule(call, app.preset, self.clock.now())) is not None:
            raise reason
