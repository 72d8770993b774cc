"""A hold's time is up: nobody may wait for it any more, and its row of the agent's day goes."""

from dataclasses import dataclass

from slotline.domain.booking.agent_days import release
from slotline.domain.shared.due import Due
from slotline.ports.booking import Holds


@dataclass(frozen=True, slots=True, kw_only=True)
class EndHold:
    """Ends a hold whose time is up."""

    holds: Holds

    def __call__(self, due: Due) -> bool:
        """Whether there was anything to end."""
        hold = self.holds.due(due)
        if hold is None:
            return False
        self.holds.end(hold, release(hold.hold.agent_id, hold.hold.claim))
        return True
