"""The time that a call's own row asked for: a wall time and a zone, which stay while a government moves its clocks.

A call is planned for an instant. If the rules of its zone change, its wall time is another instant, and the call goes
out then, at the next opening of its hours as ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotline.domain.shared.instants import parse_instant
from slotline.domain.shared.wall_time import first_instant_from


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTime:
    """A wall time, `2027-03-14T09:00`, in a zone, and the instant that it was when it was last planned by."""

    wall: str
    zone: str
    at: datetime

    @classmethod
    def of(cls, day: date, clock: time | None, zone: str, at: datetime) -> "OwnTime":
        """Of a row: a date alone is its first moment."""
        wall = datetime.combine(day, clock or time.min).isoformat(timespec="minutes")
        return cls(wall=wall, zone=zone, at=at)

    def by_present_rules(self) -> datetime:
        """The instant that it is now. One that clocks jump over is the moment of the jump; of two, the first."""
        wall = datetime.fromisoformat(self.wall)
        try:
            return first_instant_from(wall.date(), wall.time(), ZoneInfo(self.zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self.at


def own_time_from_json(fields: Mapping[str, Any] | None) -> OwnTime | None:
    """The own time again that `plain` wrote."""
    return OwnTime(wall=fields["wall"], zone=fields["zone"], at=parse_instant(fields["at"])) if fields else None
