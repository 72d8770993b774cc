"""Being woken later: due rows, queues, schedules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # every door imports ports, and few need all that they speak of
    from slotline.domain.shared.due import Due


class QueueBusyError(Exception):
    """A wake-up may not have been sent, or not be scheduled; it may be sent again."""


class Queues(Protocol):
    """Where what is due waits for the function that does it."""

    def send(self, due: Sequence[Due], now: datetime) -> None:
        """Send each to the queue of its kind, held back until it is due, and 15 minutes at most.

        Raises QueueBusyError; some may have been sent by then.
        """
        ...


class Schedules(Protocol):
    """What wakes the system up at a minute."""

    def wake(self, minute: datetime) -> None:
        """Have `FireDue` run for this minute, ahead of it; once, however often this is asked. Raises QueueBusyError."""
        ...


class Timers(Protocol):
    """The rows that act later, by the time they are due. Every method may raise StoreBusyError."""

    def between(self, start: datetime, end: datetime) -> Iterator[Sequence[Due]]:
        """What is due from `start` up to but not at `end`, a page at a time; what was written just now may be missing.

        Both are in one hour.
        """
        ...

    def claim_minute(self, minute: datetime, now: datetime) -> bool:
        """Whether the minute's schedule is the caller's to make; False where it is made.

        Raises QueueBusyError while another is making it.
        """
        ...

    def minute_made(self, minute: datetime) -> None:
        """The minute has its schedule."""
        ...

    def swept_until(self) -> datetime | None:
        """The moment up to which everything due was looked for; None before the first time."""
        ...

    def swept(self, until: datetime) -> None:
        """Everything due before this moment was looked for."""
        ...


class DeadLetters(Protocol):
    """Where what nobody can act on is put aside for a person."""

    def put(self, letter: Mapping[str, object]) -> None:
        """Put it aside. Raises QueueBusyError."""
        ...
