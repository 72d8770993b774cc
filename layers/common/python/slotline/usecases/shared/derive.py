"""Bring what is derived from subjects up to them. Again, or late: nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from slotline.ports.shared import (
    Backoff,
    Clock,
    DeadLetters,
    Derivations,
    Derived,
    RaceLost,
    StoreBusyError,
    Underivable,
)
from slotline.usecases.shared.retrying import retry

HOLDS_UP_FOR = timedelta(minutes=15)
"""How long a batch may hold up the ones behind it: webhooks are made from the same stream, and a recount makes none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive:
    """The changes of one batch, together. One that can never be written is put aside and holds up no other.

    Nor does one that the store has been too busy to write for a while: an alarm tells of it, and a recount mends it.
    """

    derivations: Derivations
    dead_letters: DeadLetters
    backoff: Backoff
    clock: Clock

    def __call__(self, changes: Sequence[Derived], since: datetime | None = None) -> Sequence[str]:
        """The subjects that were put aside. `since`: when the batch's oldest change was made.

        Raises StoreBusyError or QueueBusyError: all may be brought again.
        """
        if not changes:
            return []
        try:
            return self._put_aside_if_never(changes)
        except StoreBusyError as busy:
            if since is None or since + HOLDS_UP_FOR > self.clock.now():
                raise
            for change in changes:  # some may have been written; a recount finds nothing to mend in them
                self.put_aside(change.subject, f"the store is busy: {busy}", change.version)
        return [change.subject for change in changes]

    def _put_aside_if_never(self, changes: Sequence[Derived]) -> Sequence[str]:
        try:
            self._apply(changes)
        except Underivable:
            return [change.subject for change in changes if self._is_put_aside(change)]
        return []

    def put_aside(self, subject: str, reason: str, version: int | None = None) -> None:
        """Put a subject aside for a person. Raises QueueBusyError."""
        self.dead_letters.put({"subject": subject, "version": version, "reason": reason})

    def _is_put_aside(self, change: Derived) -> bool:
        try:
            self._apply([change])
        except Underivable as reason:
            self.put_aside(change.subject, str(reason), change.version)
            return True
        return False

    def _apply(self, changes: Sequence[Derived]) -> None:
        # What a try has written by then is no news to the next one.
        retry(partial(self.derivations.apply, changes), self.backoff, on=(RaceLost, StoreBusyError))
