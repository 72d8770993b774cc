"""Ids and waits, as tests want them: in order, and without waiting."""

from dataclasses import dataclass, field
from math import inf


@dataclass
class NumberedIds:
    """`Ids` that count up, in the shape of a UUID of version 7."""

    made: int = 0

    def new(self) -> str:
        """The next one."""
        self.made += 1
        return f"01960000-0000-7000-8000-{self.made:012x}"


@dataclass
class RecordedBackoff:
    """`Backoff` that waits for nothing and remembers what it was asked. `fits`: for how many tries there is time."""

    pauses: list[int] = field(default_factory=list)
    fits: float = inf

    def pause(self, attempt: int) -> bool:
        """Remember the attempt."""
        self.pauses.append(attempt)
        return len(self.pauses) <= self.fits
