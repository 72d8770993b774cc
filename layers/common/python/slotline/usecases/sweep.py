"""Look for what should have been woken and was not: an outage delays, it never loses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.due import HOUR, hour_of, minute_of
from slotline.ports import Clock, Queues, Timers

PATIENCE = timedelta(minutes=2)
"""What has been due for less is likely to be in its queue, or at work."""

FIRST_LOOK = timedelta(days=1)
"""How far back a sweep looks where none has ever been."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did: how many rows were overdue, and up to when it has looked."""

    overdue: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The use case, with what it uses."""

    timers: Timers
    queues: Queues
    clock: Clock

    def __call__(self, has_time: Callable[[], bool]) -> Swept:
        """Walk on from where the last sweep came, an hour at a time while there is time.

        Raises QueueBusyError or StoreBusyError: the next sweep begins where this one stopped.
        """
        target = minute_of(self.clock.now()) - PATIENCE
        at, overdue = self.timers.swept_until() or target - FIRST_LOOK, 0
        while at < target and has_time():
            end = min(hour_of(at) + HOUR, target)
            for page in self.timers.between(at, end):
                self.queues.send(page, self.clock.now())
                overdue += len(page)
            self.timers.swept(end)
            at = end
        return Swept(overdue=overdue, until=at)
