"""A newcomer types what the README says, as it is printed."""

import re
import subprocess
from pathlib import Path

import pytest

from local.process import RunningSystem, running_system
from tests.support import patient
from tests.support.worlds.later import Later, until

pytestmark = pytest.mark.system

README = Path(__file__).parents[2] / "README.md"


def shell_lines(title: str) -> str:
    """The shell lines of a section, in order."""
    section = README.read_text(encoding="utf-8").split(f"## {title}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))


def signing_in() -> str:
    """What every section begins with: the lines of the first one up to the token, which book nothing yet."""
    return shell_lines("A first booking").partition("\n# A Monday")[0]


def typed(system: RunningSystem, folder: Path, *lines: str) -> str:
    """What is printed to somebody who types these lines into one shell."""
    (folder / ".local").symlink_to(system.state_dir)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=patient.SECONDS,
        check=True,
    ).stdout


def test_the_first_booking_works_as_printed(system: RunningSystem, tmp_path: Path) -> None:
    printed = typed(system, tmp_path, shell_lines("A first booking"))
    booked, listed, slots = re.findall(r'\{"data".*?"meta".*?\}\}?(?=\{"data"|$)', printed, re.DOTALL)
    assert '"status":"scheduled"' in booked
    assert '"guest_name":"Jane Doe"' in listed
    assert '"slots":[{' in slots


@pytest.mark.slow
def test_tomorrows_reminder_is_seen_today_and_the_campaign_after_it_works(tmp_path: Path) -> None:
    with running_system(ready_timeout=120) as system:  # its clock is moved: nobody else's may be
        sections = ("Tomorrow's reminder, today", "A first campaign")
        printed = typed(system, tmp_path, signing_in(), *(shell_lines(section) for section in sections))
        assert '"ahead_seconds": 3630.0' in printed
        assert '"name":"Renewals"' in printed, "the clock has moved on by more than a token lives"
        later = Later(system)
        until(lambda: len(later.messages()) >= 3, "an invitation and two reminders")
        found = {(message["kind"], message["channel"], message["to"]) for message in later.messages()}
    assert found == {
        ("invitation", "email", "juan@example.com"),
        ("reminder_24h", "email", "juan@example.com"),
        ("reminder_24h", "sms", "+573005550101"),
    }


def test_the_first_campaign_works_as_printed(system: RunningSystem, tmp_path: Path) -> None:
    printed = typed(system, tmp_path, signing_in(), shell_lines("A first campaign"))
    assert '"name":"Renewals"' in printed
    assert all(f'"phone_number":"+1202555014{last}"' in printed for last in range(3))
