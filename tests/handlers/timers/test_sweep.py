"""The sweep's own work is told, whatever becomes of what it does beside that."""

from dataclasses import replace

import pytest

from slotline.ports.shared import StoreBusyError
from tests.support.aws.alarms import units
from tests.support.builders.apps import SetClock
from tests.support.builders.deadlines import Context
from tests.support.handlers import load_function
from tests.support.memory.faults import Fault, Faults
from tests.support.memory.wiring import MemoryPorts

A_MINUTE = Context(60_000)


def test_how_far_it_is_behind_is_counted_also_if_the_zone_walk_cannot_be_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ports = MemoryPorts(SetClock())
    faults = Faults()
    faults.reads.append(Fault.BUSY)
    ports.zone_walks = replace(ports.zone_walks, store=ports.store.with_faults(faults))
    with ports.in_place(), pytest.raises(StoreBusyError):
        load_function("timers/sweep").handler({}, A_MINUTE)
    assert units(capsys.readouterr().out).keys() == {"WakeUpsOverdue", "SweepBehindSeconds"}
