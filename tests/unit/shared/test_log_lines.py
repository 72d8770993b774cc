"""A line of the log has the form that Powertools' logger gives it, and is written once."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from slotline import observability
from slotline.domain.booking.calls import CallStatus

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
FIELDS: dict[str, Any] = {
    "route": "POST /api/v1/guest/{token}/confirm",
    "status": 201,
    "milliseconds": 2.5,
    "client_id": None,
    "at": ["api.py:1 résolve"],
    "state": CallStatus.SCHEDULED,
    "when": datetime(2027, 5, 3, tzinfo=UTC),
}


@pytest.fixture
def powertools(request: pytest.FixtureRequest) -> tuple[Logger, StringIO]:
    """Powertools' logger, set up as ours is."""
    written = StringIO()
    logger = Logger(service=request.node.name, location=None, utc=True, stream=written)
    logger.append_keys(service="slotline", **observability.deployment())
    return logger, written


@pytest.mark.parametrize("level", ["info", "warning", "error"])
def test_a_line_is_that_of_powertools(
    level: str, log: StringIO, powertools: tuple[Logger, StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    theirs, written = powertools
    getattr(theirs, level)("answered", **FIELDS)
    getattr(observability.logger, level)("answered", **FIELDS)
    assert _without_its_time(log.getvalue()) == _without_its_time(written.getvalue())


def _without_its_time(line: str) -> str:
    found, times = re.subn(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\+0000", "", line)
    assert times == 1, line
    return found


def test_a_line_says_when_it_was_written(log: StringIO) -> None:
    before = datetime.now(UTC)
    observability.logger.info("answered")
    written = datetime.strptime(json.loads(log.getvalue())["timestamp"], "%Y-%m-%d %H:%M:%S,%f%z")
    assert -0.001 <= (written - before).total_seconds() < 60


def test_lambdas_own_handler_writes_no_line_a_second_time() -> None:
    """Lambda's runtime adds it to the root of Python's `logging` before it imports a function."""
    script = (
        "import logging, sys; logging.root.addHandler(logging.StreamHandler(sys.stdout));"
        "from slotline import observability; observability.logger.info('answered'); logging.error('of a library')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    ours, other = done.stdout.splitlines()
    assert (json.loads(ours)["message"], other) == ("answered", "of a library")


def test_a_function_that_reads_no_request_imports_nothing_of_powertools() -> None:
    script = "import sys; from slotline import observability; assert 'aws_lambda_powertools' not in sys.modules"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True)
