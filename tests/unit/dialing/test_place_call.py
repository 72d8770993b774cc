"""A wake-up comes twice: whoever claims the attempt dials, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import pytest

from slotline.domain.dialing.attempted_calls import AttemptedCall
from slotline.domain.dialing.calls import DialCall
from slotline.domain.dialing.rulings import Facts
from slotline.ports.dialing import DialWrite
from tests.support.memory.dials import due_of_dial
from tests.support.worlds.dial_world import MONDAY_MORNING, ORGANIZATION, DialWorld


@pytest.fixture
def world() -> DialWorld:
    """One call that is due, and nothing goes wrong."""
    world = DialWorld(seed=1, trouble=0, store_trouble=0)
    world.add_use_case(timezone="America/Bogota", work_start="00:00", work_end="24:00")
    world.add_number("number", calls_per_second=10, lines=10)
    world.add_campaign("campaign", "number")
    world.add_call("call", "campaign", MONDAY_MORNING, zones=("Europe/London",))
    return world


def test_two_workers_at_one_wake_up_in_the_same_millisecond_ring_the_phone_once(world: DialWorld) -> None:
    due = due_of_dial(world.dials.calls[ORGANIZATION, "call"])
    write, before_start = world.dials.write, world.facts.before_start
    both_have_read, both_have_written, both_have_looked = Barrier(2), Barrier(2), Barrier(2)
    winners, looked = list[str](), set[int]()

    def side_by_side(said: DialWrite) -> None:
        """Neither claims before both have decided to, and neither goes on before both have tried."""
        if not said.claims:
            write(said)
            return
        both_have_read.wait(timeout=10)
        try:
            write(said)
            winners.append(said.call.id)
        finally:
            both_have_written.wait(timeout=10)

    def looking(call: DialCall, attempt: int) -> tuple[Facts, AttemptedCall | None]:
        """If both were told that they won, neither dials before both have looked."""
        found = before_start(call, attempt)
        if len(winners) == 2 and get_ident() not in looked:
            looked.add(get_ident())
            both_have_looked.wait(timeout=10)
        return found

    world.dials.write = side_by_side  # type: ignore[method-assign] # between port and caller
    world.facts.before_start = looking  # type: ignore[method-assign] # the same
    with ThreadPoolExecutor(2) as workers:
        list(workers.map(world.place_call, [due, due]))
    assert len(winners) == 1
    assert len(world.carrier.rings) == 1


def test_the_same_wake_up_once_more_rings_no_phone(world: DialWorld) -> None:
    due = due_of_dial(world.dials.calls[ORGANIZATION, "call"])
    for _ in range(3):
        world.place_call(due)
    assert len(world.carrier.rings) == 1
