"""The world's own clock, ids and waits, behind their ports."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from slotline.ids import new_id
from slotline.ports.shared import Clock

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


@dataclass(frozen=True, slots=True)
class FullJitter:
    """`Backoff` with full jitter: anything up to a bound that doubles, so that those who collided part ways."""

    first_seconds: float = FIRST_WAIT_SECONDS
    longest_seconds: float = LONGEST_WAIT_SECONDS

    def pause(self, attempt: int) -> None:
        """Wait up to `first * 2**(attempt - 1)` seconds."""
        bound = min(self.first_seconds * 2 ** (attempt - 1), self.longest_seconds)
        time.sleep(random.uniform(0, bound))  # noqa: S311 - spreads load, guards nothing
