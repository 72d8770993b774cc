"""Holding a slot, sent twice at once with one key: whatever the second one sees of the first, it gets its answer."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from slotline.domain.booking.holds import MOST_LIVE, client_holder
from slotline.domain.shared.errors import HoldLimitReached, SlotTaken
from slotline.ports.booking import Situation
from slotline.usecases.booking.hold_slot import Held, HoldRequest, HoldSlot
from tests.support.builders.apps import SetClock
from tests.support.builders.bookings import AGENT, APP_ID, TOMORROW, a_key, an_agent, an_app, minutes
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore


@dataclass
class TornReads:
    """A store whose next reading saw the receipt a moment before the rest: a read of rows is not of one moment."""

    store: MemoryStore
    left: int = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def read_for_booking(self, *asked: Any) -> Situation:
        seen = self.store.read_for_booking(*asked)
        self.left -= 1
        return replace(seen, receipt=None) if self.left >= 0 else seen


class Counter:
    """Where slots are held."""

    def __init__(self) -> None:
        self.clock, self.ids = SetClock(), NumberedIds()
        self.store = MemoryStore(self.clock)
        self.store.apps[APP_ID] = an_app()
        self.store.agents[APP_ID, AGENT] = an_agent()

    def hold(self, key: str | None = None, store: Any = None, **asked: Any) -> Held:
        hold_slot = HoldSlot(bookings=store or self.store, clock=self.clock, ids=self.ids, backoff=RecordedBackoff())
        usual = {"app_id": APP_ID, "holders": (client_holder("client-1"),), "agent_id": AGENT}
        request = HoldRequest(**{**usual, "start": TOMORROW, "seconds": 600, **asked})
        return hold_slot(request, a_key(key) if key else None, lambda: None)

    def twice(self, **asked: Any) -> tuple[Held, Held]:
        """With one key; the second sees what the first did, and not its receipt."""
        return self.hold("key-1", **asked), self.hold("key-1", TornReads(self.store), **asked)


def test_the_second_does_not_find_the_slot_taken_by_the_first() -> None:
    first, second = Counter().twice()
    assert (second.hold, second.answered_at, second.replayed) == (first.hold, first.answered_at, True)


def test_nor_the_replaced_hold_gone() -> None:
    counter = Counter()
    first, second = counter.twice(replaces=str(counter.hold().hold["id"]), start=TOMORROW + minutes(60))
    assert (second.hold, second.replayed) == (first.hold, True)


def test_nor_as_many_held_as_may_be() -> None:
    counter = Counter()
    for number in range(1, MOST_LIVE):
        counter.hold(start=TOMORROW + minutes(30 * number))
    first, second = counter.twice(start=TOMORROW)
    assert (second.hold, second.replayed) == (first.hold, True)
    with pytest.raises(HoldLimitReached):
        counter.hold(start=TOMORROW + minutes(30 * MOST_LIVE))


def test_who_has_no_part_in_it_is_told_that_the_slot_is_taken() -> None:
    counter = Counter()
    counter.twice()
    with pytest.raises(SlotTaken):
        counter.hold("key-2", TornReads(counter.store))
    with pytest.raises(SlotTaken):
        counter.hold()
