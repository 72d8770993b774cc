"""The world's own clock, ids and waits, behind their ports."""

import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from slotline.ids import new_id
from slotline.ports.shared import Clock, Deadline

ANSWERING = timedelta(milliseconds=500)
"""What an invocation needs at its end: to make its answer, and to write its log and its metrics."""

LONGEST_INVOCATION = timedelta(minutes=15)
"""AWS Lambda quotas, function timeout; also what a command of the operator has, which nobody ends."""

FIRST_WAIT_SECONDS = 0.02
LONGEST_WAIT_SECONDS = 0.6


class SystemClock:
    """`Clock` of this machine."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class SleepingWaits:
    """`Waits` by this machine's clock."""

    clock: Clock

    def until(self, at: datetime) -> None:
        """Sleep until then."""
        time.sleep(max(0.0, (at - self.clock.now()).total_seconds()))


class RandomIds:
    """`Ids` of version 7."""

    def new(self) -> str:
        """A new id."""
        return new_id()


class InvocationDeadline:
    """`Deadline` of the invocation that this process works on: as in Lambda, one at a time."""

    def __init__(self) -> None:
        self._context: object = None

    def begin(self, context: object) -> None:
        """An invocation begins. `context` is Lambda's; anything else is taken for work that nobody ends."""
        self._context = context

    def left(self) -> timedelta:
        """What Lambda's context says, less the time for the answer."""
        remaining = getattr(self._context, "get_remaining_time_in_millis", None)
        if remaining is None:
            return LONGEST_INVOCATION
        return max(timedelta(milliseconds=remaining()) - ANSWERING, timedelta(0))


@dataclass(frozen=True, slots=True)
class FullJitter:
    """`Backoff` with full jitter: anything up to a bound that doubles, so that those who collided part ways.

    `a_try`: how much time must be left for one.
    """

    deadline: Deadline = field(default_factory=InvocationDeadline)
    a_try: timedelta = timedelta(0)
    first_seconds: float = FIRST_WAIT_SECONDS
    longest_seconds: float = LONGEST_WAIT_SECONDS

    def pause(self, attempt: int) -> bool:
        """Wait up to `first * 2**(attempt - 1)` seconds."""
        bound = min(self.first_seconds * 2 ** (attempt - 1), self.longest_seconds)
        if self.deadline.left() < timedelta(seconds=bound) + self.a_try:
            return False
        time.sleep(random.uniform(0, bound))  # noqa: S311 - spreads load, guards nothing
        return True
