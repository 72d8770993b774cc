"""Somebody types what docs/booking.md says, as it is printed, and looks at the mails in between."""

import re
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
from icalendar import Calendar

from local.process import RunningSystem
from tests.support import patient
from tests.support.worlds.later import Later, until

pytestmark = pytest.mark.system

PAGE = Path(__file__).parents[2] / "docs/booking.md"


class Shell:
    """One bash that is typed into, block after block."""

    def __init__(self, folder: Path) -> None:
        self._bash = subprocess.Popen(
            ["bash", "-euo", "pipefail"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def type(self, lines: str) -> str:
        """What is printed to these lines."""
        assert self._bash.stdin
        assert self._bash.stdout
        end = uuid4().hex
        self._bash.stdin.write(f"{lines}\necho\necho {end}\n")
        self._bash.stdin.flush()
        printed = []
        for line in self._bash.stdout:
            if line == f"{end}\n":
                return "".join(printed)
            printed.append(line)
        raise AssertionError(f"bash ended:\n{''.join(printed)}")

    def close(self) -> None:
        self._bash.communicate(timeout=patient.SECONDS)


def test_a_service_is_booked_confirmed_moved_and_cancelled_as_printed(system: RunningSystem, tmp_path: Path) -> None:
    (tmp_path / ".local").symlink_to(system.state_dir)
    blocks = iter(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    shell, later = Shell(tmp_path), Later(system)
    assert '"slug":"bienvenida"' in shell.type(next(blocks) + next(blocks))
    assert '"hold":{' in shell.type(next(blocks))
    assert '"status":"pending_confirmation"' in shell.type(next(blocks))
    by_its_id = next(blocks)
    until(lambda: '"external_id":"deal-4711"' in shell.type(by_its_id), "a call that is found by its external id")
    call_id = shell.type("echo $CALL_ID").strip()
    steps = [("REQUEST", 0, "TENTATIVE"), ("REQUEST", 1, "CONFIRMED"), ("REQUEST", 2, "CONFIRMED")]
    steps += [("CANCEL", 3, "CANCELLED")]
    printed = []
    for number in range(len(steps)):  # the next block is typed once the mail about the one before has come
        until(lambda so_far=number + 1: len(later.messages([call_id])) == so_far, f"mail {number}")
        printed.append(shell.type(next(blocks, "")))
    shell.close()
    assert "200 text/html" in printed[0]
    assert '"status":"confirmed"' in printed[0]
    assert '"status":"cancelled"' in printed[2]
    assert '"actor_type":"guest"' in printed[2]
    calendars = [Calendar.from_ical(message["ics"]) for message in later.messages([call_id])]
    events = [calendar.walk("VEVENT")[0] for calendar in calendars]
    assert len({str(event["UID"]) for event in events}) == 1
    told = [
        (str(calendar["METHOD"]), int(event["SEQUENCE"]), str(event["STATUS"]))
        for calendar, event in zip(calendars, events, strict=True)
    ]
    assert told == steps
