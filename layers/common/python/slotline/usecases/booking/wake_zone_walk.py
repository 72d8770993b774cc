"""Every minute: see whether the rules of time zones are others than calls were last checked by, and have that done."""

from contextlib import suppress
from dataclasses import dataclass

from slotline.domain.booking.zone_walks import ZonePhase, first_sight, has_work, is_news
from slotline.domain.shared.due import Due, DueKind
from slotline.ports.booking import ZoneWalks
from slotline.ports.shared import Clock, Queues, RaceLost


@dataclass(slots=True, kw_only=True)
class WakeZoneWalk:
    """Notes a new release at its first sight, and wakes the walk: once it may begin, and again if its walker died."""

    walks: ZoneWalks
    queues: Queues
    clock: Clock
    release: str
    is_over: bool = False
    """A process has the same rules to its end, so once they were followed it need not look again."""

    def __call__(self) -> bool:
        """Whether a wake-up was sent. Raises StoreBusyError or QueueBusyError: there is another minute."""
        if self.is_over:
            return False
        walk, now = self.walks.read(), self.clock.now()
        if walk is None or is_news(walk, self.release):
            with suppress(RaceLost):  # another process has seen it too
                self.walks.write(first_sight(walk, self.release, now))
            return False
        self.is_over = walk.phase is ZonePhase.OVER and walk.release == self.release
        if not has_work(walk, self.release, now):
            return False
        self.queues.send([Due(kind=DueKind.ZONE_RULES, pk="", sk="", at=now)], now)
        return True
