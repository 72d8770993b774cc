"""Days on which something rare happens at one effect, word for word; the calendar judges the rest."""

from dataclasses import replace

import pytest

from slotline.domain.booking.calls import AssignmentMethod
from slotline.ports.apps import KeptPreset
from slotline.usecases.booking import keep_exceptions
from slotline.usecases.booking.keep_presets import RemovePreset
from slotline.usecases.shared.once import Once
from tests.support.builders.apps import SetClock
from tests.support.builders.audit import AUTHOR
from tests.support.builders.bookings import APP_ID, an_app
from tests.support.memory.faults import Fault
from tests.support.memory.presets import MemoryPresets
from tests.support.memory.receipts import MemoryReceipts
from tests.support.memory.running import NumberedIds, RecordedBackoff
from tests.support.memory.store import MemoryStore
from tests.support.worlds.calendar_world import Again, Ask, Pass, Request, World
from tests.support.worlds.wishes import Book, Cancel, Claim, Hold, Update
from tests.support.worlds.wishes_of_time import Disturb, Except, GiveBack

MORNING = 10 * 60


def last_of(world: World) -> Request:
    return world.requests[-1]


def test_a_booking_sent_twice_at_once_with_one_key_is_not_refused_for_its_own_sake() -> None:
    """The engine reads its candidates after the receipt: the other sending may have taken the last one between."""
    for method in (AssignmentMethod.ROUND_ROBIN, AssignmentMethod.POOL):
        world = World()
        for agent_id in ("agent-1", "agent-2"):
            world.act(Ask(Disturb(agent=agent_id, start=MORNING)))
        world.act(Ask(Book(method=method, start=MORNING)), [None, Again()])
        first, second = last_of(world).answers
        assert first.says == second.says
        assert (first.replayed, second.replayed) == (False, True)


def test_a_change_that_found_nothing_to_do_keeps_its_answer() -> None:
    world = World()
    world.act(Ask(Book(method=AssignmentMethod.POOL, start=MORNING)))
    world.act(Ask(Claim(agent="agent-1"), with_key=False))
    world.act(Ask(Claim(agent="agent-1")))
    nothing_to_do = last_of(world)
    world.act(Ask(Update(agent="agent-3"), with_key=False))
    world.act(Again(0))
    assert [answer.replayed for answer in nothing_to_do.answers] == [False, True]


def test_a_hold_whose_answer_was_lost_is_told_as_it_was_written() -> None:
    world = World()
    world.act(Ask(Hold(agent="agent-1", start=MORNING), with_key=False), [None, Fault.LOST_ANSWER, Pass(30)])
    (hold,) = world.last.holds.values()
    (answer,) = last_of(world).answers
    assert (hold.expires_at - world.clock.now()).total_seconds() == 270
    assert answer.says["expires_at"] == "2026-04-22T12:05:00.000Z"


def test_a_move_whose_answer_was_lost_is_not_made_again_over_somebody_elses() -> None:
    world = World()
    world.act(Ask(Book(agent="agent-1", start=MORNING)))
    other = Ask(Update(start=MORNING + 120), with_key=False)
    world.act(Ask(Update(start=MORNING + 60), with_key=False), [None, None, Fault.LOST_ANSWER, other])
    ours, theirs = world.requests[1:]
    assert (ours.answers, len(theirs.answers)) == ([], 1)
    (slot,) = world.last.active.values()
    assert slot.start % (24 * 60) == MORNING + 120


def test_a_move_that_surely_did_not_get_through_is_made_again() -> None:
    world = World()
    world.act(Ask(Book(agent="agent-1", start=MORNING)))
    other = Ask(Update(start=MORNING + 120), with_key=False)
    world.act(Ask(Update(start=MORNING + 60), with_key=False), [None, None, Fault.BUSY, other])
    ours, theirs = world.requests[1:]
    assert (len(ours.answers), len(theirs.answers)) == (1, 1)
    (slot,) = world.last.active.values()
    assert slot.start % (24 * 60) == MORNING + 60


def test_a_change_with_a_key_knows_its_own_effect_whatever_others_did_since() -> None:
    world = World()
    world.act(Ask(Book(agent="agent-1", start=MORNING)))
    world.act(Ask(Update(start=MORNING + 60)), [None, None, Fault.LOST_ANSWER, Ask(Cancel(), with_key=False)])
    moved, cancelled = world.requests[1:]
    assert (len(moved.answers), len(cancelled.answers)) == (1, 1)
    assert world.last.active == {}


def test_a_removal_whose_answer_was_lost_does_not_miss_what_it_removed() -> None:
    world = World()
    world.act(Ask(Disturb(agent="agent-1", start=MORNING)))
    world.act(Ask(GiveBack(which=0)), [None, None, Fault.LOST_ANSWER])
    assert len(last_of(world).answers) == 1
    assert world.last.blocks == {}


def test_a_preset_whose_removal_lost_its_answer_was_there() -> None:
    store = MemoryStore(SetClock())
    store.apps[APP_ID] = an_app()
    sales = replace(an_app().preset, preset_id="preset-2")
    store.presets[APP_ID, "preset-2"] = KeptPreset(preset=sales)
    store.faults.commits.append(Fault.LOST_ANSWER)
    once = Once(receipts=MemoryReceipts(store), clock=store.clock, backoff=RecordedBackoff(), ids=NumberedIds())
    assert RemovePreset(presets=MemoryPresets(store), once=once)(APP_ID, "preset-2", AUTHOR).preset == sales
    assert store.presets == {}


def test_a_booking_whose_answer_was_lost_is_answered_with_a_key_or_without() -> None:
    for with_key in (False, True):
        for wish in (Book(start=MORNING, agent="agent-1"), Book(start=MORNING, method=AssignmentMethod.POOL)):
            world = World(limited=True)
            world.act(Ask(wish, with_key), [None, None, Fault.LOST_ANSWER])
            world.act(Ask(replace(wish, start=MORNING + 60), with_key), [None, Fault.LOST_ANSWER, Fault.LOST_ANSWER])
            assert [len(request.answers) for request in world.requests] == [1, 1]


def test_several_changes_that_broke_off_go_on_where_they_were_and_not_over_somebody_elses() -> None:
    world = World()
    for hour in (0, 60):
        world.act(Ask(Book(agent="agent-1", start=MORNING + hour)))
    world.act(Ask(Update(which=(0, 1), agent="agent-2")), [None] * 4 + [Fault.CRASH_BEFORE])
    world.act(Ask(Update(which=0, agent="agent-3"), with_key=False))
    world.act(Again())
    assert [slot.agent_id for slot in world.last.active.values()] == ["agent-3", "agent-2"]


@pytest.mark.parametrize("at", range(5))
def test_no_part_of_an_exception_outlives_its_removal_whenever_its_request_comes_again(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_exceptions, "DAYS_AT_ONCE", 2)
    world = World()
    world.act(Ask(Except(agent="agent-1", first=1, days=5)), [None] * 4 + [Fault.CRASH_BEFORE])
    world.act(Ask(GiveBack(which=0)), [None] * at + [Again()])
    assert len(last_of(world).answers) == 1
    assert (world.last.blocks, [claims for claims in world.last.claims.values() if claims]) == ({}, [])
