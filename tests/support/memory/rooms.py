"""Rooms in memory: instant calls are kept, a scheduled call's room is made from its booking."""

from dataclasses import dataclass, replace
from datetime import datetime

from slotline.domain.booking.apps import App
from slotline.domain.instant.rooms import VideoCall, VideoCallStatus, room_of
from slotline.domain.instant.seats import Happened
from slotline.domain.shared.due import Due
from slotline.domain.shared.idempotency import IdempotencyKey, Receipt
from slotline.domain.shared.instants import format_instant
from slotline.domain.shared.paging import Listed
from slotline.ports.shared import AlreadyWritten, RaceLost
from tests.support.memory.store import MemoryStore
from tests.support.memory.tokens import transaction


@dataclass
class MemoryRooms:
    """`Rooms` on a store in memory."""

    store: MemoryStore

    @transaction
    def open(self, call: VideoCall, receipt: Receipt | None) -> None:
        """All or nothing, under one lock."""
        if self._there(call.id):
            raise AlreadyWritten
        self.store.check_receipt(receipt)
        self.store.rooms[call.id] = call
        self.store.keep(receipt)

    def find(self, call_id: str) -> VideoCall | None:
        """One instant of the whole store."""
        with self.store.reading():
            return self._there(call_id)

    def app(self, app_id: str, preset_id: str) -> App | None:
        """One instant of the whole store."""
        with self.store.reading():
            app, kept = self.store.apps.get(app_id), self.store.presets.get((app_id, preset_id))
            return replace(app, preset=kept.preset) if app and kept else app

    def made(self, app_id: str, before: str, limit: int) -> Listed[VideoCall]:
        """One instant of the whole store."""
        with self.store.reading():
            of_app = [call for call in self.store.rooms.values() if call.app_id == app_id]
        places = {f"{format_instant(call.created_at)}#{call.id}": call for call in of_app}
        found = [place for place in sorted(places, reverse=True) if place < before]
        following = found[limit - 1] if len(found) > limit else None
        return Listed(rows=[places[place] for place in found[:limit]], next=following)

    @transaction
    def end(self, call: VideoCall, receipt: Receipt | None) -> None:
        """All or nothing, under one lock."""
        self.store.check_receipt(receipt)
        there = self.store.rooms.get(call.id)
        if there is None or there.is_over:
            raise RaceLost
        over = replace(there, status=VideoCallStatus.ENDED, ended_at=call.ended_at, ended_by=call.ended_by)
        self.store.rooms[call.id] = over
        self.store.keep(receipt)

    def happened(self, call: VideoCall, happened: Happened, key: IdempotencyKey) -> None:
        """All or nothing, under one lock."""
        with self.store.writing():
            place = (call.id, key.key)
            if place in self.store.room_events:
                return
            self.store.room_events[place] = happened
            there = self.store.rooms.get(call.id)
            if there is not None:
                self.store.rooms[call.id] = there.after(happened)

    def look_in_at(self, call_id: str, at: datetime) -> None:
        """One instant of the whole store."""
        with self.store.writing():
            if self._there(call_id):
                self.store.looks[call_id] = at

    def look_in_no_more(self, call_id: str, at: datetime) -> None:
        """One instant of the whole store."""
        with self.store.writing():
            if self.store.looks.get(call_id) == at:
                del self.store.looks[call_id]

    def due(self, due: Due) -> str | None:
        """One instant of the whole store."""
        with self.store.reading():
            call_id = due.pk.removeprefix("ROOM#")
            return call_id if self.store.looks.get(call_id) == due.at else None

    def _there(self, call_id: str) -> VideoCall | None:
        for (app_id, found), call in self.store.calls.items():
            if found == call_id and (app := self.store.ruled_as_booked(app_id, call)):
                return room_of(call, app)
        return self.store.rooms.get(call_id)
