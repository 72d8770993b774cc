"""Those who wait for the engine's turn, in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from tests.support.memory.faults import Faults


@dataclass
class _Queue:
    drawn: int
    served: int
    turn_until: datetime


@dataclass
class MemoryTicketQueue:
    """`TicketQueue` in memory."""

    faults: Faults = field(default_factory=Faults)
    queues: dict[tuple[str, str], _Queue] = field(default_factory=dict)

    def draw(self, app_id: str, name: str, now: datetime) -> int:
        """A number behind all that were drawn."""
        with self.faults.around(self.faults.counts):
            queue = self.queues.setdefault((app_id, name), _Queue(drawn=0, served=0, turn_until=now))
            queue.drawn += 1
            return queue.drawn

    def ahead(self, app_id: str, name: str, number: int, now: datetime, until: datetime) -> int:
        """How many are before it."""
        with self.faults.around(self.faults.counts):
            queue = self.queues[app_id, name]
            if queue.served == number - 1 or (queue.served < number - 1 and queue.turn_until <= now):
                queue.served, queue.turn_until = number - 1, until
            return max(0, number - 1 - queue.served)

    def leave(self, app_id: str, name: str, number: int, until: datetime) -> None:
        """Its turn is over."""
        with self.faults.around(self.faults.counts):
            queue = self.queues[app_id, name]
            if queue.served == number - 1:
                queue.served, queue.turn_until = number, until
