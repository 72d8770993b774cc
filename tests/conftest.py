"""What every folder of tests shares: the whole local system, started once for the run."""

from collections.abc import Iterator

import pytest

from local.process import RunningSystem, running_system


@pytest.fixture(scope="session")
def system() -> Iterator[RunningSystem]:
    """The running system. Tests that use it are marked `system`."""
    with running_system() as running:
        yield running
