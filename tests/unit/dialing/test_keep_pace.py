"""Lines are given back also where everybody who waits is writing to the same pace."""

from datetime import timedelta

from slotline.domain.dialing.pace import Start, Wait
from slotline.ports.dialing import KeptPace
from slotline.ports.shared import RaceLost
from slotline.usecases.dialing.keep_pace import KeepPace
from tests.support.builders.apps import SetClock
from tests.support.builders.dialing import MONDAY, a_dial_call, a_number
from tests.support.memory.dials import MemoryPaces
from tests.support.memory.running import RecordedBackoff


class CrowdedPaces(MemoryPaces):
    """Where somebody else is always sooner."""

    is_crowded = False

    def write(self, e164: str, kept: KeptPace) -> None:
        """Lost, once it is crowded."""
        if self.is_crowded:
            raise RaceLost
        super().write(e164, kept)


def test_a_line_comes_back_however_many_others_ask_for_one():
    paces, clock = CrowdedPaces(), SetClock(MONDAY)
    keep_pace = KeepPace(paces=paces, clock=clock, backoff=RecordedBackoff())
    number = a_number(lines=1)
    assert isinstance(keep_pace.take(a_dial_call(id="first"), 1, number), Start)
    clock.advance(seconds=10)
    assert isinstance(keep_pace.take(a_dial_call(id="second"), 1, number), Wait)
    paces.is_crowded = True
    keep_pace.give_back(a_dial_call(id="first"), 1)
    paces.is_crowded = False
    start = keep_pace.take(a_dial_call(id="second"), 1, number)
    assert isinstance(start, Start), "the only line is free again, not only when its lease ends"
    assert start.at - clock.now() < timedelta(seconds=2)
