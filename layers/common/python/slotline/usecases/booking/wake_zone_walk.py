"""Every minute: see whether the rules of time zones are others than calls were last checked by, and have that done."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from slotline.domain.booking.promises import is_newer
from slotline.domain.booking.zone_walks import (
    SETTLED_AFTER,
    ZonePhase,
    ZoneWalk,
    first_sight,
    has_work,
    is_news,
    put_off,
)
from slotline.domain.shared.due import Due, DueKind
from slotline.ports.booking import ZoneWalks
from slotline.ports.shared import Clock, Queues, RaceLost


@dataclass(slots=True, kw_only=True)
class WakeZoneWalk:
    """Notes a new release at its first sight, and wakes the walk: once it may begin, and again if its walker died.

    Under older rules than were followed already it notes that somebody books by those.
    """

    walks: ZoneWalks
    queues: Queues
    clock: Clock
    release: str
    over_until: datetime | None = None
    """A process has the same rules to its end, so once they were followed it looks once an hour: the former release may
    have been back while it slept."""

    def __call__(self) -> bool:
        """Whether a wake-up was sent. Raises StoreBusyError or QueueBusyError: there is another minute."""
        now = self.clock.now()
        if self.over_until is not None and now < self.over_until:
            return False
        walk = self.walks.read()
        if walk is None or is_news(walk, self.release):
            self._note(first_sight(walk, self.release, now))
            return False
        if is_newer(walk.release, self.release):
            if (later := put_off(walk, now)) is not None:
                self._note(later)
            return False
        self.over_until = now + SETTLED_AFTER if walk.phase is ZonePhase.OVER else None
        if not has_work(walk, self.release, now):
            return False
        self.queues.send([Due(kind=DueKind.ZONE_RULES, pk="", sk="", at=now)], now)
        return True

    def _note(self, walk: ZoneWalk) -> None:
        with suppress(RaceLost):  # another process has seen it too, or a walker has got further
            self.walks.write(walk)
