"""How often a client may ask: three windows at once, of a calendar minute, hour and day (UTC)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

KEPT_FOR = timedelta(days=90)
"""How long a credential's counters are kept: so long it is known when it was last used."""


class Window(StrEnum):
    """A window, by the name that `X-RateLimit-Window` gives it."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


_LENGTH = {
    Window.MINUTE: timedelta(minutes=1),
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
}


def window_end(window: Window, now: datetime) -> datetime:
    """When the window that `now` stands in is over."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    length = _LENGTH[window]
    return midnight + ((now - midnight) // length + 1) * length


@dataclass(frozen=True, slots=True, kw_only=True)
class RateState:
    """Where a principal stands in its tightest window, this request counted."""

    window: Window
    limit: int
    used: int
    resets_at: datetime
    retry_after_seconds: int
    allowed: bool

    @property
    def remaining(self) -> int:
        """Requests left in the window."""
        return max(self.limit - self.used, 0)


def rate_state(limits: Mapping[Window, int], used: Mapping[Window, int], now: datetime, *, allowed: bool) -> RateState:
    """The tightest window: the one with the least left; of those with as little, the one that resets last.

    `used` counts this request where it was allowed, and not where it was refused.
    """
    tightest = min(limits, key=lambda window: (max(limits[window] - used[window], 0), -_LENGTH[window]))
    resets_at = window_end(tightest, now)
    return RateState(
        window=tightest,
        limit=limits[tightest],
        used=used[tightest],
        resets_at=resets_at,
        retry_after_seconds=ceil((resets_at - now).total_seconds()),
        allowed=allowed,
    )


def no_rate_limit() -> None:
    """The rate-limit check of a change that no client asked for, or whose request was counted before."""
