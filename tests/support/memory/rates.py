"""Counters of requests in memory."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from slotline.domain.access.rate_limits import RateState, Window, rate_state
from tests.support.memory.faults import Faults


@dataclass
class MemoryRates:
    """`Rates`: a counter per principal and window."""

    faults: Faults = field(default_factory=Faults)
    counters: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, principal: str, limits: dict[Window, int], now: datetime, *, shows_use: bool = False) -> RateState:
        """Count one request in all windows, or in none where one is full."""
        del shows_use
        names = {
            Window.MINUTE: now.strftime("%Y-%m-%dT%H:%M"),
            Window.HOUR: now.strftime("%Y-%m-%dT%H"),
            Window.DAY: now.strftime("%Y-%m-%d"),
        }
        with self.faults.around(self.faults.counts), self._lock:
            allowed = all(self.counters[principal, name] < limits[window] for window, name in names.items())
            for name in names.values() if allowed else ():
                self.counters[principal, name] += 1
            used = {window: self.counters[principal, name] for window, name in names.items()}
        return rate_state(limits, used, now, allowed=allowed)
