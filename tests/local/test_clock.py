"""The local system's clock: what may be asked of it, and that every process follows."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.gateway.answers import Answer
from local.gateway.clock_page import FURTHEST_SECONDS, ClockPage
from local.gateway.events import Request
from local.surroundings import ROOT

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class StillClock:
    """A clock that moves only when it is told to, and moves nobody else's."""

    def __init__(self) -> None:
        self.offset = 0.0

    def advance(self, seconds: float) -> datetime:
        self.offset += seconds
        return self.now()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.offset)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def ask(clock: Any, method: str, body: bytes = b"", kind: str = "application/json") -> Answer:
    request = Request(
        method=method,
        raw_path="/__local/clock",
        query="",
        headers=(("content-type", kind),),
        body=body,
        client="127.0.0.1",
        protocol="HTTP/1.1",
        port=8000,
    )
    return asyncio.run(ClockPage(clock)(request))


def test_it_tells_the_time(clock: StillClock) -> None:
    answer = ask(clock, "GET")
    assert json.loads(answer.body) == {"now": "2026-05-01T12:00:00.000Z", "ahead_seconds": 0.0}


def test_it_is_moved_on(clock: StillClock) -> None:
    answer = ask(clock, "POST", b'{"advance_seconds": 86400.5}')
    assert answer.status == 200
    assert json.loads(answer.body) == {"now": "2026-05-02T12:00:00.500Z", "ahead_seconds": 86400.5}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"advance_seconds": -1}', "application/json", 400),
        (b'{"advance_seconds": NaN}', "application/json", 400),
        (b'{"advance_seconds": true}', "application/json", 400),
        (b'{"advance_seconds": "60"}', "application/json", 400),
        (f'{{"advance_seconds": {FURTHEST_SECONDS + 1}}}'.encode(), "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"60", "application/json", 400),
        (b"later", "application/json", 400),
        (b'{"advance_seconds": 60}', "text/plain", 415),
    ],
)
def test_what_it_cannot_do_moves_nothing(clock: StillClock, body: bytes, kind: str, status: int) -> None:
    answer = ask(clock, "POST", body, kind)
    assert answer.status == status
    assert "error" in json.loads(answer.body)
    assert clock.offset == 0


def test_it_takes_no_other_method(clock: StillClock) -> None:
    assert ask(clock, "DELETE").status == 405


SHIFTED = """
import time
from datetime import UTC, datetime
from local.shifted_time import move_to
started, ticking = time.time(), time.monotonic()
for offset in (3600.0, 3600.0, 90000.0):
    move_to(offset)
    assert abs(time.time() - started - offset) < 60, offset
    assert abs(datetime.now(UTC).timestamp() - time.time()) < 60
assert time.monotonic() - ticking < 60, "what is waited for does not jump"
"""


def test_a_process_is_as_far_ahead_as_it_is_told_to_be() -> None:
    done = subprocess.run([sys.executable, "-c", SHIFTED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


AGREED = """
import time
import time_machine
from local.shifted_time import move_to
real = time_machine.escape_hatch.time.time
for offset in (3600.0, 90000.0):
    move_to(offset)
    time.sleep(0.2)
    before, shown, after = real(), time.time(), real()
    assert before - 0.05 < shown - offset < after + 0.05, (offset, before, shown, after)
"""


def test_a_process_that_looks_at_its_clock_late_agrees_with_the_others() -> None:
    done = subprocess.run([sys.executable, "-c", AGREED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


TRUE = """
import time
from local.shifted_time import MachineClock, move_to
started, ticking = time.time(), time.monotonic()
for offset in (None, 3600.0, 90000.0, 0.0):
    if offset is not None:
        move_to(offset)
    passed = time.monotonic() - ticking
    assert abs(MachineClock().now().timestamp() - started - passed) < 1, offset
"""


def test_the_machines_time_is_known_before_a_process_is_moved_on_and_after_it() -> None:
    done = subprocess.run([sys.executable, "-c", TRUE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_on_a_tether_follows_the_lines_on_it(tmp_path: Any) -> None:
    (tmp_path / "told_time.py").write_text(
        "import time\nstarted = time.time()\nprint('up', flush=True)\n"
        "while time.time() - started < 3000:\n    time.sleep(0.01)\nprint('an hour later', flush=True)\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-m", "local.tethered", "told_time"],
        cwd=ROOT,
        env={"PYTHONPATH": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin
    assert program.stdout
    try:
        assert program.stdout.readline() == "up\n"
        program.stdin.write("3600.0\n")
        program.stdin.flush()
        assert program.stdout.readline() == "an hour later\n"
    finally:
        program.communicate(timeout=30)
