"""Bring what is derived from subjects up to them. Again, or late: nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from slotline.ports.shared import Backoff, DeadLetters, Derivations, Derived, RaceLost, StoreBusyError, Underivable
from slotline.usecases.shared.retrying import retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Derive:
    """The changes of one batch, together. One that can never be written is put aside and holds up no other."""

    derivations: Derivations
    dead_letters: DeadLetters
    backoff: Backoff

    def __call__(self, changes: Sequence[Derived]) -> Sequence[str]:
        """The subjects that were put aside. Raises StoreBusyError or QueueBusyError: all may be brought again."""
        if not changes:
            return []
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
