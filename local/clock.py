"""The local system's clock, which may be moved on: every process of it at once."""

from datetime import UTC, datetime
from typing import Protocol

from local.shifted_time import move_to


class Moved(Protocol):
    """A part of the system that has processes of its own."""

    def move_clock(self, offset: float) -> None:
        """From now on they are this many seconds ahead of the machine's clock."""
        ...


class LocalClock:
    """How far the system is ahead of the machine it runs on."""

    def __init__(self, *parts: Moved) -> None:
        self._parts = [*parts]
        self.offset = 0.0

    def moves(self, part: Moved) -> None:
        """This part too, from now on."""
        part.move_clock(self.offset)
        self._parts.append(part)

    def advance(self, seconds: float) -> datetime:
        """Move everything on; the present instant then, in UTC."""
        self.offset += seconds
        for part in self._parts:
            part.move_clock(self.offset)
        move_to(self.offset)
        return self.now()

    def now(self) -> datetime:
        """The system's present instant, in UTC."""
        return datetime.now(UTC)
