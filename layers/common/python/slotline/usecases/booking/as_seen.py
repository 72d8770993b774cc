"""Changes that somebody decides on who looks at a call: only while it is as they saw it, and only if it is theirs.

Both are asked in the decision itself, on the reading that the change is written on: what another tab, a colleague or
time did meanwhile is never overwritten unseen.
"""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.apps import App
from slotline.domain.booking.calls import Call
from slotline.domain.booking.seen_calls import seen_as
from slotline.domain.shared.errors import Conflict, Detail, NotFound
from slotline.usecases.booking.change_call import Change, Decide

CHANGED = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class AsSeen:
    """The change, if the call still is what was seen."""

    seen: str
    decide: Decide

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises Conflict if somebody changed the call meanwhile, or whatever the decision raises."""
        if seen_as(call) != self.seen:
            message = "Somebody has changed this call meanwhile. Look at it, and decide again."
            raise Conflict(message, [Detail(message, CHANGED)])
        return self.decide(call, app, now)


@dataclass(frozen=True, slots=True)
class OfAgent:
    """The change of a call that is this agent's. Nobody else's is there for them."""

    agent_id: str
    decide: Decide

    def __call__(self, call: Call, app: App, now: datetime) -> Change | None:
        """The change. Raises NotFound, or whatever the decision raises."""
        if call.assigned_agent_id != self.agent_id:
            raise NotFound("There is no such call in this app.")
        return self.decide(call, app, now)
