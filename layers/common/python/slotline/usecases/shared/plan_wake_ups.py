"""See to it that rows which have just become due at some moment are woken then."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from slotline.domain.shared.due import STRAIGHT_WITHIN, Due, minute_of
from slotline.ports.shared import Clock, Queues, Schedules, Timers

MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWakeUps:
    """Has rows that have just become due woken then. `known`: minutes that this process knows to be seen to."""

    timers: Timers
    queues: Queues
    schedules: Schedules
    clock: Clock
    known: set[datetime] = field(default_factory=set)

    def __call__(self, due: Sequence[Due]) -> int:
        """What is due soon goes to its queue; for the rest every minute gets its schedule, if it has none.

        How many schedules that made. Raises QueueBusyError or StoreBusyError: all of it may be planned again.
        """
        now, made = self.clock.now(), 0
        self.queues.send([one for one in due if one.at <= now + STRAIGHT_WITHIN], now)
        for minute in sorted({minute_of(one.at) for one in due if one.at > now + STRAIGHT_WITHIN} - self.known):
            if self.timers.claim_minute(minute, now):
                self.schedules.wake(minute)
                self.timers.minute_made(minute)
                made += 1
            if len(self.known) >= MOST_REMEMBERED:
                self.known.clear()
            self.known.add(minute)
        return made
