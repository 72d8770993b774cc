"""What every folder of tests shares: the whole local system, started once for each worker of the run, and the log."""

import gc
import logging
import re
from collections.abc import Iterator
from io import StringIO

import pytest

from local.process import RunningSystem, running_system
from local.surroundings import ROOT
from slotline import observability
from tests.support import properties  # noqa: F401 - its profiles must be there when options are read


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` looks into some folders not at all: whatever is in them is a slow test, and lost to neither run."""
    named = re.search(r"^SLOW_ONLY := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert named, "the Makefile names them"
    folders = {ROOT / "tests" / name for name in named[1].split()}
    for item in items:
        if folders & set(item.path.parents):
            item.add_marker("slow")


def pytest_collection() -> None:
    """Twenty thousand tests are made, and none is thrown away."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there now stays to the end: nobody looks through it again for what may go."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def system() -> Iterator[RunningSystem]:
    """The running system. Tests that use it are marked `system`; its webhooks may go to receivers of theirs."""
    with running_system(ready_timeout=120, webhooks_to="127.0.0.0/8") as running:
        yield running


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What the functions' logger writes."""
    written = StringIO()
    (handler,) = (one for one in observability.logger.handlers if type(one) is logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", written)
    return written
