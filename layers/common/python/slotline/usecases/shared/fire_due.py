"""A minute begins soon: send its rows to their queues, each held back to its second."""

from dataclasses import dataclass
from datetime import datetime

from slotline.domain.shared.due import MINUTE
from slotline.ports.shared import Clock, Queues, Timers


@dataclass(frozen=True, slots=True, kw_only=True)
class FireDue:
    """Sends a minute's due rows to their queues."""

    timers: Timers
    queues: Queues
    clock: Clock

    def __call__(self, minute: datetime) -> int:
        """How many were sent. Raises QueueBusyError or StoreBusyError: the minute may be fired again."""
        sent = 0
        for page in self.timers.between(minute, minute + MINUTE):
            self.queues.send(page, self.clock.now())
            sent += len(page)
        return sent
