"""Stand in line: who lost a race for what everybody wants tries again one at a time, not all at once.

The line decides nothing. Whoever is at its head writes under the same conditions as everybody else, so a lease that ran
out, or somebody who never stood in line, costs another try and no more.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from slotline.ports import Backoff, Clock, Leases, StoreBusyError

LEASE = timedelta(seconds=2)
"""Longer than a try takes. Somebody who was stopped in the middle of one keeps the others waiting no longer."""


@dataclass(slots=True, kw_only=True)
class Line:
    """One request's place in a line of its app."""

    leases: Leases
    clock: Clock
    backoff: Backoff
    app_id: str
    name: str
    holder: str
    patience: timedelta
    _joined: datetime | None = field(default=None, init=False)
    _looks: int = field(default=0, init=False)
    _at_head: bool = field(default=False, init=False)

    def stand(self) -> bool:
        """Wait for the head of the line, or stay there; False where patience ran out first."""
        self._joined = self._joined or self.clock.now()
        while (now := self.clock.now()) - self._joined < self.patience:
            try:
                self._at_head = self.leases.take(self.app_id, self.name, self.holder, now, now + LEASE)
            except StoreBusyError:
                self._at_head = False
            if self._at_head:
                return True
            self._looks += 1
            self.backoff.pause(self._looks)
        return False

    def __enter__(self) -> Self:
        """Nobody stands in line until they say so."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next one go."""
        if self._at_head:
            with suppress(StoreBusyError):  # then the lease runs out by itself
                self.leases.give_back(self.app_id, self.name, self.holder)
