"""A call goes to another agent, whoever may take it and is free: what becomes of a sick agent's calls."""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking import assignment
from slotline.domain.booking.agent_days import move, release
from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call, CallStatus
from slotline.domain.booking.eligibility import Terms
from slotline.domain.booking.timeline import was_assigned
from slotline.domain.shared.errors import CallIsFinal, Conflict, Detail
from slotline.ports.booking import Bookings, Turn
from slotline.usecases.booking.change_call import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """Gives a call to another agent than the one who has its time, by the rule of turns.

    The agent who gets it is counted with a turn, so that many calls are shared out. Whoever had it keeps the turn that
    they had: a turn given back would be owed to somebody who was away.
    """

    bookings: Bookings
    reason: str | None = None

    def __call__(self, call: Call, app: App, now: datetime) -> Change:
        """The change. Raises CallIsFinal, Conflict for a call that has started, or NoAgentAvailable."""
        if call.is_final:
            raise CallIsFinal(f"The call is {call.status}; it does not change any more.")
        if call.status is CallStatus.STARTED:
            message = "The call has started, so it is not passed on any more."
            raise Conflict(message, [Detail(message, "already_started")])
        there = self.bookings.candidates(call.app_id, call.claim.padded, Terms.of_call(call, app.preset))
        candidates = [one for one in there if one.agent.agent_id != call.agent_with_time]
        picked = assignment.pick(candidates, call.claim, now)
        agent = picked.candidate.agent
        after = replace(call, assigned_agent_id=agent.agent_id, held_agent_id=None, turn_agent_id=agent.agent_id)
        old = release(call.agent_with_time, call.claim) if call.agent_with_time else ()
        record = assignment.decision(candidates, picked)
        return Change(
            call=after,
            event_drafts=[was_assigned(call, after, self.reason, record)],
            days=move(old, picked.candidate.agent_days.take(call.claim, now)),
            turn=Turn.of(agent, picked.turns) if agent.agent_id != call.turn_agent_id else None,
        )
