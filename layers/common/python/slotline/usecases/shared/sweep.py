"""Look for what should have been woken and was not: an outage delays, it never loses.

Whatever is overdue is woken once when it has been so for two minutes, and again after longer and longer. The last
wake-ups are for what was woken in vain: while the function behind a queue fails, SQS puts its messages aside after a
quarter of an hour, and the row is all that still knows of the work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from slotline.domain.shared.due import HOUR, hour_of, minute_of
from slotline.ports.shared import Clock, Queues, Timers

PATIENCE = timedelta(minutes=2)
"""What has been due for less is likely to be in its queue, or at work."""

FIRST_LOOK = timedelta(days=1)
"""How far back a sweep looks where none has ever been."""

AGAIN_AFTER = (timedelta(minutes=20), timedelta(hours=2), timedelta(hours=24))
"""What is still due so long after it was woken by a sweep is woken once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did: how many rows were overdue, and up to when it has looked."""

    overdue: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Wakes what is overdue."""

    timers: Timers
    queues: Queues
    clock: Clock

    def __call__(self, has_time: Callable[[], bool]) -> Swept:
        """Walk on from where the last sweep came, an hour at a time while there is time.

        Raises QueueBusyError or StoreBusyError: the next sweep begins where this one stopped.
        """
        target = minute_of(self.clock.now()) - PATIENCE
        began = self.timers.swept_until()
        at, overdue = began or target - FIRST_LOOK, 0
        while at < target and has_time():
            end = min(hour_of(at) + HOUR, target)
            overdue += self._wake(at, end)
            for earlier in AGAIN_AFTER if began else ():  # what this very sweep has woken is not overdue again
                overdue += self._wake(at - earlier, min(end - earlier, began or at))
            self.timers.swept(end)
            at = end
        return Swept(overdue=overdue, until=at)

    def _wake(self, start: datetime, end: datetime) -> int:
        """Send what is due from `start` up to but not at `end` to its queues; how many that were."""
        sent = 0
        while start < end:
            stop = min(hour_of(start) + HOUR, end)
            for page in self.timers.between(start, stop):
                self.queues.send(page, self.clock.now())
                sent += len(page)
            start = stop
        return sent
