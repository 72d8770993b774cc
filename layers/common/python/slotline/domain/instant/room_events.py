"""What happened in the room of an instant call, as it is kept and told: no booking has a timeline that could say so."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from slotline.domain.booking.calls import EventType
from slotline.domain.booking.rooms import Side
from slotline.domain.instant.rooms import VideoCall
from slotline.domain.instant.seats import Happened, Happening

_MILLISECOND = timedelta(milliseconds=1)
_PLACES = 16
"""In a millisecond: more than the kinds of events of both sides."""
_TOLD_AS = {
    Happening.JOINED: EventType.JOINED,
    Happening.LEFT: EventType.LEFT,
    Happening.ENDED: EventType.ENDED,
}
"""Under which names it is told; that two are together is told by the second one who joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvent:
    """One thing that happened. `sequence` rises from event to event of a call, with gaps."""

    id: str
    app_id: str
    call_id: str
    sequence: int
    what: Happening
    side: Side | None
    at: datetime
    talked_seconds: int
    created_at: datetime

    @classmethod
    def of(cls, call: VideoCall, happened: Happened, event_id: str, now: datetime) -> Self:
        """The event of this, told now: in the order of telling, by the milliseconds of the call's life."""
        rank = list(Happening).index(happened.what) * (len(Side) + 1)
        place = rank + (list(Side).index(happened.side) + 1 if happened.side else 0)
        return cls(
            id=event_id,
            app_id=call.app_id,
            call_id=call.id,
            sequence=(now - call.created_at) // _MILLISECOND * _PLACES + place,
            what=happened.what,
            side=happened.side,
            at=happened.at,
            talked_seconds=int(happened.talked.total_seconds()),
            created_at=now,
        )

    @property
    def told_as(self) -> EventType | None:
        """What kind of event others are told of; None: of none."""
        return _TOLD_AS.get(self.what)
