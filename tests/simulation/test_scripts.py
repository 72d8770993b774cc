"""Days on which something rare happens at one effect, word for word; the calendar judges the rest."""

from slotline.domain.calls import AssignmentMethod
from tests.support.memory import Fault
from tests.support.wishes import Book, Cancel, Claim, Disturb, Hold, Update
from tests.support.world import Again, Ask, Pass, Request, World

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
