"""A house with rooms in memory: people who come into them, talk, and leave."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from slotline.domain.booking.calls import Call
from slotline.domain.booking.guest_links import LinkKey, LinkKeys
from slotline.domain.booking.role_tokens import token_of
from slotline.domain.booking.rooms import CallSource, RoomKind, Side
from slotline.domain.instant.mail import Letter
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus, bound_to
from slotline.domain.instant.seats import Seats
from slotline.domain.instant.visits import Entered, Entering, Leaving, Page, Report, Synced
from slotline.domain.shared.due import Due, DueKind
from slotline.store.dynamodb import keys
from slotline.usecases.instant.delete_recording import DeleteRecording
from slotline.usecases.instant.enter_room import EnterRoom
from slotline.usecases.instant.follow_room import FollowRoom
from slotline.usecases.instant.leave_room import LeaveRoom
from slotline.usecases.instant.record import BringPart, CompleteRecordings, StartRecording
from slotline.usecases.instant.settle_room import SettleRoom
from slotline.usecases.instant.sync_room import SyncRoom
from tests.support.builders.bookings import APP_ID, new_id
from tests.support.memory.recordings import MemoryRecordingFiles, MemoryRecordings
from tests.support.memory.rooms import MemoryRooms
from tests.support.memory.seats import MemoryMailboxes, MemorySeatings
from tests.support.worlds.house import House

KEYS = LinkKeys((LinkKey(id=1, secret="s" * 32),))


@dataclass(frozen=True)
class Visitor:
    """Somebody who came in, or waits to."""

    entered: Entered
    secret: str

    @property
    def waits(self) -> bool:
        """Whether somebody else has the seat."""
        return self.entered.waits

    @property
    def seats(self) -> Seats:
        """As they were then."""
        return self.entered.seats

    @property
    def page(self) -> Page:
        """The page that they came in with."""
        seat = self.seats.of(self.entered.side)
        assert seat
        return Page(side=self.entered.side, secret=self.secret, tab=seat.tab)


class Parlour(House):
    """A house whose calls have rooms."""

    def __init__(self, **preset: Any) -> None:
        super().__init__(**preset)
        self._visitors = count(1)
        self.rooms, self.seatings = MemoryRooms(self.store), MemorySeatings(self.store)
        follow = FollowRoom(
            rooms=self.rooms, seatings=self.seatings, change_call=lambda: self._change, backoff=self.backoff
        )
        shared: dict[str, Any] = {
            "rooms": self.rooms,
            "seatings": self.seatings,
            "follow": follow,
            "clock": self.clock,
            "backoff": self.backoff,
        }
        self._enter = EnterRoom(**shared, keys=lambda: KEYS)
        self._sync = SyncRoom(**shared, mailboxes=MemoryMailboxes(self.store))
        self.recordings, self.files = MemoryRecordings(self.store), MemoryRecordingFiles()
        kept: dict[str, Any] = {"recordings": self.recordings, "files": self.files, "clock": self.clock}
        self.complete = CompleteRecordings(**kept)
        self.bring = BringPart(**kept)
        self.record = StartRecording(**kept, rooms=self.rooms, seatings=self.seatings, backoff=self.backoff)
        self.delete = DeleteRecording(recordings=self.recordings, files=self.files)
        self._leave, self._settle = LeaveRoom(**shared), SettleRoom(**shared, complete_left=self.complete.left)

    def instant(self, **changes: Any) -> str:
        """The id of an instant call."""
        call = VideoCall(
            **{
                "id": new_id(),
                "app_id": APP_ID,
                "kind": RoomKind.INSTANT,
                "status": VideoCallStatus.CREATED,
                "source": CallSource.WIDGET_KEY,
                "created_by": "widget-1",
                "created_at": self.clock.now(),
                "preset_id": "preset-1",
                "preview_enabled": True,
                "record_on_start": False,
                **changes,
            }
        )
        self.rooms.open(call, None)
        return call.id

    def soon(self, **changes: Any) -> Call:
        """A call that begins in five minutes."""
        call = self.book(**changes)
        self.clock.instant = call.scheduled_at - timedelta(minutes=5)
        return call

    def token(self, call_id: str, side: Side = Side.HOST) -> str:
        """A role token of a call as it is now."""
        call = self.rooms.find(call_id)
        assert call
        return token_of(KEYS, call_id, side, bound_to=bound_to(call, side), now=self.clock.now())

    def enter(self, call_id: str, side: Side, secret: str | None = None, token: str | None = None) -> "Visitor":
        """Somebody comes in: a new visitor, unless their secret is given; a host with a good token, unless that is."""
        shown = token if token is not None else self.token(call_id) if side is Side.HOST else None
        mine = secret or f"secret-{next(self._visitors)}"
        asked = Entering(side=side, token=shown, secret=mine, name=side.value.title())
        return Visitor(self._enter(call_id, asked), mine)

    def sync(self, call_id: str, visitor: Visitor, *letters: Letter, **more: Any) -> Synced:
        """Their page says that it is there."""
        said = {"is_linked": False, "after": "", **more}
        return self._sync(call_id, Report(page=visitor.page, letters=letters, **said))

    def admit(self, call_id: str, visitor: Visitor) -> Synced:
        """They let in whoever knocks."""
        waiting = self.seatings.read(call_id).knock
        assert waiting
        return self.sync(call_id, visitor, admits=waiting.id)

    def leave(self, call_id: str, visitor: Visitor, how: Leaving = Leaving.LEAVE) -> Seats:
        """They leave."""
        return self._leave(call_id, visitor.page, how)

    def look_in(self, call_id: str) -> Seats | None:
        """The room's wake-up, when it is due."""
        at = self.store.looks[call_id]
        self.clock.instant = max(self.clock.instant, at)
        return self._settle(Due(kind=DueKind.ROOM, **keys.room(call_id), at=at))

    def told(self, call_id: str) -> list[str]:
        """What the record of an instant call says has happened."""
        return [
            f"{one.what} {one.side}" if one.side else one.what.value
            for (of, _), one in self.store.room_events.items()
            if of == call_id
        ]
