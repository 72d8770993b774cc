"""What a guest does to their call, each a decision for `ChangeCall`: confirm, cancel, move.

They are the changes that a partner asks for, within what guests may do (`slotline.domain.booking.guest_rights`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking import assignment
from slotline.domain.booking.agent_days import DayChange, move, release
from slotline.domain.booking.apps import App
from slotline.domain.booking.assignment import Candidate
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.eligibility import Terms, is_eligible
from slotline.domain.booking.guest_rights import may_change_agent, why_not_cancel, why_not_confirm, why_not_reschedule
from slotline.domain.booking.requests import check_start
from slotline.domain.booking.timeline import EventDraft, was_assigned, was_rescheduled
from slotline.domain.shared.errors import Conflict, NotEligible, OutsideWorkingHours, SlotTaken
from slotline.ports.booking import Bookings, Turn
from slotline.usecases.booking.call_changes import CancelCall, ConfirmCall
from slotline.usecases.booking.change_call import Change


@dataclass(frozen=True, slots=True)
class ConfirmByGuest:
    """The guest confirms. Again on a confirmed call: nothing to change."""

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises CallIsFinal, or Conflict for a call that has started."""
        if (reason := why_not_confirm(call, now)) is not None:
            raise reason
        return ConfirmCall()(call, app, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelByGuest:
    """The guest cancels, if the preset lets guests. Again on a cancelled call: nothing to change."""

    reason: str | None = None

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises Forbidden, CallIsFinal, or Conflict once the call's time has come."""
        is_done = call.status is CallStatus.CANCELLED and app.preset.guest_can_cancel
        if not is_done and (reason := why_not_cancel(call, app.preset, now)) is not None:
            raise reason
        return CancelCall(reason=self.reason)(call, app, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveByGuest:
    """The guest moves the call, if the preset lets guests, to a time that they would be offered for a new one.

    The agent stays the same if they are free then. If not, and the preset gives guests whoever is available, the
    engine's next takes the call over; where the guest chose an agent, or came by an agent's own link, nobody else does.
    """

    bookings: Bookings
    scheduled_at: datetime
    reason: str | None = None

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises Forbidden, CallIsFinal, InvalidRequest, or Conflict with what is in the way."""
        if (reason := why_not_reschedule(call, app.preset, now)) is not None:
            raise reason
        if self.scheduled_at == call.scheduled_at:
            return None
        check_start(self.scheduled_at, app.preset, now)
        after = replace(call, scheduled_at=self.scheduled_at)
        moved = was_rescheduled(call, after, self.reason)
        terms = Terms.of_call(call, app.preset)
        if call.agent_with_time is None:  # nobody's time yet: but some agent must be able to take it
            assignment.pick(self._candidates(after, terms), after.claim, now)
            return Change(call=after, event_drafts=[moved])
        old = release(call.agent_with_time, call.claim)
        same = self.bookings.candidate(call.app_id, call.agent_with_time, after.claim.padded)
        if same is not None and is_eligible(same.agent, terms) and same.is_free(after.claim, now):
            return Change(call=after, event_drafts=[moved], days=move(old, same.agent_days.take(after.claim, now)))
        if not may_change_agent(call, app):
            raise _in_the_way(same, after, terms)
        return self._handed_over(call, after, moved, terms, old, now)

    def _handed_over(
        self, call: Call, after: Call, moved: EventDraft, terms: Terms, old: tuple[DayChange, ...], now: datetime
    ) -> Change:
        """The moved call with the engine's next. That is a turn of theirs; whose turn the call was gets it back."""
        candidates = self._candidates(after, terms)
        picked = assignment.pick(candidates, after.claim, now)
        agent = picked.candidate.agent
        days = move(old, picked.candidate.agent_days.take(after.claim, now))
        if call.held_agent_id is not None:  # the pool's: its time is held, and nobody's turn is counted
            return Change(call=replace(after, held_agent_id=agent.agent_id), event_drafts=[moved], days=days)
        taken = replace(after, assigned_agent_id=agent.agent_id, turn_agent_id=agent.agent_id)
        decision = assignment.decision(candidates, picked)
        given = [moved, was_assigned(call, taken, "moved_by_guest", decision)]
        if agent.agent_id == call.turn_agent_id:  # a person gave the call away, and the engine gives it back
            return Change(call=taken, event_drafts=given, days=days)
        return Change(
            call=taken,
            event_drafts=given,
            days=days,
            turn=Turn.of(agent, picked.turns),
            turn_back=call.turn_agent_id,
        )

    def _candidates(self, call: Call, terms: Terms) -> Sequence[Candidate]:
        return self.bookings.candidates(call.app_id, call.claim.padded, terms)


def _in_the_way(agent: Candidate | None, call: Call, terms: Terms) -> Conflict:
    """Why the agent cannot have the call then. What else they do is no guest's business."""
    if agent is None or not is_eligible(agent.agent, terms):
        return NotEligible("The agent takes no calls of this kind any more.")
    if agent.agent.works_all_of(call.claim.meeting):
        return SlotTaken("That time is not free.")
    return OutsideWorkingHours("The agent does not work then.")
