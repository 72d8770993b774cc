"""Doors on in-memory tables, at a fixed present."""

from collections.abc import Iterator
from typing import Any

import pytest

from slotline.wiring import common
from tests.support.aws import aws_in_memory
from tests.support.doors import APP_ID, forget_wiring
from tests.support.scheduling import SetClock, put_app


@pytest.fixture
def tables() -> Iterator[Any]:
    """A DynamoDB client; the tables hold nothing."""
    with aws_in_memory() as client:
        forget_wiring()
        yield client
    forget_wiring()


@pytest.fixture
def clock(tables: Any, monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """The doors' clock."""
    del tables
    clock = SetClock()
    monkeypatch.setattr(common, "clock", lambda: clock)
    return clock


@pytest.fixture
def app(tables: Any, clock: SetClock) -> str:
    """An app with two agents; its id."""
    del clock
    put_app(tables, APP_ID)
    return APP_ID
