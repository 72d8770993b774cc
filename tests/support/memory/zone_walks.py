"""The walk after a change of zone rules, in memory, with the outcomes of the real adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from slotline.domain.booking.calls import Call
from slotline.domain.booking.lifecycle import next_step_at
from slotline.domain.booking.promises import PromisedTime
from slotline.domain.booking.zone_walks import AppWalk, ZoneWalk
from slotline.ports.shared import RaceLost
from slotline.store.booking.zone_walks import NAME
from slotline.store.dynamodb import keys
from tests.support.memory.store import MemoryStore

PAGE = 3
"""Few: a test has few calls, and shall turn pages."""


@dataclass
class MemoryZoneWalks:
    """`ZoneWalks` on the rows of a store."""

    store: MemoryStore
    kept: dict[str, ZoneWalk] = field(default_factory=dict)
    """The walk, if there is one; a dictionary, so that it may be behind several connections."""
    apps: dict[str, AppWalk] = field(default_factory=dict)
    page: int = PAGE

    def read(self) -> ZoneWalk | None:
        """The walk."""
        with self.store.reading():
            return self.walk

    @property
    def walk(self) -> ZoneWalk | None:
        """As it is."""
        return self.kept.get(NAME)

    def write(self, walk: ZoneWalk) -> ZoneWalk:
        """On condition that nobody wrote it since."""
        with self.store.writing():
            if walk.writes != (self.walk.writes if self.walk else 0):
                raise RaceLost
            self.kept[NAME] = replace(walk, writes=walk.writes + 1)
            return self.kept[NAME]

    def apps_with_calls(self, place: Mapping[str, object] | None) -> tuple[Sequence[str], Mapping[str, object] | None]:
        """A page of apps that have calls which wait for something."""
        with self.store.reading():
            waiting = sorted({call.app_id for call in self.store.calls.values() if next_step_at(call)})
        left = [app_id for app_id in waiting if place is None or app_id > str(place["app_id"])]
        page = left[: self.page]
        return page, {"app_id": page[-1]} if len(left) > len(page) else None

    def keep_app(self, app: AppWalk) -> None:
        """Keep it."""
        with self.store.writing():
            self.apps[app.app_id] = app

    def next_app(self) -> AppWalk | None:
        """The first one."""
        with self.store.reading():
            return self.apps[min(self.apps)] if self.apps else None

    def drop_app(self, app_id: str) -> None:
        """It is done."""
        with self.store.writing():
            self.apps.pop(app_id, None)

    def upcoming(self, app: AppWalk, now: datetime) -> tuple[Sequence[Call], tuple[str, str] | None]:
        """A page, from a full sort."""
        with self.store.reading():
            calls = {
                (call.month, keys.calendar_time(call.scheduled_at, call.id)): call
                for (app_id, _), call in self.store.calls.items()
                if app_id == app.app_id and call.scheduled_at > now
            }
        places = sorted(calls, reverse=app.is_back)
        if app.after is not None:
            places = [place for place in places if (place < app.after if app.is_back else place > app.after)]
        page = places[: self.page]
        return [calls[place] for place in page], page[-1] if len(places) > len(page) else None

    def keep_promise(self, call: Call, promised: PromisedTime) -> None:
        """Unless it has changed."""
        with self.store.writing():
            there = self.store.calls.get((call.app_id, call.id))
            if there is not None and there.revision == call.revision and there.promised is None:
                self.store.calls[call.app_id, call.id] = replace(there, promised=promised)
