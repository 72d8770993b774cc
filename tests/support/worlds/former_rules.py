"""Two thousand calls, booked by the rules of whatever `tzdata` this process finds: run with another one before it.

`python -m tests.support.worlds.former_rules FILE`, with the folder of that package in PYTHONPATH. What is booked is
left in the file, to be followed by a process that has the pinned rules.
"""

import pickle
import random
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slotline import zone_rules
from slotline.domain.booking.apps import OnZoneChange
from slotline.domain.shared.errors import SlotTaken
from slotline.telephony.numbering import refusal_of
from slotline.usecases.booking.book_call import BookCall
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import APP_ID, JANE, OTHER_APP_ID, a_request, an_agent, an_app
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.memory.ticket_queue import MemoryTicketQueue

KEEPS_INSTANT, KEEPS_WALL_TIME = APP_ID, OTHER_APP_ID
"""Two apps, which differ in what their calls keep."""
UNTOUCHED = ("America/Bogota", "Europe/London", "Asia/Kathmandu")
ZONES = (
    *("America/Vancouver", "America/Winnipeg", "America/Edmonton", "America/Havana", "Africa/Casablanca"),
    *("Europe/Chisinau", *UNTOUCHED),
)
CALLS = 2_000
BOOKED_AT = datetime(2026, 8, 15, 12, tzinfo=UTC)
FIRST_DAY, DAYS = datetime(2026, 9, 1, tzinfo=UTC), 400
AGENTS = tuple(f"agent-{number:02}" for number in range(12))
_HALF_HOURS_A_DAY = 48
_MOVED_BY_AN_HOUR = (datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC))
"""Hours in which Chisinau's clocks change: its rules differ by when they do, so in these alone."""


@dataclass(frozen=True)
class Booked:
    """What a process leaves for the next one."""

    release: str
    kept: dict[str, Any]
    """The rows of a `MemoryStore`, by their attributes."""

    def store(self, clock: SetClock) -> MemoryStore:
        """A store that holds them."""
        store = MemoryStore(clock)
        for name, rows in self.kept.items():
            getattr(store, name).update(rows)
        return store


def book() -> Booked:
    """The calls, in both apps, on agents that are fairly full."""
    clock, dice = SetClock(BOOKED_AT), random.Random(2025)
    store = MemoryStore(clock)
    for app_id, keeps in ((KEEPS_INSTANT, OnZoneChange.KEEP_INSTANT), (KEEPS_WALL_TIME, OnZoneChange.KEEP_WALL_TIME)):
        store.apps[app_id] = an_app(app_id, on_zone_change=keeps, reminders={"invitation": ["email"]})
        store.agents |= {(app_id, agent_id): an_agent(agent_id) for agent_id in AGENTS}
    book_call = BookCall(
        bookings=store,
        clock=clock,
        ids=NumberedIds(),
        backoff=RecordedBackoff(),
        ticket_queue=MemoryTicketQueue(),
        screen=refusal_of,
    )
    while len(store.calls) < CALLS:
        zone = ZONES[len(store.calls) % len(ZONES)]
        request = a_request(
            app_id=dice.choice((KEEPS_INSTANT, KEEPS_WALL_TIME)),
            assigned_agent_id=dice.choice((*AGENTS[:4], *AGENTS)),
            app_timezone=zone,
            guest=replace(JANE, timezone=dice.choice((None, zone, *UNTOUCHED))),
            scheduled_at=_start(zone, dice),
            duration_minutes=dice.choice((30, 30, 60)),
        )
        with suppress(SlotTaken):
            book_call(request, None, lambda: None)
    rows = ("apps", "agents", "days", "calls", "events", "months", "reminders", "customers")
    return Booked(release=zone_rules.RELEASE, kept={name: getattr(store, name) for name in rows})


def _start(zone: str, dice: random.Random) -> datetime:
    """A half hour in the middle of the day, so that calls stand in each other's way; in Chisinau often at night."""
    if zone == "Europe/Chisinau" and dice.random() < 0.3:
        return dice.choice(_MOVED_BY_AN_HOUR) + timedelta(minutes=30 * dice.randrange(-4, 6))
    return FIRST_DAY + timedelta(days=dice.randrange(DAYS), minutes=30 * dice.randrange(24, _HALF_HOURS_A_DAY - 8))


if __name__ == "__main__":
    made = book()
    Path(sys.argv[1]).write_bytes(pickle.dumps((made.release, made.kept)))  # whoever reads it has no such `__main__`
