"""Faults on order, for ports in memory: what a store does on a bad day."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

from slotline.ports.shared import StoreBusyError


class Crashed(BaseException):
    """The process died here. No `except Exception` outlives a process, so none catches this."""


class Fault(Enum):
    """What goes wrong with one effect."""

    BUSY = auto()
    """Refused before anything happened: throttled, or in another transaction's way."""
    LOST_ANSWER = auto()
    """It happened, and the answer never came."""
    CRASH_BEFORE = auto()
    CRASH_AFTER = auto()


@dataclass(frozen=True)
class Faults:
    """The faults to come, in order, of each kind of effect; an effect that finds none goes well."""

    reads: deque[Fault | None] = field(default_factory=deque)
    commits: deque[Fault | None] = field(default_factory=deque)
    counts: deque[Fault | None] = field(default_factory=deque)

    @contextmanager
    def around(self, planned: deque[Fault | None]) -> Iterator[None]:
        """Run an effect under the next fault that was planned for its kind."""
        fault = planned.popleft() if planned else None
        if fault is Fault.BUSY:
            raise StoreBusyError("ordered by a test")
        if fault is Fault.CRASH_BEFORE:
            raise Crashed
        try:
            yield
        finally:  # a refusal is an answer too, and is lost like one
            if fault is Fault.LOST_ANSWER:
                raise StoreBusyError("the answer was lost")
            if fault is Fault.CRASH_AFTER:
                raise Crashed
