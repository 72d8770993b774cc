"""Bring what is derived from scheduled calls up to them: what counts them, and by which rows they are found."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.calls import Call
from slotline.ports.booking import Calls
from slotline.ports.shared import Derived
from slotline.usecases.shared.derive import Derive


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveCalls:
    """Calls that something happened to, as they are now: never older than what happened."""

    calls: Calls
    derive: Derive
    derived_of: Callable[[Call], Derived]

    def __call__(
        self, places: Collection[tuple[str, str]], others: Sequence[Derived], since: datetime | None = None
    ) -> int:
        """How many were put aside. `others`: what follows from calls that were deleted, and from messages that went
        out. `since`: when the oldest of it happened.

        Raises StoreBusyError or QueueBusyError: all may be brought again.
        """
        found = self.calls.several(places) if places else []
        unreadable = [call_id for _, call_id, call in found if call is None]
        for call_id in unreadable:
            self.derive.put_aside(call_id, "nobody can read this call")
        changes = [self.derived_of(call) for _, _, call in found if call is not None]
        return len(self.derive([*changes, *others], since)) + len(unreadable)
