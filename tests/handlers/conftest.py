"""Handlers on ports in memory, at a fixed present; on in-memory tables where a test asks for `tables`."""

from collections.abc import Iterator
from typing import Any

import pytest

from slotline.store.access import rates
from slotline.wiring import common
from tests.support.aws.moto_tables import aws_in_memory
from tests.support.aws.table_ports import TablePorts
from tests.support.builders.apps import SetClock, put_app
from tests.support.handlers import APP_ID, forget_wiring
from tests.support.memory.wiring import MemoryPorts


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A DynamoDB client; the tables hold nothing. For tests that are about the adapters: moto is slow."""
    # A process clears away what was counted in the hour before it began. Here that is nothing, in sixty expressions.
    monkeypatch.setattr(rates, "_KEPT_MINUTES", 0)
    with aws_in_memory() as client:
        forget_wiring()
        yield client
    forget_wiring()


@pytest.fixture
def ports(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryPorts | TablePorts]:
    """Where the handlers keep things."""
    if "tables" in request.fixturenames:
        on_tables = TablePorts(request.getfixturevalue("tables"))
        monkeypatch.setattr(common, "clock", lambda: on_tables.clock)
        monkeypatch.setattr(common, "world_clock", lambda: on_tables.clock)
        yield on_tables
        return
    in_memory = MemoryPorts(SetClock())
    with in_memory.in_place():
        yield in_memory


@pytest.fixture
def clock(ports: MemoryPorts | TablePorts) -> SetClock:
    """The handlers' clock."""
    return ports.clock


@pytest.fixture
def app(ports: MemoryPorts | TablePorts) -> str:
    """An app with two agents; its id."""
    put_app(ports, APP_ID)
    return APP_ID
