"""One batch's changes are derived together; what can never be written holds up nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from slotline.ports.shared import Counter, Derived, RaceLost, StoreBusyError, Underivable
from slotline.usecases.shared.derive import HOLDS_UP_FOR, Derive
from tests.support.builders.apps import SetClock
from tests.support.memory.derivations import MemoryDerivations
from tests.support.memory.faults import Fault
from tests.support.memory.timing import MemoryDeadLetters

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
WAITING = Counter("APP#a#CALLS", "TOTAL", "waiting")


class Pauses:
    """`Backoff` that counts, and lets go on so often."""

    def __init__(self, most: int = 8) -> None:
        self.most, self.taken = most, 0

    def pause(self, _: int) -> bool:
        self.taken += 1
        return self.taken <= self.most


@dataclass
class Picky(MemoryDerivations):
    """Takes nothing of one subject; loses so many races first."""

    refuses: str = ""
    races: int = 0
    asked: list[int] = field(default_factory=list)

    def apply(self, changes: Sequence[Derived]) -> None:
        self.asked.append(len(changes))
        if self.races:
            self.races -= 1
            raise RaceLost
        if any(change.subject == self.refuses for change in changes):
            raise Underivable("ValidationException")
        super().apply(changes)


def waiting(subject: str) -> Derived:
    return Derived(subject=subject, version=1, counters=frozenset({WAITING}))


def derive(store: MemoryDerivations, letters: MemoryDeadLetters | None = None, pauses: Pauses | None = None) -> Derive:
    letters, pauses = letters or MemoryDeadLetters(), pauses or Pauses()
    return Derive(derivations=store, dead_letters=letters, backoff=pauses, clock=SetClock(NOW))


def test_a_batch_is_written_together() -> None:
    store = Picky()
    assert derive(store)([waiting("S#1"), waiting("S#2")]) == []
    assert (store.asked, store.sums[WAITING]) == ([2], 2)


def test_a_batch_without_changes_asks_nobody() -> None:
    store = Picky()
    derive(store)([])
    assert store.asked == []


def test_a_subject_that_can_never_be_written_is_put_aside_and_the_others_are_counted() -> None:
    store, letters = Picky(refuses="S#2"), MemoryDeadLetters()
    assert derive(store, letters)([waiting(f"S#{n}") for n in (1, 2, 3)]) == ["S#2"]
    assert store.sums[WAITING] == 2
    assert [letter["subject"] for letter in letters.letters] == ["S#2"]


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.LOST_ANSWER])
def test_a_busy_store_and_a_lost_answer_are_tried_again(fault: Fault) -> None:
    store, pauses = MemoryDerivations(), Pauses()
    store.faults.commits.append(fault)
    derive(store, pauses=pauses)([waiting("S#1")])
    assert (store.sums[WAITING], pauses.taken) == (1, 1)


def test_a_lost_race_is_tried_again_and_counts_once() -> None:
    store = Picky(races=3)
    derive(store)([waiting("S#1")])
    assert store.sums[WAITING] == 1


def test_a_store_that_stays_busy_is_told_so_that_the_batch_comes_again() -> None:
    store = MemoryDerivations()
    store.faults.commits.extend([Fault.BUSY] * 20)
    with pytest.raises(StoreBusyError):
        derive(store, pauses=Pauses(most=2))([waiting("S#1")])


def test_a_store_that_stays_busy_holds_up_what_is_behind_a_batch_for_a_quarter_of_an_hour_only() -> None:
    store, letters = MemoryDerivations(), MemoryDeadLetters()
    changes = [waiting("S#1"), waiting("S#2")]

    def come_again(since: datetime) -> Sequence[str]:
        store.faults.commits.extend([Fault.BUSY] * 20)
        return derive(store, letters, Pauses(most=2))(changes, since)

    with pytest.raises(StoreBusyError):
        come_again(NOW - HOLDS_UP_FOR + timedelta(seconds=1))
    assert letters.letters == []
    assert come_again(NOW - HOLDS_UP_FOR) == ["S#1", "S#2"]
    assert [(letter["subject"], letter["version"]) for letter in letters.letters] == [("S#1", 1), ("S#2", 1)]


def test_an_old_batch_is_written_if_the_store_is_not_busy() -> None:
    store, letters = MemoryDerivations(), MemoryDeadLetters()
    assert derive(store, letters)([waiting("S#1")], NOW - timedelta(hours=3)) == []
    assert (store.sums[WAITING], letters.letters) == (1, [])
