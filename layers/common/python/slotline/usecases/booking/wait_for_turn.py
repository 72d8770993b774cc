"""Wait for a turn: requests that lost a race for the same thing try again one at a time, not all at once.

The queue decides nothing. Whoever is at its head writes under the same conditions as everybody else. So a turn that ran
out, or a request that never drew a ticket, costs another try and no more.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from slotline.ports.booking import TicketQueue
from slotline.ports.shared import Backoff, Clock, StoreBusyError

TURN = timedelta(seconds=2)
"""Longer than a try takes. Somebody who was stopped in the middle of one keeps the others waiting no longer."""
CALLED = timedelta(seconds=1)
"""How long the next ticket has to ask: longer than the waits between its questions, but for one who gave up."""


@dataclass(slots=True, kw_only=True)
class QueueTicket:
    """One request's place in a queue of its app."""

    ticket_queue: TicketQueue
    clock: Clock
    backoff: Backoff
    app_id: str
    name: str
    patience: timedelta
    _gives_up_at: datetime | None = field(default=None, init=False)
    _number: int | None = field(default=None, init=False)
    _at_head: bool = field(default=False, init=False)

    def wait_for_turn(self) -> bool:
        """Wait for the head of the queue, or stay there; False if patience or time ran out, or the store is busy."""
        self._gives_up_at = self._gives_up_at or self.clock.now() + self.patience
        with suppress(StoreBusyError):
            while (now := self.clock.now()) < self._gives_up_at:
                if self._number is None:
                    self._number = self.ticket_queue.draw(self.app_id, self.name, now)
                ahead = self.ticket_queue.ahead(self.app_id, self.name, self._number, now, now + TURN)
                self._at_head = ahead == 0
                if self._at_head:
                    return True
                if not self.backoff.pause(ahead.bit_length() + 2):  # who is far behind need not ask often
                    break
        return False

    def __enter__(self) -> Self:
        """No ticket is drawn until somebody waits."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next one go."""
        if self._at_head and self._number is not None:
            with suppress(StoreBusyError):  # then the turn runs out by itself
                self.ticket_queue.leave(self.app_id, self.name, self._number, self.clock.now() + CALLED)
